import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, sha256Hex } from '../../src/evidence/canonical.ts';
import { renderRepaired } from '../../src/evidence/json-repair.ts';
import type { Json } from '../../src/ports/json.ts';

const jsonValue = fc.jsonValue().map((value) => value as Json);

test.each<[name: string, value: Json, text: string]>([
  [
    'keys by UTF-16 code units',
    { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 },
    '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
  ],
  [
    'numbers as ECMAScript',
    [333333333.33333329, 1e30, 4.5, 2e-3, 1e-27, -0],
    '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
  ],
  ['short escapes', '\u20ac$\u000f\nA\'B"\\\\"/', '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'],
  ['literals', [null, true, false, {}, []], '[null,true,false,{},[]]'],
  ['text that looks like an escape', '\\ud800', '"\\\\ud800"'],
])('renders %s', (_name, value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

test.each<[name: string, value: unknown]>([
  ['NaN', NaN],
  ['infinity', [-Infinity]],
  ['half a surrogate pair', { text: 'a\ud800b' }],
  ['half a surrogate pair in a key', { 'a\udc00': 1 }],
  ['undefined', { text: undefined }],
  ['bigint', 1n],
])('refuses %s', (_name, value) => {
  expect(() => canonicalJson(value as Json)).toThrow(TypeError);
});

test('is JSON, and the same for every order of keys', () => {
  fc.assert(
    fc.property(jsonValue, (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(reversedKeys(value))).toBe(text);
    }),
  );
});

test('digests the UTF-8 bytes of a string', () => {
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(sha256Hex('é')).toBe(sha256Hex(new TextEncoder().encode('é')));
});

test('repairs only what does not fit as it is', () => {
  const render = (value: Json) => canonicalJson(value);
  expect(renderRepaired({ a: 'fine' }, render, 100)).toBe('{"a":"fine"}');
  expect(renderRepaired({ a: 'x\ud800' }, render, 100)).toBe('{"a":"x\ufffd"}');
  const long = renderRepaired(['x'.repeat(50_000)], render, 20_000);
  expect(long).toMatch(/^\["x{8192} \[41808 characters cut\]"\]$/);
  expect(renderRepaired(Array<string>(9).fill('x'.repeat(9000)), render, 20_000)).toBeUndefined();
});

function reversedKeys(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(reversedKeys);
  const entries = Object.entries<Json>(value);
  return Object.fromEntries(entries.reverse().map(([key, member]) => [key, reversedKeys(member)]));
}
