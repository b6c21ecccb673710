import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadGates, renderGatesSchema } from '../../src/gates/load-gates.ts';
import { markedBy, placesOf } from '../scenario/at.ts';
import { bytesOf, twoGates } from './gates-text.ts';

const load = (text: string) => loadGates('gates.yaml', bytesOf(text));

test('a sound file is read, and every check knows its kind', () => {
  const { gates, problems } = load(twoGates);
  expect(problems).toEqual([]);
  expect(gates?.gates['web_api']?.checks.map(({ kind }) => kind)).toEqual(['http', 'http']);
  expect(gates?.gates['release_note']?.manual?.max_age).toBe('72h');
});

test('the published schema takes what the loader takes, and refuses an unknown key', () => {
  const validate = new Ajv2020({ strict: false }).compile(renderGatesSchema());
  expect(validate(parse(twoGates))).toBe(true);
  expect(validate(parse(twoGates.replace('canary:', 'canaries:')))).toBe(false);
});

// [what is changed, from, to, expected code and place, what the problem marks]
const faults: readonly (readonly [string, string, string, string, string])[] = [
  ['unknown key of a gate', '    title: Web', '    titel: Web', 'SC002 6:5', 'titel'],
  [
    'unknown key of a check',
    '        request: {get: /api, headers: {X-Token: "',
    '        requst: 1\n        request: {get: /api, headers: {X-Token: "',
    'SC002 10:9',
    'requst',
  ],
  ['unknown kind', 'kind: http', 'kind: htpp', 'GT001 5:11', 'htpp'],
  ['audits, which is no kind', 'kind: http', 'kind: audits', 'GT001 5:11', 'audits'],
  ['a gate declared twice', '  release_note:', '  web_api:', 'SC001 18:3', 'web_api'],
  [
    'a check declared twice',
    'gate.web.right-token\n',
    'gate.web.wrong-token\n',
    'GT004 12:13',
    'gate.web.wrong-token',
  ],
  [
    'no canary for a check',
    '[gate.web.right-token]',
    '[gate.web.wrong-token]',
    'GT002 12:13',
    'gate.web.right-token',
  ],
  [
    'a canary for no check',
    'red: gate.web.wrong-token',
    'red: gate.web.wrong-tokens',
    'GT005 16:37',
    'gate.web.wrong-tokens',
  ],
  [
    'two faults at once',
    '{fault: web.any-token,',
    '{fault: web.any-token, env: {A: b},',
    'GT008 16:9',
    '{fault: web.any-token, env: {A: b}, red: gate.web.wrong-token}',
  ],
  ['an unknown placeholder', '$token-x', '$tokn-x', 'GT007 10:49', '"$tokn-x"'],
  [
    'a manual gate without signers',
    '    manual: {signers: [ops], evidence: [note.md]}\n',
    '',
    'GT006 19:11',
    'manual',
  ],
  ['a bad status', 'status: 403', 'status: 99', 'SC003 11:26', '99'],
  [
    'a pattern that no engine of ours runs',
    '{min: 0}',
    '{matches: "(a)\\\\1"}',
    'GT008 14:56',
    '"(a)\\\\1"',
  ],
  ['a bad name', '  release_note:', '  release-note:', 'SC003 18:3', 'release-note'],
  [
    'two methods',
    '{get: /api, headers: {X-Token: "',
    '{get: /api, post: /b, headers: {X-Token: "',
    'GT008 10:18',
    '{get: /api, post: /b, headers: {X-Token: "$token-x"}}',
  ],
  [
    'a reference to a later check',
    'same_as: /alias',
    'changed_since: gate.web.late',
    'GT005 14:79',
    'gate.web.late',
  ],
];

describe('a fault is told with its place and a hint', () => {
  test.each(faults)('%s', (_name, ...[from, to, place, marked]) => {
    expect(twoGates).toContain(from);
    const { source, gates, problems } = load(twoGates.replace(from, to));
    expect(gates).toBeUndefined();
    expect(placesOf(source, problems)).toContain(place);
    expect(markedBy(source, problems)).toContain(marked);
    for (const { hint } of problems) expect(hint).not.toBe('');
  });
});

test('an unknown kind hides no other problem and is told once', () => {
  const { source, problems } = load(
    twoGates.replace('kind: http', 'kind: audits').replace('    title: Web', '    titel: Web'),
  );
  expect(placesOf(source, problems)).toEqual(['GT001 5:11', 'SC002 6:5']);
});

test('bytes that are no text, and a file beyond the limit, are problems', () => {
  expect(loadGates('g', new Uint8Array([0xff, 0xfe])).gates).toBeUndefined();
  expect(load(`version: 1 #${'x'.repeat(1 << 20)}`).problems).toHaveLength(1);
});
