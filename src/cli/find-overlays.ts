// The app's own checks, as its folder holds them, for the operations of one scenario.

import { join } from 'node:path';
import { discoverOverlays } from '../checks/overlay-discovery.ts';
import { nearest } from '../diagnostics/nearest.ts';
import { makeSource } from '../diagnostics/source.ts';
import type { OverlayRunner, OverlaySource } from '../ports/overlays.ts';
import type { OverlayFile } from '../scenario/plan.ts';
import type { RunScenario } from '../scenario/scenarios.ts';
import type { ProblemReport } from './load-manifest.ts';

export async function findOverlays(
  runner: OverlayRunner,
  { folder, scenario }: { readonly folder: string; readonly scenario: RunScenario },
  problems: ProblemReport,
): Promise<readonly OverlayFile[]> {
  const actions = scenario.operations.filter((name) => name.startsWith('custom-'));
  const sources = await runner.discover(join(folder, 'checks'));
  const elsewhere = sources.filter((source) => isElsewhere(source, actions));
  for (const source of elsewhere) problems.add(notAsked(source, scenario.id));
  const found = await discoverOverlays(
    sources.filter((source) => !elsewhere.includes(source)),
    ['custom', ...actions],
  );
  for (const each of found.problems) problems.add(each);
  return found.files;
}

/**
 * A check of an action that this scenario does not have belongs to another one. A name that is nearly an
 * action's is left to discovery, which reports it as misspelt.
 */
function isElsewhere({ path }: OverlaySource, actions: readonly string[]): boolean {
  const file = path.slice(path.lastIndexOf('/') + 1);
  const named =
    /^(custom-[^.]+)\..*\bcheck\b/.exec(file)?.[1] ??
    /^test_(custom_.+)\.py$/.exec(file)?.[1]?.replaceAll('_', '-');
  return (
    named !== undefined && !actions.includes(named) && nearest(named, [...actions]) === undefined
  );
}

const notAsked = ({ path, text }: OverlaySource, scenario: string) => ({
  source: makeSource(`checks/${path}`, text ?? ''),
  diagnostics: [
    {
      code: 'OV010',
      severity: 'warning' as const,
      message: `scenario \`${scenario}\` has no such action; this file is not asked`,
      span: { start: 0, end: 0 },
      hint: 'It is asked in a scenario file with that action.',
    },
  ],
});
