// The newest run of an app's scenario in this store that passed in full, by records alone.

import { bundleRoot } from '../evidence/bundle-paths.ts';
import { fold } from '../evidence/fold.ts';
import { readJournal } from '../evidence/journal-reader.ts';
import { journalFormat, type ReleaseIdentity } from '../evidence/record.ts';
import type { RunState } from '../evidence/run-state.ts';
import { readRunsList } from '../evidence/runs-list.ts';
import type { Store } from '../evidence/store.ts';
import type { Files } from '../ports/files.ts';
import type { LastGreen } from './run-level.ts';

export type GreenRun = LastGreen & { readonly head: ReleaseIdentity };

type Wanted = { readonly app: string; readonly scenario: string; readonly driver: string };

/**
 * Undefined when there is none. Only runs that the store's list knows to have passed are read; a
 * bundle that does not fold to `passed` is none, whatever the list says.
 */
export async function findLastGreen(
  files: Files,
  store: Store,
  wanted: Wanted,
): Promise<GreenRun | undefined> {
  const { lines } = await readRunsList(store);
  const passed = lines.filter(
    ({ app, scenario, state, verdict }) =>
      app === wanted.app &&
      scenario === wanted.scenario &&
      state === 'ended' &&
      verdict === 'passed',
  );
  for (const { run, head } of passed.toReversed()) {
    const state = await readRun(files, store, run);
    if (state !== undefined && state.head === head && isGreen(state, wanted))
      return { run, expected: state.started.expected, head: state.started.head };
  }
  return undefined;
}

const isGreen = ({ started, verdict }: RunState, { driver }: Wanted): boolean =>
  verdict === 'passed' &&
  started.selection === 'full' &&
  started.canary === undefined &&
  started.driver.kind === driver;

async function readRun(files: Files, store: Store, run: string): Promise<RunState | undefined> {
  const path = `${bundleRoot(store.root, run)}/journal.jsonl`;
  if ((await files.stat(path)) === undefined) return undefined;
  const header = { format: journalFormat, run, store: store.id } as const;
  const reading = await readJournal(files.stream(path), header);
  return reading.fault === undefined && reading.records.length > 0
    ? fold(reading.records, reading.head)
    : undefined;
}
