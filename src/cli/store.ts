// Reads runs of a store for commands that only look.

import { join } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import { readJournal } from '../evidence/journal-reader.ts';
import { fold } from '../evidence/fold.ts';
import type { ObjectRef } from '../evidence/record.ts';
import type { JournalReading, RunState } from '../evidence/run-state.ts';
import { text, UsageError, type Terminal, type Values } from './command.ts';

export const storeOf = (values: Values, { env }: Terminal): string =>
  text(values, 'store') ?? env['SEATRIAL_STORE'] ?? '.seatrial';

export type OpenedRun = {
  readonly run: string;
  readonly root: string;
  readonly reading: JournalReading;
  readonly state: RunState;
  readonly objects: (ref: ObjectRef) => Uint8Array | undefined;
};

export async function runIds(store: string): Promise<readonly string[]> {
  const folder = join(store, 'runs');
  if ((await systemFiles.stat(folder)) === undefined) return [];
  const entries = await systemFiles.list(folder);
  return entries
    .filter(({ kind }) => kind === 'directory')
    .map(({ name }) => name)
    .sort();
}

/** One run by id, by a unique beginning of it, or the newest when none is named. */
export async function chooseRun(store: string, asked: string | undefined): Promise<string> {
  const ids = await runIds(store);
  const newest = ids.at(-1);
  if (newest === undefined)
    throw new UsageError(`no run in store ${store}`, 'seatrial run makes one');
  if (asked === undefined) return newest;
  const matches = ids.filter((id) => id === asked || id.startsWith(asked) || id.endsWith(asked));
  const [only] = matches;
  if (only === undefined)
    throw new UsageError(
      `no run ${JSON.stringify(asked)} in store ${store}`,
      'seatrial runs lists all',
    );
  if (matches.length > 1)
    throw new UsageError(
      `${JSON.stringify(asked)} means ${String(matches.length)} runs`,
      matches.join(', '),
    );
  return only;
}

const objectMaxBytes = 8 * 1024 * 1024;

export async function openRun(store: string, asked: string | undefined): Promise<OpenedRun> {
  const run = await chooseRun(store, asked);
  const root = join(store, 'runs', run);
  const journal = join(root, 'journal.jsonl');
  if ((await systemFiles.stat(journal)) === undefined)
    throw new UsageError(
      `run ${run} has no journal`,
      'it died before it began; seatrial recover clears it',
    );
  const reading = await readJournal(systemFiles.stream(journal));
  const head = 'head' in reading && typeof reading.head === 'string' ? reading.head : '';
  if (reading.records.length === 0)
    throw new UsageError(
      `run ${run} wrote no record`,
      'it died before it began; seatrial recover clears it',
    );
  const state = fold(reading.records, head);
  const contents = await readObjects(root, reading);
  return { run, root, reading, state, objects: (ref) => contents.get(ref.sha256) };
}

/** Objects that reports show: small enough to open in place. */
async function readObjects(
  root: string,
  { records }: JournalReading,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  for (const { data } of records)
    for (const ref of refsOf(data)) {
      if (contents.has(ref.sha256) || ref.bytes > objectMaxBytes) continue;
      const path = join(root, 'objects', ref.sha256.slice(0, 2), ref.sha256);
      if ((await systemFiles.stat(path)) !== undefined)
        contents.set(ref.sha256, await systemFiles.read(path, objectMaxBytes));
    }
  return contents;
}

function refsOf(data: object): readonly ObjectRef[] {
  if ('evidence' in data) return data.evidence as readonly ObjectRef[];
  if ('plan' in data) return [data.plan as ObjectRef];
  return 'object' in data ? [data.object as ObjectRef] : [];
}
