// The watch that a new run is to take over: the newest of the store that is the same and did not come
// to its end.

import { bundlePaths, bundleRoot } from '../evidence/bundle-paths.ts';
import { fold } from '../evidence/fold.ts';
import { readJournal } from '../evidence/journal-reader.ts';
import { journalFormat } from '../evidence/record.ts';
import type { RunState } from '../evidence/run-state.ts';
import { readRunsList } from '../evidence/runs-list.ts';
import type { Store } from '../evidence/store.ts';
import { watchScenario } from './run-watch.ts';
import { readWatchPlan, type WatchPlan } from './watch-judge.ts';
import { samplesOf, type Sample } from './watch-sample.ts';

export type EarlierWatch = { readonly plan: WatchPlan; readonly samples: readonly Sample[] };

/** One whose journal is gone, broken or other than the list noted is passed over: it proves nothing. */
export async function findWatch(store: Store, identity: string): Promise<EarlierWatch | undefined> {
  const { lines } = await readRunsList(store);
  const watches = lines.filter(
    ({ scenario, state }) => scenario === watchScenario && state === 'ended',
  );
  for (const { run, head } of watches.toReversed()) {
    const state = await readState(store, run, head);
    if (state?.started.head.digest !== identity) continue;
    const plan = readWatchPlan(state);
    if (state.ended?.outcome === 'completed' || plan === undefined) return undefined;
    const continues = [...plan.continues, { run, head }];
    return { plan: { ...plan, continues }, samples: samplesOf(state) };
  }
  return undefined;
}

async function readState(store: Store, run: string, head: string): Promise<RunState | undefined> {
  const { journal } = bundlePaths(bundleRoot(store.root, run));
  if ((await store.files.stat(journal)) === undefined) return undefined;
  const header = { format: journalFormat, run, store: store.id } as const;
  const reading = await readJournal(store.files.stream(journal), header);
  const isSound = reading.fault === undefined && reading.head === head;
  return isSound && reading.records.length > 0 ? fold(reading.records, reading.head) : undefined;
}
