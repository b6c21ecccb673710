// Reads a journal of any length in flat memory. A torn last line is a write that a crash cut off
// and is ignored; anything else that is wrong ends the reading and names its record.

import { sha256Hex } from './canonical.ts';
import { concat } from './concat.ts';
import {
  headerDigest,
  lineMaxBytes,
  parseRecord,
  type ChainPosition,
  type JournalHeader,
} from './journal-chain.ts';
import type { JournalRecord } from './record.ts';
import type { JournalReading } from './run-state.ts';

/** What is known of a journal after its last record was visited. */
export type JournalEnd = Omit<JournalReading, 'records'>;

const newline = 10;

/**
 * Calls `visit` for each good record in order, `head` being the digest of its line. With `expected`,
 * a journal of another run or store is a fault of its first record.
 */
export async function walkJournal(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  visit: (record: JournalRecord, head: string) => void,
  expected?: JournalHeader,
): Promise<JournalEnd> {
  const reader = lineReader(visit, expected);
  let carried: Uint8Array = new Uint8Array();
  for await (const chunk of bytes) {
    let from = 0;
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
      const piece = chunk.subarray(from, at);
      reader.line(carried.length === 0 ? piece : concat([carried, piece]));
      if (carried.length > 0) carried = new Uint8Array();
      from = at + 1;
    }
    // A copy, since whoever streams may use the chunk again.
    carried = concat([carried, chunk.subarray(from)]);
    if (carried.length > lineMaxBytes) reader.line(carried);
    if (reader.faulty()) break;
  }
  return reader.end(carried.length);
}

/** All records of a journal, for those that fit in memory; see `walkJournal`. */
export async function readJournal(
  bytes: AsyncIterable<Uint8Array>,
  expected?: JournalHeader,
): Promise<JournalReading> {
  const records: JournalRecord[] = [];
  const end = await walkJournal(bytes, (record) => records.push(record), expected);
  return { records, ...end };
}

function lineReader(
  visit: (record: JournalRecord, head: string) => void,
  expected: JournalHeader | undefined,
) {
  let position: ChainPosition | undefined;
  let goodBytes = 0;
  let fault: JournalEnd['fault'];
  return {
    faulty: () => fault !== undefined,
    line: (bytes: Uint8Array): void => {
      if (fault !== undefined) return;
      const record =
        bytes.length > lineMaxBytes
          ? `is longer than ${String(lineMaxBytes)} bytes`
          : parseRecord(bytes, position ?? expected);
      if (typeof record === 'string') {
        const seq = (position?.seq ?? 0) + 1;
        // One record is one line, so both numbers are the same until something is wrong.
        fault = { seq, line: seq, message: `Record ${String(seq)} ${record}.` };
        return;
      }
      position = { seq: record.seq, head: sha256Hex(bytes), at: record.at };
      goodBytes += bytes.length + 1;
      visit(record, position.head);
    },
    end: (carriedBytes: number): JournalEnd => ({
      head: position?.head ?? (expected === undefined ? '' : headerDigest(expected)),
      goodBytes,
      tornBytes: fault === undefined ? carriedBytes : 0,
      ...(fault === undefined ? {} : { fault }),
    }),
  };
}
