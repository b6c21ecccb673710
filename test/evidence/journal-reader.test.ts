import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { canonicalJson, sha256Hex } from '../../src/evidence/canonical.ts';
import { fold } from '../../src/evidence/fold.ts';
import { headerDigest, type JournalHeader } from '../../src/evidence/journal-chain.ts';
import { readJournal, walkJournal } from '../../src/evidence/journal-reader.ts';
import type { Entry, JournalRecord } from '../../src/evidence/record.ts';
import type { Json, JsonObject } from '../../src/ports/json.ts';
import { header, note, runStarted, wholeRun } from './sample-run.ts';

const encoder = new TextEncoder();

/** Links entries as the format says, without the writer; `change` may spoil a record before it is linked. */
function journalOf(
  entries: readonly Entry[],
  change: (record: JsonObject, index: number) => JsonObject = (record) => record,
): Uint8Array {
  let prev = headerDigest(header);
  let text = '';
  for (const [index, entry] of entries.entries()) {
    const at = new Date(Date.UTC(2026, 0, 1) + index).toISOString();
    const line = canonicalJson(change({ ...entry, at, seq: index + 1, prev }, index));
    text += `${line}\n`;
    prev = sha256Hex(line);
  }
  return encoder.encode(text);
}

async function* chunked(bytes: Uint8Array, cuts: readonly number[] = []) {
  await Promise.resolve();
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length];
  let from = 0;
  for (const end of ends.sort((a, b) => a - b)) {
    yield bytes.slice(from, end);
    from = end;
  }
}

const read = (bytes: Uint8Array, expected?: JournalHeader) => readJournal(chunked(bytes), expected);

let whole: Uint8Array;
let records: readonly JournalRecord[];
beforeAll(async () => {
  whole = journalOf(wholeRun());
  ({ records } = await read(whole, header));
});

test('reads every record, however the bytes arrive', async () => {
  expect(records).toHaveLength(wholeRun().length);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 8 }), async (cuts) => {
      const reading = await readJournal(chunked(whole, cuts), header);
      expect(reading).toEqual(await read(whole));
    }),
  );
});

test('cut at any byte, it holds the whole records, no fault, and passes only with its end', async () => {
  const reading = await read(whole);
  for (let length = 0; length <= whole.length; length += 1) {
    const cut = await read(whole.subarray(0, length));
    expect(cut.fault).toBeUndefined();
    expect(cut.goodBytes + cut.tornBytes).toBe(length);
    expect(reading.records.slice(0, cut.records.length)).toEqual(cut.records);
    if (cut.records.length === 0) continue;
    const passes = fold(cut.records, cut.head).verdict === 'passed';
    expect(passes).toBe(cut.records.length === records.length);
  }
});

test('a flip of any byte is a fault of its record or the next, a torn line, or another head', async () => {
  const reading = await read(whole);
  const lineOf = (at: number) => whole.subarray(0, at).filter((byte) => byte === 10).length + 1;
  await fc.assert(
    fc.asyncProperty(
      fc.nat(whole.length - 1),
      fc.integer({ min: 1, max: 255 }),
      async (at, mask) => {
        const spoiled = whole.slice();
        spoiled[at] = (whole[at] ?? 0) ^ mask;
        const { fault, tornBytes, head } = await read(spoiled);
        if (fault === undefined) {
          expect(lineOf(at)).toBe(records.length);
          expect(tornBytes > 0 || head !== reading.head).toBe(true);
        } else expect([lineOf(at), lineOf(at) + 1]).toContain(fault.line);
      },
    ),
    { numRuns: 500 },
  );
});

const two = [runStarted(), note('second')];
const second =
  (change: (record: JsonObject) => JsonObject) =>
  (record: JsonObject, index: number): JsonObject =>
    index === 1 ? change(record) : record;
const data = (change: JsonObject) => (record: JsonObject) => ({
  ...record,
  data: { ...(record['data'] as JsonObject), ...change },
});

test.each<[what: string, change: (record: JsonObject) => JsonObject, message: string]>([
  ['a gap in the numbers', (record) => ({ ...record, seq: 3 }), 'Record 2 has number 3.'],
  [
    'another link',
    (record) => ({ ...record, prev: '0'.repeat(64) }),
    'Record 2 does not link to the line before it.',
  ],
  [
    'an older time',
    (record) => ({ ...record, at: '2025-12-31T23:59:59.999Z' }),
    'Record 2 is older than the record before it.',
  ],
  ['no time', (record) => ({ ...record, at: 'yesterday' }), 'Record 2 has no valid time.'],
  [
    'an additional field',
    (record) => ({ ...record, x: 1 }),
    'Record 2 does not have the fields of a record.',
  ],
  [
    'an unknown type',
    (record) => ({ ...record, type: 'toString' }),
    'Record 2 cannot be used: its type is unknown.',
  ],
  [
    'data of another shape',
    data({ severity: 'bad' }),
    'Record 2 cannot be used: note has no valid severity.',
  ],
  [
    'data that is no object',
    (record) => ({ ...record, data: [] }),
    'Record 2 cannot be used: note has no data.',
  ],
])('names the record with %s', async (_what, change, message) => {
  const reading = await read(journalOf(two, second(change)));
  expect(reading).toMatchObject({ records: [{ seq: 1 }], fault: { seq: 2, line: 2, message } });
  expect((await read(journalOf(two))).fault).toBeUndefined();
});

test.each<[what: string, change: JsonObject]>([
  ['a path for a digest', { planDigest: '../../etc/passwd' }],
  ['an object without a digest', { plan: { path: 'p', sha256: '../x', bytes: 1, mediaType: 't' } }],
  ['one expected id twice', { expected: [check('a'), check('a')] }],
  ['an unknown skip', { expected: [{ ...check('a'), skip: { kind: 'because', reason: 'r' } }] }],
  ['no base', { base: {} }],
])('a run that starts with %s is not read', async (_what, change) => {
  const spoil = (record: JsonObject, index: number) =>
    index === 0 ? data(change)(record) : record;
  expect(await read(journalOf(two, spoil))).toMatchObject({ records: [], fault: { seq: 1 } });
});

function check(id: string): JsonObject {
  return { id, after: 'install', boundary: 'http', source: 'floor', title: id };
}

test.each<[what: string, expected: JournalHeader, message: string]>([
  ['run', { ...header, run: 'other' }, 'Record 1 belongs to run run-1 of store store-1.'],
  ['store', { ...header, store: 'other' }, 'Record 1 belongs to run run-1 of store store-1.'],
])('a journal of another %s is refused', async (_what, expected, message) => {
  expect((await read(whole, expected)).fault?.message).toBe(message);
});

test('a first record whose header differs from its link is refused', async () => {
  const bytes = journalOf([runStarted({ store: 'moved' })]);
  expect((await read(bytes)).fault?.message).toBe('Record 1 does not link to the run header.');
});

test.each<[what: string, line: string | Uint8Array]>([
  ['no JSON', '{'],
  ['an empty line', ''],
  ['keys out of order', '{"b":1,"a":2}'],
  ['a key twice', '{"a":1,"a":2}'],
  ['spaces', '{"a": 1}'],
  ['bytes that are no UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
  ['a byte order mark', '\ufeff{}'],
])('a line with %s is not canonical', async (_what, line) => {
  const first = journalOf([runStarted()]);
  const bytes = Buffer.concat([
    first,
    typeof line === 'string' ? Buffer.from(line) : line,
    Buffer.from('\n'),
  ]);
  expect((await read(bytes)).fault?.message).toBe('Record 2 is not canonical JSON.');
});

test('stops at a line without an end instead of keeping it', async () => {
  let given = 0;
  async function* endless() {
    await Promise.resolve();
    for (;;) {
      given += 1;
      yield new Uint8Array(1 << 16).fill(0x20);
    }
  }
  const end = await walkJournal(endless(), () => undefined);
  expect(end.fault?.message).toBe('Record 1 is longer than 1048576 bytes.');
  expect(given).toBeLessThan(20);
});

test('an empty journal has the head of its header, if that is known', async () => {
  const empty = new Uint8Array();
  expect(await read(empty, header)).toMatchObject({ records: [], head: headerDigest(header) });
  expect(await read(empty)).toMatchObject({ records: [], head: '' satisfies Json });
});
