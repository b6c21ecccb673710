import { XMLParser } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { renderJunit } from '../../src/reporters/junit.ts';
import { expectGolden } from './golden.ts';
import { firstUnseen, hostileStrings, poison } from './hostile.ts';
import { cutState, failedState, passedState } from './state.ts';
import { hasXmllint, publishedSchema, readStrictly, say, validate } from './xmllint.ts';

type Case = { readonly '@name': string; readonly failure?: unknown; readonly error?: unknown };
type Suite = { readonly testcase: readonly Case[] } & Readonly<Record<string, string>>;
type Report = {
  readonly testsuites: { readonly testsuite: readonly Suite[] } & Readonly<Record<string, string>>;
};

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  isArray: (name) => name === 'testsuite' || name === 'testcase',
});

const states = [
  ['failed', failedState],
  ['passed', passedState],
  ['cut', cutState],
] as const;
const grammar = 'test/fixtures/reporters/junit.rng';
const published = publishedSchema('junit-10.xsd');

test.each(states)('a run that %s', async (name, state) => {
  const text = renderJunit(state);
  readStrictly(text);
  await expectGolden(text, `junit-${name}.xml`);
});

test.each(states)('sums add up for a run that %s', (_name, state) => {
  const { testsuites } = parser.parse(renderJunit(state)) as Report;
  for (const total of ['@tests', '@failures', '@errors'])
    expect(testsuites.testsuite.reduce((sum, suite) => sum + Number(suite[total]), 0)).toBe(
      Number(testsuites[total]),
    );
  const cases = testsuites.testsuite.flatMap(({ testcase }) => testcase);
  expect(cases).toHaveLength(Number(testsuites['@tests']));
  expect(cases.filter((each) => 'failure' in each)).toHaveLength(Number(testsuites['@failures']));
  expect(cases.filter((each) => 'error' in each)).toHaveLength(Number(testsuites['@errors']));
});

test.each([
  ['failed', failedState, 1, 3],
  ['cut', cutState, 0, 1],
  ['passed', passedState, 0, 0],
  ['had nothing to ask', { ...cutState, checks: [] }, 0, 1],
  ['failed for no check', { ...cutState, verdict: 'failed' }, 1, 0],
] as const)('only a passed run is green: %s', (_name, state, failures, errors) => {
  const { testsuites } = parser.parse(renderJunit(state)) as Report;
  expect([Number(testsuites['@failures']), Number(testsuites['@errors'])]).toEqual([
    failures,
    errors,
  ]);
});

test.each(Object.keys(hostileStrings))(
  'hostile text keeps the document well formed: %s',
  (name) => {
    const text = renderJunit(poison(hostileStrings[name] ?? '').state);
    readStrictly(text);
    expect(firstUnseen(text)).toBeUndefined();
    const { testsuites } = parser.parse(text) as Report;
    expect(testsuites['@tests']).toBe('13');
  },
);

if (!hasXmllint) say('SKIPPED: no xmllint, JUnit XML was not held against its grammar.');
if (published === undefined)
  say('SKIPPED: set SEATRIAL_SCHEMAS to a folder with junit-10.xsd of the Jenkins xUnit plugin.');

test.skipIf(!hasXmllint)('xmllint accepts every document against our grammar', () => {
  for (const [, state] of states)
    expect(validate('relaxng', grammar, renderJunit(state))).toBeUndefined();
  for (const text of Object.values(hostileStrings))
    expect(validate('relaxng', grammar, renderJunit(poison(text).state))).toBeUndefined();
});

test.skipIf(!hasXmllint)('canary: xmllint refuses a wrong document', () => {
  const wrong = renderJunit(failedState).replace('<failure type="failed"', '<failure type="green"');
  expect(validate('relaxng', grammar, wrong)).toMatch(/failure|type/u);
  expect(validate('relaxng', grammar, wrong.replace(']]&gt;', ']]>\u0001'))).toBeDefined();
});

test.skipIf(!hasXmllint || published === undefined)(
  'the published schema accepts every document',
  () => {
    for (const [, state] of states)
      expect(validate('schema', published ?? '', renderJunit(state))).toBeUndefined();
    const text = hostileStrings['cdata'] ?? '';
    expect(validate('schema', published ?? '', renderJunit(poison(text).state))).toBeUndefined();
  },
);
