import { readFile, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemFiles } from '../../src/drivers/files.ts';
import { readJournal } from '../../src/evidence/journal-reader.ts';
import { openJournal, type JournalOptions } from '../../src/evidence/journal-writer.ts';
import type { Entry } from '../../src/evidence/record.ts';
import type { JournalReading } from '../../src/evidence/run-state.ts';
import type { AppendFile, Files } from '../../src/ports/files.ts';
import { WorldError } from '../../src/ports/world-error.ts';
import {
  checkEnded,
  checkStarted,
  header,
  literalRedactor,
  noSecrets,
  note,
  operationEnded,
  operationStarted,
  runEnded,
  runStarted,
  steppingClock,
  temporaryFolder,
  wholeRun,
} from './sample-run.ts';

const journalOver = (path: string, change: Partial<JournalOptions> = {}) =>
  openJournal({
    files: systemFiles,
    clock: steppingClock(),
    path,
    header,
    redactor: noSecrets,
    ...change,
  });

const read = (path: string): Promise<JournalReading> =>
  readJournal(systemFiles.stream(path), header);

/** The real files, with what happens to the open journal in front of them. */
function watchedFiles(watch: (file: AppendFile) => Partial<AppendFile>): Files {
  return {
    ...systemFiles,
    openAppend: async (path, options) => {
      const file = await systemFiles.openAppend(path, options);
      return { ...file, sizeBytes: file.sizeBytes, ...watch(file) };
    },
  };
}

test('what is written is read back', async () => {
  const path = `${await temporaryFolder()}/journal.jsonl`;
  const journal = await journalOver(path);
  const written = [];
  for (const entry of wholeRun()) written.push(await journal.append(entry));
  const { seq, head, bytes } = journal.state();
  await journal.close();
  expect(await read(path)).toEqual({ records: written, head, goodBytes: bytes, tornBytes: 0 });
  expect(seq).toBe(wholeRun().length);
});

const started = [runStarted(), operationStarted('install')];

test.each<[what: string, before: readonly Entry[], refused: Entry]>([
  ['anything before the run', [], note('early')],
  ['a second start of the run', [runStarted()], runStarted()],
  ['a second start of an operation', started, operationStarted('install')],
  [
    'an operation that starts again',
    [...started, operationEnded('install')],
    operationStarted('install'),
  ],
  [
    'a second end of an operation',
    [...started, operationEnded('install')],
    operationEnded('install'),
  ],
  ['an end without a start', [runStarted()], operationEnded('install')],
  ['a check without a start', [runStarted()], checkEnded('a')],
  [
    'a second end of a check',
    [runStarted(), checkStarted('a'), checkEnded('a')],
    checkEnded('a', 'failed'),
  ],
  [
    'an undo that nobody registered',
    [runStarted()],
    { type: 'undo.ended', data: { undo: 'u', outcome: 'restored' } },
  ],
  [
    'a fixture restored but not applied',
    [runStarted()],
    { type: 'fixture.restored', data: { fixture: 'f', details: {} } },
  ],
  [
    'a resource made unannounced',
    [runStarted()],
    { type: 'resource.created', data: { kind: 'port', name: '80', details: {} } },
  ],
  ['anything after the end of the run', [runStarted(), runEnded()], note('late')],
  [
    'a record without the shape of its type',
    [runStarted()],
    { type: 'note', data: { code: 'x' } } as unknown as Entry,
  ],
  [
    'what cannot be JSON',
    [runStarted()],
    { type: 'operation.ended', data: { operation: 'x', outcome: 'done', durationMs: NaN } },
  ],
])('refuses %s', async (_what, before, refused) => {
  const path = `${await temporaryFolder()}/journal.jsonl`;
  const journal = await journalOver(path);
  for (const entry of before) await journal.append(entry);
  await expect(journal.append(refused)).rejects.not.toBeInstanceOf(WorldError);
  await expect(journal.append(refused)).rejects.toThrow();
  // A bug elsewhere does not keep the cleanup from being recorded.
  if (refused.type !== 'note' || before.length === 1) await journal.sync();
  await journal.close();
  expect((await read(path)).records.map(({ type }) => type)).toEqual(
    before.map(({ type }) => type),
  );
});

test('whatever is appended, nothing ends twice', async () => {
  const path = `${await temporaryFolder()}/journal.jsonl`;
  const names = fc.constantFrom('a', 'b');
  const entry = fc.oneof(
    names.map(operationStarted),
    names.map(operationEnded),
    names.map(checkStarted),
    names.map((name) => checkEnded(name)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 20 }), async (entries) => {
      await systemFiles.remove(path);
      const journal = await journalOver(path);
      await Promise.allSettled([runStarted(), ...entries].map((each) => journal.append(each)));
      await journal.close();
      const { records } = await read(path);
      const steps = records.map(({ type, data }) => `${type} ${JSON.stringify(nameIn(data))}`);
      expect(new Set(steps).size).toBe(steps.length);
    }),
    { numRuns: 30 },
  );
});

const nameIn = (data: object): unknown =>
  'check' in data ? data.check : 'operation' in data ? data.operation : undefined;

test('concurrent appends keep the order of the calls and share writes and syncs', async () => {
  const path = `${await temporaryFolder()}/journal.jsonl`;
  const calls = { append: 0, sync: 0 };
  const files = watchedFiles((file) => ({
    append: (bytes) => ((calls.append += 1), file.append(bytes)),
    sync: () => ((calls.sync += 1), file.sync()),
  }));
  const journal = await journalOver(path, { files });
  await journal.append(runStarted());
  const messages = Array.from({ length: 100 }, (_, index) => `number ${String(index)}`);
  await Promise.all(messages.map((message) => journal.append(note(message), { durable: true })));
  const said = (await read(path)).records.flatMap((record) =>
    record.type === 'note' ? [record.data.message] : [],
  );
  expect(said).toEqual(messages);
  expect(calls).toEqual({ append: 2, sync: 2 });
  await journal.close();
});

test.each<[type: string, before: readonly Entry[], entry: Entry]>([
  ['run.started', [], runStarted()],
  ['operation.started', [runStarted()], operationStarted('install')],
  ['operation.ended', started, operationEnded('install')],
  [
    'undo.registered',
    [runStarted()],
    { type: 'undo.registered', data: { undo: 'u', kind: 'k', target: 't', budgetMs: 1 } },
  ],
  [
    'resource.intended',
    [runStarted()],
    { type: 'resource.intended', data: { kind: 'port', name: '1', undo: {} } },
  ],
  ['run.ended', [runStarted()], runEnded()],
])('%s is durable when it returns', async (_type, before, entry) => {
  const path = `${await temporaryFolder()}/journal.jsonl`;
  let syncedBytes = -1;
  const files = watchedFiles((file) => ({
    sync: async () => {
      await file.sync();
      syncedBytes = file.sizeBytes;
    },
  }));
  const journal = await journalOver(path, { files });
  for (const each of before) await journal.append(each);
  await journal.append(entry);
  expect(syncedBytes).toBe(journal.state().bytes);
  // The canary: a note alone is not.
  if (entry.type !== 'run.ended') {
    await journal.append(note('later'));
    expect(syncedBytes).toBeLessThan(journal.state().bytes);
  }
  await journal.close();
});

test('holds times while the clock is back, and says so once', async () => {
  const path = `${await temporaryFolder()}/journal.jsonl`;
  const seconds = [10, 20, 5, 6, 21];
  const now = () => new Date((seconds.shift() ?? 30) * 1000);
  const journal = await journalOver(path, { clock: { ...steppingClock(), now } });
  await journal.append(runStarted());
  for (const message of ['a', 'b', 'c', 'd']) await journal.append(note(message));
  await journal.close();
  const { records, fault } = await read(path);
  expect(fault).toBeUndefined();
  expect(
    records.map(({ at, data }) => [at.slice(17, 19), 'code' in data ? data.code : '']),
  ).toEqual([
    ['10', ''],
    ['20', 'said'],
    ['20', 'clock-went-back'],
    ['20', 'said'],
    ['20', 'said'],
    ['21', 'said'],
  ]);
});

test('a failing disk fails every later call, and what was written before is whole', async () => {
  const path = `${await temporaryFolder()}/journal.jsonl`;
  let full = false;
  const files = watchedFiles((file) => ({
    append: async (bytes) => {
      if (!full) return file.append(bytes);
      await file.append(bytes.subarray(0, 10));
      throw new WorldError('disk-full', 'Cannot append: ENOSPC.');
    },
  }));
  const journal = await journalOver(path, { files });
  await journal.append(runStarted());
  full = true;
  const both = [journal.append(note('lost')), journal.append(operationStarted('install'))];
  const [, durable] = await Promise.allSettled(both);
  expect(durable).toMatchObject({ status: 'rejected', reason: { code: 'disk-full' } });
  full = false;
  await expect(journal.append(note('later'))).rejects.toMatchObject({ code: 'disk-full' });
  await expect(journal.sync()).rejects.toMatchObject({ code: 'disk-full' });
  await expect(journal.close()).rejects.toMatchObject({ code: 'disk-full' });
  expect(await read(path)).toMatchObject({ records: [{ seq: 1 }], tornBytes: 10 });
});

test('masks what it writes and what it returns', async () => {
  const path = `${await temporaryFolder()}/journal.jsonl`;
  const journal = await journalOver(path, { redactor: literalRedactor('hunter2') });
  await journal.append(runStarted());
  const record = await journal.append(note('the word is hunter2'), { durable: true });
  await journal.close();
  expect(record.data).toMatchObject({ message: 'the word is [REDACTED:it]' });
  expect(await readFile(path, 'utf8')).not.toContain('hunter2');
});

test('keeps what apps say readable: half a character, megabytes', async () => {
  const path = `${await temporaryFolder()}/journal.jsonl`;
  const journal = await journalOver(path);
  await journal.append(runStarted());
  const half = await journal.append(note('half \ud83d'));
  const long = await journal.append(note('x'.repeat(2_000_000)));
  await journal.close();
  expect(await read(path)).toMatchObject({ records: [{}, half, long] });
  expect(half.data).toMatchObject({ message: 'half \ufffd' });
  expect(long.data).toMatchObject({ message: expect.stringMatching(/^x{8192} \[/) as string });
});

test('goes on after a torn write', async () => {
  const path = `${await temporaryFolder()}/journal.jsonl`;
  const whole = await journalOver(path);
  for (const entry of [...started, note('a')]) await whole.append(entry);
  await whole.close();
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.slice(0, -10));

  const reading = await read(path);
  const resumed = await journalOver(path, { resume: reading });
  await expect(resumed.append(operationStarted('install'))).rejects.toThrow('a second time');
  await resumed.append(operationEnded('install'));
  await resumed.close();
  const after = await read(path);
  expect(after.fault).toBeUndefined();
  expect(after.tornBytes).toBe(0);
  expect(after.records.map(({ type }) => type)).toEqual([
    'run.started',
    'operation.started',
    // This clock begins anew; its note was linked with the entry that was then refused.
    'note',
    'operation.ended',
  ]);
});

test('never writes over a journal, nor on one with a fault', async () => {
  const path = `${await temporaryFolder()}/journal.jsonl`;
  const journal = await journalOver(path);
  await journal.append(runStarted());
  await journal.close();
  const before = await readFile(path, 'utf8');
  await expect(journalOver(path)).rejects.toThrow('holds a journal already');
  const fault = { seq: 1, line: 1, message: 'broken' };
  const resume = { ...(await read(path)), fault };
  await expect(journalOver(path, { resume })).rejects.toThrow('fault');
  expect(await readFile(path, 'utf8')).toBe(before);
});
