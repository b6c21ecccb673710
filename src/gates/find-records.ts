// The manual records that a store holds: each is a short run of its own.

import { bundleRoot, bundlePaths } from '../evidence/bundle-paths.ts';
import { fold } from '../evidence/fold.ts';
import { journalFormat } from '../evidence/record.ts';
import { readJournal } from '../evidence/journal-reader.ts';
import { readObject } from '../evidence/object-store.ts';
import { readRunsList } from '../evidence/runs-list.ts';
import type { Store } from '../evidence/store.ts';
import type { FoundRecord } from './manual-record.ts';
import { manualScenario } from './manual-record.ts';

/** Name of the observation that holds the signed record. */
export const recordObservation = 'manual-record';

/**
 * In the order of the store's list. A bundle that is gone, broken, or other than the list noted at
 * its end is passed over: it proves nothing.
 */
export async function findRecords(store: Store): Promise<readonly FoundRecord[]> {
  const { lines } = await readRunsList(store);
  const found: FoundRecord[] = [];
  for (const { run, head } of lines.filter(
    ({ scenario, state }) => scenario === manualScenario && state === 'ended',
  )) {
    const record = await readRecord(store, run, head);
    if (record !== undefined) found.push(record);
  }
  return found;
}

async function readRecord(
  store: Store,
  run: string,
  head: string,
): Promise<FoundRecord | undefined> {
  const { files } = store;
  const root = bundleRoot(store.root, run);
  const { journal } = bundlePaths(root);
  if ((await files.stat(journal)) === undefined) return undefined;
  const header = { format: journalFormat, run, store: store.id } as const;
  const reading = await readJournal(files.stream(journal), header);
  if (reading.fault !== undefined || reading.head !== head) return undefined;
  const state = fold(reading.records, reading.head);
  const refs = state.checks.flatMap(({ evidence }) => evidence);
  const signed = state.operations
    .flatMap(({ observations }) => observations)
    .find(({ what }) => what === recordObservation);
  if (signed === undefined) return undefined;
  const envelope = await readObject(files, root, signed.object);
  if (!('bytes' in envelope)) return undefined;
  const objects = new Map<string, Uint8Array>();
  for (const ref of refs) {
    const read = await readObject(files, root, ref);
    if ('bytes' in read) objects.set(ref.sha256, read.bytes);
  }
  return { envelope: new TextDecoder().decode(envelope.bytes).trimEnd(), objects };
}
