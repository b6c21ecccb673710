// Whatever stands in a file, its reader answers: nothing is thrown, and what cannot be trusted is
// refused. Time is bounded by the length of the text.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeSource } from '../../src/diagnostics/source.ts';
import { matchesGlob } from '../../src/findings/glob.ts';
import { mergeFile } from '../../src/findings/merge-file.ts';
import { normaliseMessage } from '../../src/findings/normalise-message.ts';
import { readBaseline } from '../../src/findings/read-baseline.ts';
import { readCtrf } from '../../src/findings/read-ctrf.ts';
import { junitReader } from '../../src/findings/read-junit.ts';
import { readSarif } from '../../src/findings/read-sarif.ts';
import { readSubjects } from '../../src/findings/read-subjects.ts';
import { readSuppressionList } from '../../src/findings/read-suppression-list.ts';
import { readSuppressions } from '../../src/findings/read-suppressions.ts';
import { readTap } from '../../src/findings/read-tap.ts';
import { renderBaseline } from '../../src/findings/baseline.ts';
import { renderSubjects } from '../../src/findings/subjects-file.ts';
import { readTrends } from '../../src/findings/trends.ts';
import { baselineOf } from './samples-baseline.ts';
import { anyText, intake, subject } from './samples.ts';

function readJunit(text: string): unknown {
  const reader = junitReader();
  reader.write(text);
  return reader.end();
}

const record =
  '- {"fingerprint": "0123456789abcdef", "reason": "waits for it", "owner": "mara", "created": "2026-01-01", "expires": "2026-02-01"}\n';
const sarif =
  '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t","rules":[{"id":"R"}]}},"results":[{"ruleId":"R","message":{"text":"m {0}","arguments":["x"]},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a"},"region":{"startLine":1}}}]}]}]}';

/** Each reader with a file that it takes. */
const readers: readonly (readonly [name: string, read: (text: string) => unknown, good: string])[] =
  [
    [
      'JUnit',
      readJunit,
      '<testsuite><testcase name="a"><failure message="m">x</failure></testcase></testsuite>',
    ],
    ['SARIF', readSarif, sarif],
    [
      'CTRF',
      readCtrf,
      '{"results":{"tests":[{"name":"a","status":"failed","suite":["s"],"line":3}]}}',
    ],
    [
      'TAP',
      readTap,
      'TAP version 14\n1..2\nok 1 - a\n  ---\n  a: b\n  ...\nnot ok 2 - b # TODO x\n',
    ],
    ['imported findings', readSubjects, renderSubjects(intake([subject('a', [{}])]))],
    ['a baseline', readBaseline, renderBaseline(baselineOf([subject('a', [{}]), subject('b')]))],
    ['suppressions', (text) => readSuppressions(makeSource('s', text)), record],
    [
      'a list of suppressions',
      (text) => readSuppressionList(makeSource('s', text)),
      'deadbeefcafe1234 # x\n',
    ],
    ['trends', readTrends, '[]'],
    ['a merge', (text) => mergeFile('s.yaml', { base: '', ours: record, theirs: text }), record],
  ];

const nestedLines = Array.from({ length: 500 }, (_, at) => `${' '.repeat(at)}a:\n`).join('');

test('YAML that would exhaust the stack of its parser is refused before it is parsed', () => {
  const records = (text: string) => readSuppressions(makeSource('s', text)).problems[0]?.message;
  for (const text of ['['.repeat(201), '{"a":'.repeat(500), '- '.repeat(500), nestedLines]) {
    expect(records(text)).toBe('The file is nested too deeply.');
    expect(mergeFile('s.yaml', { base: '', ours: record, theirs: text })).toHaveProperty(
      'problems',
    );
  }
  expect(records(`# ${'[31m'.repeat(500)}\n${record}`)).toBeUndefined();
  expect(records(record.replace('waits', `waits ${'[]'.repeat(500)}`))).toBeUndefined();
});

/** A good file with pieces cut out, doubled and put in. */
const spoilt = (good: string) =>
  fc
    .array(
      fc.tuple(
        fc.nat(good.length),
        fc.nat(12),
        fc.oneof(anyText, fc.constantFrom('"', '<', ']', '- ', '\n', '&x;', '#', '\0')),
      ),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((edits) =>
      edits.reduce(
        (text, [at, length, put]) => text.slice(0, at) + put + text.slice(at + length),
        good,
      ),
    );

describe.each(readers)('%s', (_, read, good) => {
  test('a spoilt file is answered, and so is any text', () => {
    fc.assert(
      fc.property(fc.oneof(spoilt(good), anyText), (text) => {
        read(text);
      }),
      { numRuns: 80 },
    );
  });

  test.each([
    ['brackets', '['.repeat(100_000)],
    ['braces', '{"a":'.repeat(50_000)],
    ['tags', '<testsuite>'.repeat(50_000)],
    ['YAML that nests', '- '.repeat(5_000)],
    ['YAML that nests by lines', nestedLines],
    ['one long line', `- ${'x'.repeat(1_000_000)}`],
    ['blanks', ' '.repeat(1_000_000)],
    ['lines', '\n'.repeat(50_000)],
  ])('%s without end', (__, text) => {
    read(text);
  });
});

/** Texts on which a pattern that backtracks would not end within the test's time. */
const length = 50_000;
test.each([
  '1',
  'a1',
  '-',
  'f',
  '"',
  "'",
  '/',
  'a/',
  '\u001b[',
  '\u001b]',
  ' ',
  '0x',
  '1.',
  '9 m',
  '12:',
  ':/',
])('messages of %j alone are normalised in linear time', (piece) => {
  expect(typeof normaliseMessage(piece.repeat(length))).toBe('string');
  expect(typeof normaliseMessage(`${piece.repeat(length)}!`)).toBe('string');
});

test.each(['*', '**/', '*a', '?*', '**'])(
  'globs of %j alone are matched in linear time',
  (piece) => {
    expect(typeof matchesGlob(piece.repeat(60))('a'.repeat(5_000))).toBe('boolean');
  },
);
