import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { renderJson } from '../../src/reporters/json.ts';
import { reportSchema } from '../../src/reporters/report-schema.ts';
import { expectGolden } from './golden.ts';
import { firstUnseen, hostileStrings, poison } from './hostile.ts';
import { cutState, failedState, passedState } from './state.ts';

const isReport = new Ajv2020({ allErrors: true }).compile(reportSchema);

test.each([
  ['failed', failedState],
  ['passed', passedState],
  ['cut', cutState],
] as const)('a run that %s fits the schema', async (name, state) => {
  const text = renderJson(state);
  expect(isReport(JSON.parse(text)), JSON.stringify(isReport.errors)).toBe(true);
  await expectGolden(text, `report-${name}.json`);
});

test.each([
  ['a field is missing', { verdict: undefined }],
  ['a field is unknown', { extra: 1 }],
  ['a verdict is unknown', { verdict: 'ok' }],
])('canary: the schema refuses when %s', (_name, change) => {
  const report = JSON.parse(renderJson(failedState)) as object;
  expect(isReport(JSON.parse(JSON.stringify({ ...report, ...change })))).toBe(false);
});

test.each(Object.keys(hostileStrings))('hostile text survives unharmed and inert: %s', (name) => {
  const hostile = hostileStrings[name] ?? '';
  const text = renderJson(poison(hostile).state);
  expect(firstUnseen(text)).toBeUndefined();
  const report = JSON.parse(text) as { readonly app: string };
  expect(isReport(report), JSON.stringify(isReport.errors)).toBe(true);
  expect(report.app).toBe(`notes${hostile.replace(/\p{Cs}/gu, '\ufffd')}`);
});
