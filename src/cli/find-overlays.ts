// The app's own checks, as its folder holds them, for the operations of one scenario.

import { join } from 'node:path';
import { discoverOverlays } from '../checks/overlay-discovery.ts';
import { nearest } from '../diagnostics/nearest.ts';
import { makeSource } from '../diagnostics/source.ts';
import type { OverlayRunner, OverlaySource } from '../ports/overlays.ts';
import type { OverlayFile } from '../scenario/plan.ts';
import type { RunScenario } from '../scenario/scenarios.ts';
import { display, type ProblemReport } from './load-manifest.ts';

type FoundOverlays = {
  readonly files: readonly OverlayFile[];
  readonly notes: readonly { readonly code: string; readonly message: string }[];
};

export async function findOverlays(
  runner: OverlayRunner,
  { folder, scenario }: { readonly folder: string; readonly scenario: RunScenario },
  problems: ProblemReport,
): Promise<FoundOverlays> {
  const actions = scenario.operations.filter((name) => name.startsWith('custom-'));
  const sources = await runner.discover(join(folder, 'checks'));
  const elsewhere = sources.filter((source) => isElsewhere(source, actions));
  const found = await discoverOverlays(
    sources.filter((source) => !elsewhere.includes(source)),
    ['custom', ...actions],
    (path) => shellWord(display(join(folder, 'checks', path))),
  );
  // Discovery knows paths below checks/; a person, an editor and a terminal need the whole one.
  for (const { source, diagnostics } of found.problems)
    problems.add({
      source: makeSource(display(join(folder, 'checks', source.path)), source.text),
      diagnostics,
    });
  return { files: found.files, notes: elsewhere.map((source) => notAsked(source, scenario)) };
}

/** Copied from a hint, a path with a space or a quote is still one word. */
const shellWord = (text: string): string =>
  /^[\w./@%+,:=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

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

const notAsked = ({ path }: OverlaySource, { id }: RunScenario) => ({
  code: 'check-elsewhere',
  message: `checks/${path} belongs to an action that scenario ${id} does not have; it is not asked`,
});
