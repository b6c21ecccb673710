// What a store shows: its list of started runs, and a summary of each bundle that is there.

import type { AskedRun } from '../evidence/record.ts';
import type { RunsListLine } from '../evidence/runs-list.ts';
import type { BundleSummary } from './summary.ts';

export type ListedRun = {
  readonly run: string;
  readonly scenario: string;
  /** Of a run by a manifest of a pack. */
  readonly asked?: AskedRun;
  /** Place in the list: later ones started later. */
  readonly order: number;
  /** It was killed before its first record, so that there is no bundle to miss. */
  readonly neverBegan: boolean;
};

export type StoreView = {
  /** Runs that were started, oldest first. */
  readonly runs: readonly ListedRun[];
  readonly bundles: ReadonlyMap<string, BundleSummary>;
  /** Runs whose process still holds its lock. */
  readonly alive: ReadonlySet<string>;
  /** What is wrong with the list itself: nothing can be told from a store whose list is broken. */
  readonly listFaults: readonly string[];
  /** Digest of the list's last line. */
  readonly listHead: string;
};

export function listedRuns(lines: readonly RunsListLine[]): readonly ListedRun[] {
  const ends = new Map(
    lines.filter(({ state }) => state === 'ended').map((each) => [each.run, each]),
  );
  return lines
    .filter(({ state }) => state === 'started')
    .map(({ run, scenario, asked, seq, head }) => ({
      ...{ run, scenario, order: seq },
      ...(asked === undefined ? {} : { asked }),
      // The head that a journal has before its first record is also the one it then ends with.
      neverBegan: ends.get(run)?.head === head,
    }));
}
