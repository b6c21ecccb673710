// One line of a journal: how it is rendered, and what must hold when it is read again.

import type { Json } from '../ports/json.ts';
import { canonicalJson, sha256Hex } from './canonical.ts';
import { wrongData } from './record-shape.ts';
import { journalFormat, type JournalRecord } from './record.ts';

/** A longer line is neither written nor read: it bounds the memory of whoever reads. */
export const lineMaxBytes = 1 << 20;

/** Fixed before the first record. Its digest is the first `prev`, and `run.started` repeats it. */
export type JournalHeader = {
  readonly format: typeof journalFormat;
  readonly run: string;
  readonly store: string;
};

export const headerDigest = ({ format, run, store }: JournalHeader): string =>
  sha256Hex(canonicalJson({ format, run, store }));

/** Where a chain stands: the last record's sequence number (the first is 1), line digest and time. */
export type ChainPosition = { readonly seq: number; readonly head: string; readonly at: string };

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const fields = 'at,data,prev,seq,type';
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

export const renderRecord = (record: JournalRecord): string => canonicalJson(record);

/** The record in a line, without its newline, that follows `position`; or what is wrong with it. */
export function parseRecord(
  line: Uint8Array,
  position: ChainPosition | JournalHeader | undefined,
): JournalRecord | string {
  const value = parseCanonical(line);
  if (value === undefined) return 'is not canonical JSON';
  // Canonical, so the keys are sorted already.
  if (Object.keys(value).join() !== fields) return 'does not have the fields of a record';
  const wrong = wrongData(value['type'], value['data']);
  if (wrong !== undefined) return `cannot be used: ${wrong}`;
  if (typeof value['at'] !== 'string' || !instant.test(value['at'])) return 'has no valid time';
  const record = value as unknown as JournalRecord;
  return wrongPlace(record, position) ?? record;
}

function parseCanonical(line: Uint8Array): Record<string, unknown> | undefined {
  try {
    const text = utf8.decode(line);
    const value = JSON.parse(text) as Json;
    if (typeof value !== 'object' || value === null || canonicalJson(value) !== text)
      return undefined;
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function wrongPlace(
  record: JournalRecord,
  position: ChainPosition | JournalHeader | undefined,
): string | undefined {
  if (position === undefined || 'format' in position) return wrongFirst(record, position);
  if (record.seq !== position.seq + 1) return `has number ${String(record.seq)}`;
  if (record.prev !== position.head) return 'does not link to the line before it';
  return record.at < position.at ? 'is older than the record before it' : undefined;
}

function wrongFirst(record: JournalRecord, header: JournalHeader | undefined): string | undefined {
  if (record.seq !== 1) return `has number ${String(record.seq)}`;
  if (record.type !== 'run.started') return 'is not run.started';
  const { format, run, store } = record.data;
  // Read from a file, so it can be of another version.
  if ((format as string) !== journalFormat) return `is of the unknown format ${format}`;
  if (header !== undefined && (header.run !== run || header.store !== store))
    return `belongs to run ${run} of store ${store}`;
  return record.prev === headerDigest({ format, run, store })
    ? undefined
    : 'does not link to the run header';
}
