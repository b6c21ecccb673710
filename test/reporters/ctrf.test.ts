import { validate, type CTRFReport } from 'ctrf';
import { expect, test } from 'vitest';
import { renderCtrf } from '../../src/reporters/ctrf.ts';
import { expectGolden } from './golden.ts';
import { firstUnseen, hostileStrings, poison } from './hostile.ts';
import { cutState, failedState, passedState } from './state.ts';

const read = (text: string): CTRFReport => JSON.parse(text) as CTRFReport;
const problems = (report: unknown): readonly unknown[] => {
  const { valid, errors } = validate(report);
  return valid ? [] : errors;
};

test.each([
  ['failed', failedState],
  ['passed', passedState],
  ['cut', cutState],
] as const)('a run that %s fits the published schema', async (name, state) => {
  const text = renderCtrf(state);
  expect(problems(read(text))).toEqual([]);
  await expectGolden(text, `ctrf-${name}.json`);
});

test('canary: the validator refuses a wrong document', () => {
  const report = read(renderCtrf(failedState));
  expect(problems({ ...report, reportFormat: 'other' })).not.toEqual([]);
  expect(problems({ ...report, unknown: 1 })).not.toEqual([]);
});

test.each([
  ['failed', failedState, { passed: 8, failed: 1, skipped: 1, other: 3, tests: 13 }],
  ['passed', passedState, { passed: 13, failed: 0, skipped: 0, other: 0, tests: 13 }],
  ['was cut', cutState, { passed: 13, failed: 0, skipped: 0, other: 1, tests: 14 }],
  ['had nothing to ask', { ...cutState, checks: [] }, { passed: 0, failed: 0, other: 1, tests: 1 }],
] as const)('only a passed run is green: %s', (_name, state, summary) => {
  const { results } = read(renderCtrf(state));
  expect(results.summary).toMatchObject({ ...summary, pending: 0 });
  expect(results.tests).toHaveLength(results.summary.tests);
});

test.each(Object.keys(hostileStrings))('hostile text keeps the document valid: %s', (name) => {
  const text = renderCtrf(poison(hostileStrings[name] ?? '').state);
  expect(problems(read(text))).toEqual([]);
  expect(firstUnseen(text)).toBeUndefined();
});
