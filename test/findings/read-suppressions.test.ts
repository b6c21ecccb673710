import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeSource, positionAt } from '../../src/diagnostics/source.ts';
import { readSuppressionList } from '../../src/findings/read-suppression-list.ts';
import { entriesOf, readSuppressions } from '../../src/findings/read-suppressions.ts';
import { suppressionsSchema } from '../../src/findings/suppression.ts';
import { anyText, schemaErrors } from './samples.ts';

const good = `- fingerprint: 1234567890123456
  reason: waits for the migration
  owner: mara
  created: 2026-01-01
  expires: 2026-06-30
`;
const read = (text: string) => {
  const source = makeSource('s.yaml', text);
  const { records, problems } = readSuppressions(source);
  const told = problems.map(({ code, message, span }) => {
    const { line, column } = positionAt(source, span.start);
    return `${String(line)}:${String(column)} ${code} ${message}`;
  });
  return { records, told, entries: entriesOf(source, records) };
};

test('a record, all digits and days staying text', () => {
  const { entries, told } = read(good);
  expect(told).toEqual([]);
  expect(entries).toMatchObject([
    { fingerprint: '1234567890123456', reason: 'waits for the migration', line: 1 },
  ]);
  expect(entries[0]?.record?.expires).toBe('2026-06-30');
});

test('one line per record is the same', () => {
  const line =
    '- {fingerprint: "1234567890123456", reason: "waits for the migration", owner: mara, created: 2026-01-01, expires: 2026-06-30}\n';
  expect(read(line).records[0]?.record).toEqual(read(good).records[0]?.record);
});

test.each(['', '# nothing yet\n', '[]', '\n\n'])('nothing set aside: %j', (text) => {
  expect(read(text)).toMatchObject({ records: [], told: [] });
});

describe('what is refused, and where', () => {
  const change = (from: string, to: string) => good.replace(from, to);
  const table: readonly (readonly [text: string, at: string, message: RegExp])[] = [
    [change('1234567890123456', '123456'), '1:16', /16 hex digits/],
    [change('waits for the migration', 'TODO'), '2:11', /at least 10/],
    [change('waits for the migration', 'TODO later, when all is done'), '2:11', /not TODO/],
    [change('owner: mara', 'owner: TODO'), '3:10', /not TODO/],
    [change('  owner: mara\n', ''), '1:3', /`owner` is required/],
    [change('2026-06-30', '2026-07-01'), '5:12', /more than 180 days/],
    [change('2026-06-30', '2025-12-31'), '5:12', /before `created`/],
    [change('2026-06-30', '2026-02-30'), '5:12', /no day of the calendar/],
    [change('2026-06-30', 'soon'), '5:12', /a day/],
    [`${good}  colour: red\n`, '6:11', /`colour` is unknown/],
    [good + good, '6:3', /here twice/],
    ['- just text\n', '1:3', /Expected a record/],
    ['a: b\n', '1:1', /Expected a list/],
    [`<<<<<<< ours\n${good}=======\n>>>>>>> theirs\n`, '1:1', /conflict marker/],
    [`${good}<<<<<<< ours\n`, '6:1', /conflict marker/],
    ['- {a: 1', '1:8', /./],
  ];
  test.each(table)('%j', (text, at, message) => {
    const { told } = read(text);
    expect(told.length).toBeGreaterThan(0);
    expect(told[0]).toMatch(message);
    expect(told[0]?.startsWith(`${at} `)).toBe(true);
  });
});

test('any text gives records or problems, never an exception', () => {
  fc.assert(
    fc.property(anyText, fc.nat(good.length), (text, at) => {
      read(good.slice(0, at) + text + good.slice(at));
      readSuppressionList(makeSource('l.txt', text));
    }),
  );
});

test('a billion laughs are refused', () => {
  const levels = Array.from(
    { length: 20 },
    (_, at) => `- &a${String(at)} [${at === 0 ? 'x' : `*a${String(at - 1)},`.repeat(9)}]`,
  );
  expect(read(levels.join('\n')).told.length).toBeGreaterThan(0);
});

test('the schema accepts what is read and refuses what is not', () => {
  expect(schemaErrors(suppressionsSchema, [read(good).records[0]?.record])).toEqual([]);
  expect(schemaErrors(suppressionsSchema, [{ fingerprint: 'x' }])).not.toEqual([]);
});

test('the list form: words of eight and more, comments, indentation, CRLF', () => {
  const text =
    '# head\n\na1b2c3d4e5f67890  # old syntax\r\nshort x\n  deadbeefcafe1234\n#a1b2c3d4e5f67891\n';
  const { entries, problems } = readSuppressionList(makeSource('l.txt', text));
  expect(problems).toEqual([]);
  expect(entries.map(({ fingerprint, reason, line }) => [fingerprint, reason, line])).toEqual([
    ['a1b2c3d4e5f67890', 'old syntax', 3],
    ['deadbeefcafe1234', '', 5],
  ]);
  expect(readSuppressionList(makeSource('l.txt', '>>>>>>> x\n')).problems.length).toBe(1);
});
