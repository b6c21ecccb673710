// What the store's list of runs is told, and when.

import { headerDigest } from '../evidence/journal-chain.ts';
import { journalFormat } from '../evidence/record.ts';
import type { RunState } from '../evidence/run-state.ts';
import { listRun } from '../evidence/runs-list.ts';
import type { Store } from '../evidence/store.ts';
import type { World } from './world.ts';

type Lists = Pick<World, 'files' | 'clock' | 'locks'>;

/** Before the run's first record, so that a run which was killed at once is still known. */
export async function listStarted(
  { clock, locks }: Lists,
  store: Store,
  { run, app, scenario }: { readonly run: string; readonly app: string; readonly scenario: string },
): Promise<void> {
  const head = headerDigest({ format: journalFormat, run, store: store.id });
  await listRun({ ...store, clock, locks }, { run, app, scenario, state: 'started', head });
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
