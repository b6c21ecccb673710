import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { looksLikeJunit } from '../../src/evidence/looks-like-junit.ts';
import { readJunit } from '../../src/evidence/read-junit.ts';
import { growth, nearlyLinear } from '../cost.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/reports/${name}`, import.meta.url), 'utf8');
const suite = (cases: string, attributes = '') =>
  `<testsuites><testsuite name="s"${attributes}>${cases}</testsuite></testsuites>`;
const passed = '<testcase name="a" time="0.25"/>';

const table: [what: string, text: string, verdict: string, message: RegExp][] = [
  ['one passed', suite(passed), 'passed', /1 case passed/],
  ['root is a suite', `<testsuite>${passed}</testsuite>`, 'passed', /1 case/],
  [
    'failure',
    suite('<testcase name="a"><failure message="no"/></testcase>'),
    'failed',
    /s › a: no/,
  ],
  [
    'failure with text',
    suite('<testcase name="a"><failure>why</failure></testcase>'),
    'failed',
    /why/,
  ],
  [
    'failure in CDATA',
    suite('<testcase name="a"><failure><![CDATA[<x>]]></failure></testcase>'),
    'failed',
    /<x>/,
  ],
  ['error', suite('<testcase name="a"><error message="crash"/></testcase>'), 'error', /crash/],
  [
    'failure outweighs error',
    suite('<testcase name="a"><error/><failure/></testcase>'),
    'failed',
    /1 of 1/,
  ],
  ['skipped', suite('<testcase name="a"><skipped/></testcase>'), 'inconclusive', /all skipped/],
  ['not run by status', suite('<testcase name="a" status="notrun"/>'), 'inconclusive', /all/],
  [
    'passed after a retry',
    suite('<testcase name="a"><flakyFailure/></testcase>'),
    'inconclusive',
    /all/,
  ],
  ['no case', '<testsuites/>', 'inconclusive', /no case/],
  ['fewer than declared', suite(passed, ' tests="2"'), 'error', /2 cases are declared/],
  [
    'message outweighs details',
    suite('<testcase name="a"><failure message="short">long</failure></testcase>'),
    'failed',
    /: short$/,
  ],
  [
    'counted twice for its cleanup',
    suite('<testcase name="a"><error message="teardown"/></testcase>', ' tests="2" errors="1"'),
    'error',
    /teardown/,
  ],
  ['declared failures not there', suite(passed, ' failures="1"'), 'error', /none is there/],
  [
    'nested counts',
    suite(`<testsuite tests="1">${passed}</testsuite>`, ' tests="1"'),
    'passed',
    /1/,
  ],
  ['suite failed as a whole', suite(`${passed}<error message="setup"/>`), 'error', /setup/],
  ['cut off', '<testsuites><testsuite><testcase name="a"/>', 'error', /well-formed/],
  ['empty', '', 'error', /well-formed/],
  ['not a report', '<html/>', 'error', /no test report/],
  ['document type', '<!DOCTYPE a [<!ENTITY b "c">]><testsuite/>', 'error', /document type/],
  ['unknown entity', suite('<testcase name="&b;"/>'), 'error', /entity/],
  ['case in a case', suite('<testcase><testcase/></testcase>'), 'error', /inside a case/],
  ['inherited attribute names', suite('<testcase constructor="x" name="a"/>'), 'passed', /1/],
];

describe('verdict of a JUnit report', () => {
  test.each(table)('%s', (_, text, verdict, message) => {
    const report = readJunit(text);
    expect(report.verdict).toBe(verdict);
    expect(report.message).toMatch(message);
  });
});

test('durations and class names', () => {
  expect(readJunit(suite('<testcase classname="a.B" name="c" time="1.5"/>')).cases).toEqual([
    { suites: ['a.B'], name: 'c', verdict: 'passed', message: '', durationMs: 1500 },
  ]);
});

test('reads what `node --test` prints', () => {
  const { verdict, cases, problems } = readJunit(fixture('node-test.xml'));
  expect([verdict, problems]).toEqual(['failed', []]);
  expect(cases.map((each) => `${each.name}/${each.verdict}`)).toEqual([
    'plain ok/passed',
    'bad # hash/failed',
    'skipped/inconclusive',
    'todo/inconclusive',
    'inner/passed',
    'deeper/failed',
  ]);
});

test('reads what pytest writes', () => {
  const { verdict, cases } = readJunit(fixture('pytest.xml'));
  expect(verdict).toBe('failed');
  expect(cases.map((each) => [...each.suites, each.name, each.verdict].join('/'))).toEqual([
    'test_x/test_ok/passed',
    'test_x/test_p[1]/passed',
    'test_x/test_p[2]/failed',
    'test_x.TestA/test_m/inconclusive',
    'test_x/test_f/error',
    'test_x/test_g/failed',
    'test_x/test_g/error',
    'test_x/test_xf/inconclusive',
  ]);
});

test('any cut of a passing report is not passed', () => {
  const text = suite(passed, ' tests="1"');
  for (let length = 0; length < text.length; length++)
    expect(readJunit(text.slice(0, length)).verdict).not.toBe('passed');
});

test('never throws and never passes without a case', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '<testsuite>',
      '</testsuite>',
      passed,
      '<testcase>',
      '</testcase>',
      '<failure/>',
    ),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const report = readJunit(pieces.join(''));
      if (report.verdict === 'passed') expect(report.cases.length).toBeGreaterThan(0);
    }),
  );
});

test.each<[string, (size: number) => string]>([
  ['suites', (size) => '<testsuite>'.repeat(size / 11)],
  ['cases', (size) => `<testsuite>${'<testcase/>'.repeat(size / 11)}</testsuite>`],
  ['text', (size) => suite(`<testcase><failure>${'x'.repeat(size)}</failure></testcase>`)],
])('hostile %s take time by their size', (_, make) => {
  expect(growth(200_000, (size) => readJunit(make(size)))).toBeLessThan(nearlyLinear);
});

test('too many and too deep are refused, and long texts are cut', () => {
  expect(readJunit('<testsuite>'.repeat(100_000)).message).toMatch(/deep/);
  expect(readJunit(`<testsuite>${'<testcase/>'.repeat(150_000)}</testsuite>`).message).toMatch(
    /many/,
  );
  const long = readJunit(suite(`<testcase><failure>${'x'.repeat(5_000_000)}</failure></testcase>`));
  expect(long.message.length).toBeLessThan(5000);
});

test.each([
  ['<?xml version="1.0"?>\n<testsuites>', true],
  ['<!-- by x -->\n<testsuite name="a">', true],
  ['<testsuites/>', true],
  ['<testsuitesx>', false],
  ['TAP version 13', false],
  ['', false],
])('%j looks like JUnit: %j', (text, expected) => {
  expect(looksLikeJunit(text)).toBe(expected);
});
