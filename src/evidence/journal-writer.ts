// The only writer of a journal. It redacts, numbers, dates and links what it is given, refuses what
// breaks the journal's rules, and makes durable what must be so before an effect.
//
// Appends are numbered in the order of the calls. Lines gather in memory while the file is busy and
// then go out in one write; those who wait for durability share one sync.

import assert from 'node:assert/strict';
import type { Clock } from '../ports/clock.ts';
import type { AppendFile, Files } from '../ports/files.ts';
import { sha256Hex } from './canonical.ts';
import { concat } from './concat.ts';
import {
  headerDigest,
  lineMaxBytes,
  renderRecord,
  type ChainPosition,
  type JournalHeader,
} from './journal-chain.ts';
import { journalRules } from './journal-rules.ts';
import { renderRepaired } from './json-repair.ts';
import { wrongData } from './record-shape.ts';
import type { Entry, JournalRecord, RecordType } from './record.ts';
import type { Redactor } from './redactor.ts';
import type { JournalReading } from './run-state.ts';

/** Beyond this many gathered bytes an append waits until they are written. */
const gatheredMaxBytes = 1 << 20;

const durableTypes: ReadonlySet<RecordType> = new Set([
  'run.started',
  'run.ended',
  'operation.started',
  'operation.ended',
  'undo.registered',
  'resource.intended',
]);

export type JournalState = ChainPosition & { readonly bytes: number };

export type Journal = {
  /**
   * The record as written, redacted. Durable when it returns if asked, or if the type always is.
   * Throws an AssertionError for an entry that the rules refuse, which is a bug, and the WorldError
   * of the disk; after one of those every later call throws it again.
   */
  readonly append: (entry: Entry, options?: { durable?: boolean }) => Promise<JournalRecord>;
  /** Everything appended so far is durable when it returns. */
  readonly sync: () => Promise<void>;
  /** `sync`, then closes the file also if that failed. */
  readonly close: () => Promise<void>;
  /** Of the last append, written or not. */
  readonly state: () => JournalState;
};

export type JournalOptions = {
  readonly files: Files;
  readonly clock: Clock;
  readonly path: string;
  readonly header: JournalHeader;
  readonly redactor: Redactor;
  /** Goes on after these records, cutting a torn last line off. The reading must have no fault. */
  readonly resume?: JournalReading;
  /** Makes durable what records point to; awaited before the records themselves are made so. */
  readonly beforeSync?: () => Promise<void>;
  /** Called in order with each record once it is linked, the writer's own notes included. */
  readonly onRecord?: (record: JournalRecord) => void;
};

export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { files, path, resume } = options;
  assert(resume?.fault === undefined, 'a journal with a fault is evidence and is not written on');
  const file = await files.openAppend(
    path,
    resume === undefined ? {} : { truncateTo: resume.goodBytes },
  );
  assert(resume !== undefined || file.sizeBytes === 0, `${path} holds a journal already`);
  const output = makeOutput(file, options.beforeSync);
  const chain = makeChain(options, output.gather);
  let closed = false;
  return {
    append: async (entry, { durable = false } = {}) => {
      assert(!closed, 'the journal is closed');
      output.check();
      const record = chain.link(entry);
      await output.written(durable || durableTypes.has(entry.type));
      return record;
    },
    sync: () => output.written(true),
    close: async () => {
      closed = true;
      try {
        await output.written(true);
      } finally {
        await file.close();
      }
    },
    state: chain.state,
  };
}

const encoder = new TextEncoder();

/** Turns entries into linked lines; all in one step, so that the order of calls is the order of records. */
function makeChain(
  { clock, header, redactor, resume, onRecord }: JournalOptions,
  gather: (line: Uint8Array) => void,
) {
  const rules = journalRules();
  for (const record of resume?.records ?? []) rules.admit(record);
  let wentBack = resume?.records.some(isWentBack) ?? false;
  let state = startOf(header, resume);

  const linkOne = (entry: Entry, at: string): JournalRecord => {
    const linked = { ...entry, at, seq: state.seq + 1, prev: state.head } as JournalRecord;
    const text = renderRepaired(linked, renderRecord, lineMaxBytes);
    assert(text !== undefined, `journal: ${entry.type} does not fit into a line`);
    const refusal = rules.admit(entry);
    assert(refusal === undefined, `journal: ${refusal ?? ''}`);
    const line = encoder.encode(`${text}\n`);
    const bytes = state.bytes + line.length;
    state = { seq: linked.seq, at, head: sha256Hex(line.subarray(0, -1)), bytes };
    gather(line);
    // As a reader will see it, down to the order of the keys: what is made of it now and what is
    // made of the file later must be the same bytes.
    const record = JSON.parse(text) as JournalRecord;
    onRecord?.(record);
    return record;
  };

  const link = (entry: Entry): JournalRecord => {
    const safe = { type: entry.type, data: redactor.redactJson(entry.data) };
    const wrong = wrongData(safe.type, safe.data);
    assert(wrong === undefined, `journal: ${wrong ?? ''}`);
    const now = clock.now().toISOString();
    if (now < state.at && !wentBack) {
      wentBack = true;
      linkOne(wentBackNote(now, state.at), state.at);
    }
    return linkOne(safe as Entry, now < state.at ? state.at : now);
  };
  return { link, state: () => state };
}

function startOf(header: JournalHeader, resume: JournalReading | undefined): JournalState {
  const last = resume?.records.at(-1);
  if (resume === undefined || last === undefined)
    return { seq: 0, head: headerDigest(header), at: '', bytes: 0 };
  return { seq: last.seq, head: resume.head, at: last.at, bytes: resume.goodBytes };
}

const wentBackCode = 'clock-went-back';

const isWentBack = (record: JournalRecord): boolean =>
  record.type === 'note' && record.data.code === wentBackCode;

const wentBackNote = (now: string, last: string): Entry => ({
  type: 'note',
  data: {
    code: wentBackCode,
    severity: 'warning',
    message: `The clock went back from ${last} to ${now}; times are held until it has caught up.`,
  },
});

type Waiting = { readonly durable: boolean; readonly settle: (error?: Error) => void };

/** Writes what has gathered, as long as something has, and tells those who wait for it. */
function makeOutput(file: AppendFile, beforeSync?: () => Promise<void>) {
  let lines: Uint8Array[] = [];
  let gatheredBytes = 0;
  let waiting: Waiting[] = [];
  let failure: Error | undefined;
  let draining = false;

  const writeGathered = async (): Promise<void> => {
    const [batch, told] = [lines, waiting];
    [lines, waiting, gatheredBytes] = [[], [], 0];
    try {
      if (failure !== undefined) throw failure;
      if (batch.length > 0) await file.append(concat(batch));
      if (told.some(({ durable }) => durable)) {
        await beforeSync?.();
        await file.sync();
      }
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
    for (const { settle } of told) settle(failure);
  };
  const drain = async (): Promise<void> => {
    draining = true;
    // Whoever appends in this same turn comes along.
    await Promise.resolve();
    while (lines.length > 0 || waiting.length > 0) await writeGathered();
    draining = false;
  };

  return {
    check: () => {
      if (failure !== undefined) throw failure;
    },
    gather: (line: Uint8Array): void => {
      lines.push(line);
      gatheredBytes += line.length;
      if (!draining) void drain();
    },
    written: (durable: boolean): Promise<void> => {
      const wait = durable || gatheredBytes > gatheredMaxBytes;
      const done = wait
        ? new Promise<void>((resolve, reject) => {
            const settle = (error?: Error) => {
              if (error === undefined) resolve();
              else reject(error);
            };
            waiting.push({ durable, settle });
          })
        : Promise.resolve();
      if (!draining) void drain();
      return done;
    },
  };
}
