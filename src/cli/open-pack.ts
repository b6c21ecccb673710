// A pack from its folder, with its functions.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { overlayReaders } from '../checks/overlay-readers.ts';
import { stripTypes } from '../checks/strip-types.ts';
import { systemFiles } from '../drivers/files.ts';
import { importModules } from '../drivers/pack/import-modules.ts';
import type { PackModules } from '../lifecycle/scenario-session.ts';
import type { PackAction, PackCollector, PackObserver, PackSubject } from '../ports/pack.ts';
import { WorldError } from '../ports/world-error.ts';
import { loadPack, type Pack } from '../scenario/load-pack.ts';
import type { RegisterEntry } from '../scenario/register.ts';
import { UsageError } from './command.ts';
import { display, type ProblemReport } from './load-manifest.ts';

/** The folder of the pack that a scenario file belongs to; undefined for a file on its own. */
function packOf(scenarioFile: string): string | undefined {
  const folder = dirname(scenarioFile);
  const pack = dirname(folder);
  const here = relative(pack, folder) === 'scenarios' && existsSync(join(pack, 'pack.yaml'));
  return here ? pack : undefined;
}

/** A pack without subjects describes apps, which are deployed by a manifest. */
export const hasSubjects = (root: string): boolean =>
  existsSync(join(root, 'pack.yaml')) &&
  /^subjects:/m.test(readFileSync(join(root, 'pack.yaml'), 'utf8'));

export async function openPack(root: string, problems: ProblemReport): Promise<Pack> {
  const { pack, reports } = await loadPack(systemFiles, root, {
    readExports,
    display: display(root),
  });
  for (const report of reports) problems.add(report);
  problems.end();
  if (pack === undefined) throw new Error('a pack without problems is loaded');
  return pack;
}

/** Undefined for a module that is no JavaScript once its types are gone. */
async function readExports(path: string, text: string): Promise<ReadonlySet<string> | undefined> {
  const stripped = path.endsWith('.ts') ? await stripTypes(text, path) : { code: text };
  if (!('code' in stripped)) return undefined;
  const { parse } = await import('es-module-lexer/js');
  try {
    return new Set(
      parse(stripped.code)[1].flatMap((each) => (each.type === 'reexport-all' ? [] : [each.name])),
    );
  } catch {
    return undefined;
  }
}

export type PackFunctions = {
  readonly modules: PackModules;
  readonly subject: (name: string) => PackSubject | undefined;
};

export async function loadFunctions(pack: Pack): Promise<PackFunctions> {
  const { actions, observers, subjects } = pack.file;
  const named = [
    ...Object.values(actions),
    ...Object.values(observers),
    ...subjects.map(({ open }) => open),
    ...[...pack.register.values()].map(({ collector }: RegisterEntry) => collector),
  ];
  const paths = [...new Set(named.map((at) => at.split('#', 1)[0] ?? ''))].sort();
  const loaded = await importModules(pack.root, paths, overlayReaders.stripTypes);
  const find = (at: string | undefined, what: string): unknown => {
    const [path = '', name = ''] = (at ?? '').split('#');
    const found = loaded.get(path)?.[name];
    if (found === undefined) throw new WorldError('refused', `the pack has no ${what} ${at ?? ''}`);
    return found;
  };
  return {
    modules: {
      action: (name) => find(actions[name], 'action') as PackAction,
      observer: (name) => find(observers[name], 'observer') as PackObserver,
      collector: (at) => find(at, 'collector') as PackCollector,
    },
    subject: (name) => {
      const at = subjects.find(({ id }) => id === name)?.open;
      return at === undefined ? undefined : (find(at, 'subject') as PackSubject);
    },
  };
}

/** Exactly one of the two ids. */
export type OpenedPackFile = { readonly pack: Pack } & (
  { readonly scenario: string } | { readonly validation: string }
);

/** The scenario or validation that a file of a pack holds, where the pack brings what it runs on. */
export async function openPackScenario(
  scenarioFile: string,
  problems: ProblemReport,
): Promise<OpenedPackFile | undefined> {
  const root = packOf(scenarioFile);
  if (root === undefined || !hasSubjects(root)) return undefined;
  const pack = await openPack(root, problems);
  const isAsked = ({ path }: { readonly path: string }): boolean =>
    join(root, path) === scenarioFile;
  const scenario = [...pack.scenarios.values()].find(isAsked);
  if (scenario !== undefined) return { pack, scenario: scenario.value.metadata.id };
  const validation = [...pack.validations.values()].find(isAsked);
  if (validation !== undefined) return { pack, validation: validation.value.metadata.id };
  throw new UsageError(`${display(scenarioFile)} is no scenario of its pack`);
}
