import { XMLParser } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { renderOtr } from '../../src/reporters/otr.ts';
import { expectGolden } from './golden.ts';
import { firstUnseen, hostileStrings, poison } from './hostile.ts';
import { cutState, failedState, passedState } from './state.ts';
import { hasXmllint, publishedSchema, readStrictly, say, validate } from './xmllint.ts';

type Node = {
  readonly '@name': string;
  readonly 'c:result': { readonly '@status': string };
  readonly 'h:child'?: readonly Node[];
};
type Report = { readonly 'h:execution': { readonly 'h:root': Node } };

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  isArray: (name) => name === 'h:child',
});

const states = [
  ['failed', failedState],
  ['passed', passedState],
  ['cut', cutState],
] as const;
const grammar = 'test/fixtures/reporters/otr.rng';
const published = publishedSchema('hierarchy-0.2.0.xsd');

const rootOf = (text: string): Node => (parser.parse(text) as Report)['h:execution']['h:root'];

test.each(states)('a run that %s', async (name, state) => {
  const text = renderOtr(state);
  readStrictly(text);
  await expectGolden(text, `otr-${name}.xml`);
});

test.each([
  ['failed', failedState, 'FAILED'],
  ['passed', passedState, 'SUCCESSFUL'],
  ['cut', cutState, 'ABORTED'],
] as const)('the root of a run that %s says so', (_name, state, status) => {
  expect(rootOf(renderOtr(state))['c:result']['@status']).toBe(status);
});

test('operations carry the worst of themselves and their checks', () => {
  const operations = rootOf(renderOtr(failedState))['h:child'] ?? [];
  expect(operations.map((node) => [node['@name'], node['c:result']['@status']])).toEqual([
    ['install', 'SUCCESSFUL'],
    ['upgrade', 'FAILED'],
    ['backup', 'SUCCESSFUL'],
    ['restore', 'ABORTED'],
    ['rebuild', 'SKIPPED'],
    ['remove', 'SUCCESSFUL'],
    ['run', 'SUCCESSFUL'],
  ]);
});

test.each(Object.keys(hostileStrings))(
  'hostile text keeps the document well formed: %s',
  (name) => {
    const text = renderOtr(poison(hostileStrings[name] ?? '').state);
    readStrictly(text);
    expect(firstUnseen(text)).toBeUndefined();
    expect(rootOf(text)['h:child']).toHaveLength(7);
  },
);

if (!hasXmllint)
  say('SKIPPED: no xmllint, Open Test Reporting XML was not held against its grammar.');
if (published === undefined)
  say('SKIPPED: set SEATRIAL_SCHEMAS to a folder with hierarchy-0.2.0.xsd and core-0.2.0.xsd.');

test.skipIf(!hasXmllint)('xmllint accepts every document against our grammar', () => {
  for (const [, state] of states)
    expect(validate('relaxng', grammar, renderOtr(state))).toBeUndefined();
  for (const text of Object.values(hostileStrings))
    expect(validate('relaxng', grammar, renderOtr(poison(text).state))).toBeUndefined();
});

test.skipIf(!hasXmllint)('canary: xmllint refuses a wrong document', () => {
  const wrong = renderOtr(failedState).replace('status="FAILED"', 'status="GREEN"');
  expect(validate('relaxng', grammar, wrong)).toBeDefined();
});

test.skipIf(!hasXmllint || published === undefined)(
  'the published schema accepts every document',
  () => {
    for (const [, state] of states)
      expect(validate('schema', published ?? '', renderOtr(state))).toBeUndefined();
    const text = hostileStrings['cdata'] ?? '';
    expect(validate('schema', published ?? '', renderOtr(poison(text).state))).toBeUndefined();
  },
);
