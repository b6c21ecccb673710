import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findJsonFault, locateJson } from '../../src/findings/locate-json.ts';
import { anyText } from './samples.ts';

test.each<readonly [text: string, offset: number, message: RegExp]>([
  ['', 0, /ends too early/],
  ['{"a": 1', 7, /ends too early/],
  ['{"a" 1}', 5, /`:`/],
  ['{"a": 1,}', 8, /key/],
  ['[1 2]', 3, /`,` or `\]`/],
  ['[1,]', 3, /value/],
  ['[01]', 2, /`,` or `\]`/],
  ['{"a": 1]', 7, /`,` or `}`/],
  ['"a\nb"', 2, /control/],
  ['"a\\x"', 2, /escape/],
  ['"abc', 4, /ends too early/],
  ['1 2', 2, /after the end/],
  ['undefined', 0, /value/],
  ["{'a': 1}", 1, /double quotes/],
])('%j is no JSON from %i on', (text, offset, message) => {
  const fault = findJsonFault(text);
  expect(fault?.offset).toBe(offset);
  expect(fault?.message).toMatch(message);
});

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test('it is of one mind with JSON.parse, whatever is cut, added or changed', () => {
  const json = fc.tuple(
    fc.json(),
    fc.nat(),
    fc.nat(),
    fc.oneof(anyText, fc.constantFrom('[', ']', '{', '}', ',', ':', '"', '\\', '0')),
  );
  fc.assert(
    fc.property(json, ([text, from, to, put]) => {
      expect(findJsonFault(text)).toBeUndefined();
      const [start, end] = [from % (text.length + 1), to % (text.length + 1)];
      const changed = text.slice(0, Math.min(start, end)) + put + text.slice(Math.max(start, end));
      expect(findJsonFault(changed) === undefined).toBe(parses(changed));
    }),
  );
});

test('a place for each path, or the nearest around it', () => {
  const text = '{"a": [1, {"b\\u0021": [true, null]}], "c": "x"}';
  const at = (...path: readonly (string | number)[]) => text.slice(locateJson(text, [path])[0]);
  expect(at()).toBe(text);
  expect(at('a', 1, 'b!', 1)).toMatch(/^null/);
  expect(at('c')).toMatch(/^"x"/);
  expect(at('a', 7, 'z')).toMatch(/^\[1/);
  expect(at('z')).toBe(text);
  expect(locateJson(text, [])).toEqual([]);
});

test('no depth is too deep', () => {
  const deep = '['.repeat(1_000_000);
  expect(findJsonFault(deep)).toMatchObject({ offset: deep.length });
  expect(locateJson(deep, [[0, 0]])).toEqual([2]);
});
