import type { BundleReading } from '../evidence/bundle-reading.ts';
import { observationNames, readProofObservation } from '../evidence/observed.ts';
import type { RunState } from '../evidence/run-state.ts';
import { readJsonObject } from './judge-stored.ts';
import type { BundleSummary } from './summary.ts';

const names: ReadonlySet<string> = new Set(Object.values(observationNames));
/** What a product says of its planted faults takes part in every status, so no bundle may hide it. */
const countMax = 10_000;

/** Observations that proofs are made from, in journal order. One that cannot be read is none. */
export async function readObservations(
  { operations }: RunState,
  reading: BundleReading,
): Promise<BundleSummary['observations']> {
  const records = operations
    .flatMap(({ observations }) => observations)
    .filter(({ what }) => names.has(what))
    .sort((a, b) => a.seq - b.seq)
    .slice(0, countMax);
  const read: BundleSummary['observations'][number][] = [];
  for (const { object, seq, what } of records) {
    const json = await readJsonObject(object, reading);
    const value = json === undefined ? undefined : readProofObservation(json);
    if (value !== undefined && observationNames[value.schema] === what) read.push({ seq, value });
  }
  return read;
}
