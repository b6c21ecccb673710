// Reads runs of a store for commands that only look.

import { join } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import { readObject } from '../evidence/object-store.ts';
import { readRunsList } from '../evidence/runs-list.ts';
import { readJournal } from '../evidence/journal-reader.ts';
import { fold } from '../evidence/fold.ts';
import type { ObjectRef } from '../evidence/record.ts';
import type { JournalReading, RunState } from '../evidence/run-state.ts';
import { WorldError } from '../ports/world-error.ts';
import { together } from '../ports/together.ts';
import { text, UsageError, type Terminal, type Values } from './command.ts';
import { exit } from './exit-codes.ts';

export const storeOf = (values: Values, { env }: Terminal): string =>
  text(values, 'store') ?? env['SEATRIAL_STORE'] ?? '.seatrial';

export type OpenedRun = {
  readonly run: string;
  readonly root: string;
  readonly reading: JournalReading;
  readonly state: RunState;
  readonly objects: (ref: ObjectRef) => Uint8Array | undefined;
  /** Why what is shown must not be believed; `verify` tells more. */
  readonly fault?: string;
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

export const hasRunsList = async (store: string): Promise<boolean> =>
  (await systemFiles.stat(join(store, 'runs.jsonl'))) !== undefined;

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
  if (reading.records.length === 0 && reading.fault === undefined)
    throw new UsageError(
      `run ${run} wrote no record`,
      'it died before it began; seatrial recover clears it',
    );
  if (reading.records.length === 0)
    throw new WorldError(
      'refused',
      `the journal of run ${run} is broken from its first record on`,
      {
        hint: `seatrial verify ${run} tells more`,
      },
    );
  const state = fold(reading.records, reading.head);
  const { contents, changed } = await readObjects(root, reading);
  const fault =
    reading.fault?.message ??
    (await elsewhere(store, run, state)) ??
    (await otherEnd(store, state)) ??
    changed;
  return {
    ...{ run, root, reading, state, objects: (ref) => contents.get(ref.sha256) },
    ...(fault === undefined ? {} : { fault }),
  };
}

/** Told on standard error; a bundle that was changed is never read as passed, nor as failed. */
export function exitCodeOf({ run, state, fault }: OpenedRun, { err }: Terminal): number {
  if (fault === undefined) return state.exitCode;
  err(`seatrial: run ${run} was changed after it was written: ${fault}\n`);
  err(`  hint: seatrial verify ${run} tells more\n`);
  return exit.unjudged;
}

/** A bundle that was put here is the evidence of another run, or of another store's. */
async function elsewhere(
  root: string,
  run: string,
  { started }: RunState,
): Promise<string | undefined> {
  if (started.run !== run) return `its journal is that of run ${started.run}`;
  const path = join(root, 'store.json');
  if ((await systemFiles.stat(path)) === undefined) return undefined;
  const { id } = JSON.parse(await systemFiles.readText(path, storeMaxBytes)) as { id?: unknown };
  return id === started.store ? undefined : 'its journal was written in another store';
}

const storeMaxBytes = 4096;

/** The store's list notes where a journal ended: one that was written anew ends elsewhere. */
async function otherEnd(root: string, { started, head }: RunState): Promise<string | undefined> {
  const { lines } = await readRunsList({ files: systemFiles, root, id: started.store });
  const ended = lines.findLast(({ run, state }) => run === started.run && state === 'ended');
  return ended === undefined || ended.head === head
    ? undefined
    : 'its journal is not the one that the list of runs knows';
}

/** Objects that reports show: small enough to open in place, and what their digest says they are. */
async function readObjects(
  root: string,
  { records }: JournalReading,
): Promise<{
  readonly contents: ReadonlyMap<string, Uint8Array>;
  readonly changed: string | undefined;
}> {
  const refs = new Map<string, ObjectRef>();
  for (const { data } of records)
    for (const ref of refsOf(data))
      // The first of some that share a digest; another that names another size is a fault of its own.
      if (ref.bytes <= objectMaxBytes) refs.set(`${ref.sha256} ${String(ref.bytes)}`, ref);
  const contents = new Map<string, Uint8Array>();
  let changed: string | undefined;
  const read = await together([...refs.values()], async (ref) => ({
    ref,
    found: await readObject(systemFiles, root, ref),
  }));
  for (const { ref, found } of read)
    if ('bytes' in found) contents.set(ref.sha256, found.bytes);
    else changed ??= found.fault;
  return { contents, changed };
}

function refsOf(data: object): readonly ObjectRef[] {
  if ('evidence' in data) return data.evidence as readonly ObjectRef[];
  if ('plan' in data) return [data.plan as ObjectRef];
  return 'object' in data ? [data.object as ObjectRef] : [];
}
