// What the store's list of runs is told, and when.

import { headerDigest } from '../evidence/journal-chain.ts';
import { journalFormat } from '../evidence/record.ts';
import type { RunState } from '../evidence/run-state.ts';
import { listRun, type RunsListEntry } from '../evidence/runs-list.ts';
import type { Store } from '../evidence/store.ts';
import type { World } from './world.ts';

type Lists = Pick<World, 'files' | 'clock' | 'locks'>;

/** Before the run's first record, so that a run which was killed at once is still known. */
export async function listStarted(
  { clock, locks }: Lists,
  store: Store,
  entry: Pick<RunsListEntry, 'run' | 'app' | 'scenario' | 'lock' | 'asked'>,
): Promise<void> {
  const head = headerDigest({ format: journalFormat, run: entry.run, store: store.id });
  await listRun({ ...store, clock, locks }, { ...entry, state: 'started', head });
}

/** Of a run that died before its first record: its head at the end is the one it began with. */
export async function listNeverBegan(
  { clock, locks }: Lists,
  store: Store,
  { run, app, scenario, head }: Omit<RunsListEntry, 'state'>,
): Promise<void> {
  const entry = { run, app, scenario, head, state: 'ended', verdict: 'not-run' } as const;
  await listRun({ ...store, clock, locks }, entry);
}

export async function listEnded(
  { clock, locks }: Lists,
  store: Store,
  state: RunState,
): Promise<void> {
  const { run, app, scenario } = state.started;
  const { head, verdict } = state;
  await listRun({ ...store, clock, locks }, { run, app, scenario, state: 'ended', head, verdict });
}
