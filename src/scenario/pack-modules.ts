import type { PackFile } from './pack-file.ts';
import { collectorProblems } from './register.ts';
import type { ScenarioFound } from './scenario-context.ts';

/** CK002 for functions that pack.yaml names and no module of the pack exports. */
export function moduleProblems(
  { actions, observers, subjects }: PackFile,
  modules: ReadonlyMap<string, ReadonlySet<string>>,
): readonly ScenarioFound[] {
  const named = [
    ...Object.entries(actions).map(([name, at]) => ({ at, path: ['actions', name] })),
    ...Object.entries(observers).map(([name, at]) => ({ at, path: ['observers', name] })),
    ...subjects.map(({ open }, index) => ({ at: open, path: ['subjects', index, 'open'] })),
  ];
  return named.flatMap(({ at, path }) =>
    collectorProblems(at, path, { exportsOf: (module) => modules.get(module) }),
  );
}
