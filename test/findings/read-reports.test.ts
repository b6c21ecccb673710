import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kindOfText, parseInput } from '../../src/findings/detect-input.ts';
import type { Reading } from '../../src/findings/finding.ts';
import { joinReadings } from '../../src/findings/join-inputs.ts';
import { readCheckedFiles } from '../../src/findings/read-checked-files.ts';
import { readCtrf } from '../../src/findings/read-ctrf.ts';
import { junitReader } from '../../src/findings/read-junit.ts';
import { readSarif } from '../../src/findings/read-sarif.ts';
import { readTap } from '../../src/findings/read-tap.ts';
import { anyText, brief } from './samples.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/reports/${name}`, import.meta.url), 'utf8');

function readJunit(text: string): Reading {
  const reader = junitReader();
  reader.write(text);
  return reader.end();
}

const suite = (cases: string) =>
  `<testsuites><testsuite name="s">${cases}</testsuite></testsuites>`;

describe('JUnit', () => {
  test('a failure, an error, one skipped, one passed', () => {
    const text = suite(
      '<testcase classname="c" name="a"><failure type="AssertionError" message="no"/></testcase>' +
        '<testcase name="b"><error>boom</error></testcase>' +
        '<testcase name="k"><skipped/></testcase><testcase name="p"/>',
    );
    expect(brief(readJunit(text))).toEqual({
      problems: [],
      found: ['s › c › a FAILURE AssertionError: no', 's › b ERROR error: boom'],
      sound: ['s › k', 's › p'],
    });
  });

  test('a pass after another try is listed, not counted; reruns are one failure', () => {
    const text = suite(
      '<testcase name="f"><flakyFailure message="once"/></testcase>' +
        '<testcase name="r"><failure message="no"/><rerunFailure message="no"/></testcase>',
    );
    const reading = readJunit(text);
    expect(reading.flaky).toEqual([{ path: 's › f', message: 'once' }]);
    expect(brief(reading).found).toEqual(['s › r FAILURE failure: no']);
  });

  test('cases of one name are one subject with the findings of all', () => {
    const text = suite('<testcase name="a"/><testcase name="a"><failure message="x"/></testcase>');
    const { subjects } = readJunit(text);
    expect(subjects.map(({ path, findings }) => [path, findings.length])).toEqual([['s › a', 1]]);
  });

  test('a suite that failed as a whole is a finding', () => {
    expect(brief(readJunit(suite('<testcase name="a"/><error message="setup"/>'))).found).toEqual([
      's ERROR error: setup',
    ]);
  });

  test('what real programs write', () => {
    expect(brief(readJunit(fixture('pytest.xml'))).found.length).toBe(4);
    expect(brief(readJunit(fixture('node-test.xml'))).problems).toEqual([]);
  });

  test('any cut of a report is refused', () => {
    const text = suite('<testcase name="a"/>');
    for (let length = 0; length < text.length; length += 1)
      expect(readJunit(text.slice(0, length)).problems).not.toEqual([]);
    expect(readJunit(text).problems).toEqual([]);
  });
});

describe('TAP', () => {
  test.each<readonly [text: string, found: readonly string[], sound: readonly string[]]>([
    ['1..2\nok 1 - a\nnot ok 2 - b\n', ['2 b FAILURE not-ok: not ok'], ['1 a']],
    ['1..2\nnot ok 1 # TODO x\nnot ok 2 # SKIP y\n', [], ['1 case 1', '2 case 2']],
    ['1..3\nok 1 - a\n', ['plan ERROR plan: the plan is 3 and 1 were reported'], ['1 a']],
    [
      '1..2\nok 1 - a\nBail out! no disk\n',
      ['bail-out ERROR bail-out: bailed out: no disk'],
      ['1 a'],
    ],
    [
      '1..1\n    1..1\n    not ok 1 - in\nnot ok 1 - out\n',
      ['1 out › 1 in FAILURE not-ok: not ok'],
      [],
    ],
  ])('%j', (text, found, sound) => {
    expect(brief(readTap(text))).toEqual({ problems: [], found, sound });
  });

  test.each(['', '1..0 # SKIP none\n', 'ok 1\n', '1..1\nok 1\n1..1\n', '1..1\nok 1\n  ---\n'])(
    'refused: %j',
    (text) => {
      expect(readTap(text).problems).not.toEqual([]);
    },
  );
});

describe('CTRF', () => {
  const ctrf = (tests: readonly object[], summary: object = {}) =>
    JSON.stringify({ results: { tool: { name: 't' }, summary, tests } });
  const passed = { name: 'p', status: 'passed', duration: 1 };

  test('failed and other count, a flaky pass is listed', () => {
    const reading = readCtrf(
      ctrf([
        { ...passed, suite: ['s', 't'] },
        { ...passed, name: 'f', flaky: true, message: 'twice' },
        { name: 'x', status: 'failed', suite: 'one', message: 'no', retries: 2, line: 4 },
        { name: 'o', status: 'other', testId: 'id-7', rawStatus: 'not-run' },
        { name: 'k', status: 'skipped' },
      ]),
    );
    expect(brief(reading)).toEqual({
      problems: [],
      found: ['one/x FAILURE failed: no', 'id-7 ERROR other: not-run'],
      sound: ['s/t/p', 'f', 'k'],
    });
    expect(reading.flaky).toEqual([{ path: 'f', message: 'twice' }]);
    expect(reading.subjects[2]?.findings[0]).toMatchObject({ attempt: 3, place: { line: 4 } });
  });

  test.each([
    ['no test', ctrf([])],
    ['a sum that is wrong', ctrf([passed], { tests: 2 })],
    ['fewer failures than stated', ctrf([passed], { tests: 1, failed: 1 })],
    ['an unknown status', ctrf([{ name: 'a', status: 'fine' }])],
    ['no name', ctrf([{ status: 'passed' }])],
    ['no list', '{"results":{}}'],
    ['cut off', ctrf([passed]).slice(0, -1)],
  ])('refused: %s', (_, text) => {
    expect(readCtrf(text).problems).not.toEqual([]);
  });
});

test('errors of a checker become findings, warnings do not', () => {
  const diagnostic = {
    class: 'VALIDATION_ERROR',
    rule: 'E_CALL_UNKNOWN',
    severity: 'error' as const,
    message: 'm',
    place: { line: 1, column: 2 },
    context: 'c',
  };
  const reading = readCheckedFiles([
    {
      path: 'a.aether',
      phase: 'parse',
      riskScore: 0,
      diagnostics: [diagnostic, { ...diagnostic, severity: 'warning' }],
    },
  ]);
  expect(brief(reading).found).toEqual(['a.aether VALIDATION_ERROR E_CALL_UNKNOWN: m']);
  expect(readCheckedFiles([]).problems).not.toEqual([]);
});

test('several inputs are one, sorted, each subject once', () => {
  const reading = (name: string, fails: boolean) =>
    readJunit(suite(`<testcase name="${name}">${fails ? '<failure/>' : ''}</testcase>`));
  const { subjects, kinds } = joinReadings([
    { kind: 'junit', reading: reading('b', true) },
    { kind: 'junit', reading: reading('a', false) },
    { kind: 'tap', reading: readTap('1..1\nok 1\n') },
    { kind: 'junit', reading: reading('a', true) },
  ]);
  expect(kinds).toEqual(['junit', 'tap']);
  expect(subjects.map(({ path, findings }) => `${path} ${String(findings.length)}`)).toEqual([
    '1 case 1 0',
    's › a 1',
    's › b 1',
  ]);
});

test.each([
  ['<?xml version="1.0"?><testsuites/>', 'junit'],
  ['TAP version 14\n', 'tap'],
  ['{"$schema":"x","version":"2.1.0","runs":[', 'sarif'],
  ['{"results": {"tool": {}, "tests": [', 'ctrf'],
  ['{"schema":"seatrial.subjects/v1"', 'findings'],
  ['{"a":1}', undefined],
  ['hello', undefined],
])('%j is %s', (text, kind) => {
  expect(kindOfText(text)).toBe(kind);
});

test.each([
  ['junit:a.xml', { kind: 'junit', path: 'a.xml' }],
  ['a.xml', { kind: undefined, path: 'a.xml' }],
  ['C:a.xml', { kind: undefined, path: 'C:a.xml' }],
  ['run:b:c', { kind: 'run', path: 'b:c' }],
])('the input %s', (text, expected) => {
  expect(parseInput(text)).toEqual(expected);
});

test('no reader throws, and nothing unreadable passes', () => {
  const pieces = fc.array(
    fc.oneof(
      anyText,
      fc.constantFrom(
        '{"results":',
        '{"tests":[',
        '{"version":"2.1.0","runs":[',
        '{',
        '}',
        ']',
        '1..1\n',
        'ok 1\n',
      ),
    ),
  );
  fc.assert(
    fc.property(pieces, (parts) => {
      const text = parts.join('');
      for (const read of [readCtrf, readSarif, readTap, readJunit]) {
        const { subjects, problems } = read(text);
        expect(subjects.length + problems.length).toBeGreaterThan(0);
      }
    }),
  );
  fc.assert(
    fc.property(fc.json(), (json) => {
      for (const read of [readCtrf, readSarif])
        read(`{"version":"2.1.0","runs":[${json}],"results":{"tests":[${json}]}}`);
    }),
  );
});
