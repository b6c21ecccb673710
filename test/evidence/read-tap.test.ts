import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { looksLikeTap, readTap, readTapCases } from '../../src/evidence/read-tap.ts';
import { growth, nearlyLinear } from '../cost.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/reports/${name}`, import.meta.url), 'utf8');

describe('verdict of a TAP report', () => {
  const table: [what: string, text: string, verdict: string, message: RegExp][] = [
    ['all ok', 'TAP version 13\n1..2\nok 1 - a\nok 2 - b\n', 'passed', /^2 cases passed/],
    ['version 14, plan last', 'TAP version 14\nok 1 - a\n1..1\n', 'passed', /^1 case passed/],
    ['version 12, no numbers', '1..2\nok\nok\n', 'passed', /2 cases/],
    ['CRLF', 'TAP version 13\r\n1..1\r\nok 1 - a\r\n', 'passed', /1 case/],
    ['one not ok', '1..2\nok 1\nnot ok 2 - kept # no directive\n', 'failed', /1 of 2.*kept/],
    ['nothing', '', 'inconclusive', /no case/],
    ['empty plan', '1..0 # SKIP no database\n', 'inconclusive', /no case/],
    ['all skipped', '1..1\nok 1 - a # SKIP slow\n', 'inconclusive', /all skipped/],
    ['some skipped', '1..2\nok 1\nok 2 # skip x\n', 'passed', /1 of 2/],
    ['excused failure only', '1..1\nnot ok 1 - a # TODO later\n', 'inconclusive', /still to do/],
    ['failure marked as skipped', '1..1\nnot ok 1 - a # SKIP\n', 'failed', /1 of 1/],
    ['escaped directive', '1..1\nnot ok 1 - a \\# TODO x\n', 'failed', /a # TODO x/],
    ['too few', '1..3\nok 1\nok 2\n', 'error', /plan is 3 and 2/],
    ['too many', '1..1\nok 1\nok 2\n', 'error', /plan is 1 and 2/],
    ['no plan', 'TAP version 13\nok 1\n', 'error', /no plan/],
    ['two plans', '1..1\nok 1\n1..1\n', 'error', /two plans/],
    ['plan in the midst', 'ok 1\n1..2\nok 2\n', 'error', /between/],
    ['number twice', '1..2\nok 1\nok 1\n', 'error', /twice/],
    ['number outside', '1..2\nok 1\nok 3\n', 'error', /outside/],
    ['bail out', '1..2\nok 1\nBail out! no disk\n', 'error', /no disk/],
    ['bail out after a failure', '1..2\nnot ok 1 - x\nBail out!\n', 'failed', /x/],
    ['talk between', 'hello\n1..1\nok 1\nokay, done\n', 'passed', /1 case/],
    [
      'YAML holding results',
      '1..1\nok 1\n  ---\n  log: |\nnot ok 2\n  not ok 3\n  ...\n',
      'passed',
      /1/,
    ],
    ['YAML without end', '1..1\nok 1\n  ---\n  a: b\n', 'error', /YAML/],
    [
      'failing subtest',
      '1..1\n    1..2\n    ok 1\n    not ok 2 - in\nnot ok 1 - out\n',
      'failed',
      /in/,
    ],
    ['subtest contradicted', '1..1\n    1..1\n    not ok 1 - in\nok 1 - out\n', 'failed', /in/],
    ['subtest short of its plan', '1..1\n    1..2\n    ok 1\nok 1\n', 'error', /plan is 2/],
    ['subtest without a sum', '1..0\n    1..1\n    ok 1\n', 'error', /no result of its own/],
    ['excused subtest', '1..1\n    1..1\n    not ok 1\nnot ok 1 # TODO\n', 'inconclusive', /all/],
    [
      'sum worse than parts',
      '1..1\n    1..1\n    ok 1\nnot ok 1 - hook\n',
      'failed',
      /none of its parts/,
    ],
  ];
  test.each(table)('%s', (_, text, verdict, message) => {
    const report = readTap(text);
    expect(report.verdict).toBe(verdict);
    expect(report.message).toMatch(message);
  });
});

test('reads what `node --test` prints', () => {
  const { verdict, cases, problems } = readTap(fixture('node-test.tap'));
  expect(verdict).toBe('failed');
  expect(problems).toEqual([]);
  expect(cases.map((each) => [...each.suites, each.name, each.verdict].join('/'))).toEqual([
    'plain ok/passed',
    'bad # hash/failed',
    'skipped/inconclusive',
    'todo/inconclusive',
    'suite/inner/passed',
    'suite/deep/deeper/failed',
  ]);
});

test('a report is passed only while each of its lines is there', () => {
  const lines = ['TAP version 13', '1..3', 'ok 1 - a', 'ok 2 - b', 'ok 3 - c'];
  expect(readTap(lines.join('\n')).verdict).toBe('passed');
  for (let left = 1; left < lines.length; left++)
    expect(readTap(lines.filter((_, at) => at !== left).join('\n')).verdict).not.toBe('passed');
});

test('never throws and never passes without a case', () => {
  const line = fc.oneof(
    fc.constantFrom('ok', 'not ok', '1..1', '---', '...', 'Bail out!', '# Subtest: a', '    ok 1'),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const report = readTap(lines.join('\n'));
      if (report.verdict === 'passed')
        expect(report.cases.some((each) => each.verdict === 'passed')).toBe(true);
    }),
  );
});

test.each<[string, (size: number) => string]>([
  ['lines', (size) => 'ok \n'.repeat(size / 4)],
  ['blanks', (size) => `ok ${' '.repeat(size)}x`],
  ['marks', (size) => `ok 1 ${'# '.repeat(size / 2)}`],
])('hostile %s take time by their size', (_, make) => {
  expect(growth(100_000, (size) => readTap(make(size)))).toBeLessThan(nearlyLinear);
});

test('too many and too deep are refused', () => {
  expect(readTap('ok \n'.repeat(200_000)).verdict).toBe('error');
  const deep = Array.from({ length: 1000 }, (_, at) => `${' '.repeat(4 * at)}ok 1`).join('\n');
  expect(readTap(deep).message).toMatch(/deep/);
});

test.each([
  ['TAP version 14\n', true],
  ['\n1..3\n', true],
  ['ok 1 - a', true],
  ['not ok', true],
  ['ok: all fine', false],
  ['okay', false],
  ['{"ok":true}', false],
  ['', false],
])('%j looks like TAP: %j', (text, expected) => {
  expect(looksLikeTap(text)).toBe(expected);
});

test('cases know their numbers and directives, problems their kinds', () => {
  const text =
    '1..4\n    1..1\n    not ok 1 - in\nnot ok 1 - out\nnot ok 2 # SKIP x\nBail out! gone\n';
  const { cases, problems } = readTapCases(text);
  expect(cases.map(({ numbers, directive }) => [numbers, directive])).toEqual([
    [[1, 1], undefined],
    [[2], 'skip'],
  ]);
  expect(problems).toEqual([
    { kind: 'bail-out', message: 'bailed out: gone', line: expect.any(Number) as number },
  ]);
  const kinds = (report: string) => readTapCases(report).problems.map(({ kind }) => kind);
  expect(kinds('1..3\nok 1\n')).toEqual(['plan']);
  expect(kinds('ok 1\n')).toEqual(['broken']);
});
