import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareText, sortedEntries } from '../../src/findings/order.ts';

test('the order is that of the UTF-8 bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

test('canary: UTF-16 order would be another one', () => {
  const [high, astral] = ['\uffee', '\u{1f600}'];
  expect(high < astral).toBe(false);
  expect(compareText(high, astral)).toBeLessThan(0);
});

test('entries of a map by key', () => {
  expect(
    sortedEntries(
      new Map([
        ['b', 1],
        ['a', 2],
      ]),
    ),
  ).toEqual([
    ['a', 2],
    ['b', 1],
  ]);
});
