import { describe, expect, test } from 'vitest';
import { renderBaseline } from '../../src/findings/baseline.ts';
import { baselineJsonSchema } from '../../src/findings/baseline-schema.ts';
import { readBaseline } from '../../src/findings/read-baseline.ts';
import { schemaErrors, subject } from './samples.ts';
import { baselineOf } from './samples-baseline.ts';

const parse = { class: 'PARSE_ERROR', rule: 'E_PARSE_STATEMENT' };
const sample = baselineOf([subject('a', [parse, {}]), subject('b'), subject('c', [{}])]);
const text = renderBaseline(sample);
const problemsOf = (content: string, strip?: string) => {
  const reading = readBaseline(content, strip);
  return 'problems' in reading ? reading.problems.map(({ message }) => message).join('\n') : '';
};

test('counts, rate and records of the source document', () => {
  expect(sample).toMatchObject({
    total: 3,
    by_code: { SUCCESS: 1, PARSE_ERROR: 1, VALIDATION_ERROR: 1 },
    failure_rate: 0.6667,
  });
  expect(Object.keys(sample.by_code)).toEqual(['SUCCESS', 'PARSE_ERROR', 'VALIDATION_ERROR']);
  expect(sample.files[1]).toMatchObject({
    path: 'b',
    ok: true,
    code_name: 'SUCCESS',
    line: null,
    message: 'parse ok',
  });
  expect(sample.files[0]).toMatchObject({
    code: 20,
    rule: 'E_PARSE_STATEMENT',
    findings: [{}, {}],
  });
});

test('what is written is read again, one record a line, and fits its schema', () => {
  expect(JSON.parse(text)).toEqual(sample);
  const reading = readBaseline(text);
  expect(reading).toMatchObject({ baseline: { files: sample.files, fingerprinted: true } });
  expect(text.split('\n').filter((line) => line.startsWith('{"path"')).length).toBe(3);
  expect(schemaErrors(baselineJsonSchema, sample)).toEqual([]);
  expect(schemaErrors(baselineJsonSchema, { ...sample, root_digest: 1 })).not.toEqual([]);
});

test('the root digest moves with paths and content alone', () => {
  const change = (changed: object) => baselineOf([{ ...subject('a'), ...changed }, subject('b')]);
  const same = change({}).root_digest;
  expect(change({ dialect: 'line' }).root_digest).toBe(same);
  expect(change({ digest: 'e'.repeat(64) }).root_digest).not.toBe(same);
  expect(change({ path: 'aa' }).root_digest).not.toBe(same);
});

describe('refused', () => {
  const change = (changed: object) => JSON.stringify({ ...sample, ...changed });
  const [first] = sample.files;
  const table: readonly (readonly [what: string, text: string, problem: RegExp])[] = [
    ['an empty object', '{}', /no baseline/],
    ['cut off', text.slice(0, -5), /not JSON/],
    ['nothing', '', /not JSON/],
    ['a wrong total', change({ total: 4 }), /total is 4 and 3/],
    ['wrong counts', change({ by_code: { SUCCESS: 3 } }), /by_code says 3 SUCCESS and 1/],
    ['a count of nothing', change({ by_code: { ...sample.by_code, IO_ERROR: 1 } }), /1 IO_ERROR/],
    ['no file', change({ total: 0, by_code: {}, files: [] }), /no file/],
    ['another schema', change({ schema: 'seatrial.baseline/v2' }), /its schema is/],
    ['a missing key', change({ checker: undefined }), /checker/],
    ['a path twice', change({ files: [first, ...sample.files.slice(0, 2)] }), /a is there twice/],
    ['an absolute path', text.replace('"path":"a"', '"path":"/a"'), /\/a is absolute/],
    [
      'an absolute path of Windows',
      text.replace('"path":"a"', String.raw`"path":"C:\\a"`),
      /absolute/,
    ],
    ['conflict markers', `<<<<<<< a\n${text}`, /holds a conflict marker/],
    ['a classification', '{"workflows":[],"summary":{}}', /a classification/],
  ];
  test.each(table)('%s', (_, content, problem) => {
    expect(problemsOf(content)).toMatch(problem);
  });

  test('canary: the sample itself is not', () => {
    expect(problemsOf(text)).toBe('');
  });
});

test("a baseline of the source document's script counts as the reference's", () => {
  const foreign = JSON.stringify({
    timestamp: '2025-09-12T10:15:00Z',
    total: 2,
    by_code: { SUCCESS: 1, PARSE_ERROR: 1 },
    failure_rate: 0.5,
    files: [
      { path: 'C:\\repo\\x\\a.aether', code_name: 'PARSE_ERROR', line: 12, message: 'Parse error' },
      { path: 'C:\\repo\\b.aether', code_name: 'SUCCESS', line: null },
    ],
  });
  expect(problemsOf(foreign)).toMatch(/absolute; --strip/);
  expect(readBaseline(foreign, 'C:\\repo')).toMatchObject({
    baseline: {
      checker: 'reference',
      fingerprinted: false,
      files: [
        { path: 'x/a.aether', line: 12 },
        { path: 'b.aether', ok: true },
      ],
    },
  });
});
