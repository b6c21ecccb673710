import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { fit, hanging, padded, painter, wrap } from '../../src/reporters/terminal-text.ts';

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['漢字漢字', 5, '漢字…'],
  ['👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 3, '👩‍👩‍👧‍👦…'],
])('fits %j into %d columns', (text, columns, expected) => {
  expect(fit(text, columns)).toBe(expected);
});

test('never wider than asked, and wrapping loses nothing', () => {
  const words = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }));
  fc.assert(
    fc.property(words, fc.integer({ min: 2, max: 30 }), (parts, columns) => {
      const text = parts.join(' ');
      expect(stringWidth(fit(text, columns))).toBeLessThanOrEqual(columns);
      expect(wrap(text, columns).join(' ')).toBe(text);
    }),
  );
});

test('bullets, padding, paint', () => {
  expect(hanging('- ', 'aaaa bbbb cccc dddd eeee', 16)).toEqual([
    '- aaaa bbbb cccc dddd',
    '  eeee',
  ]);
  expect(padded('漢', 4)).toBe('漢  ');
  expect(painter(true)('red', 'x')).toBe('\u001b[31mx\u001b[0m');
  expect(painter(false)('red', 'x')).toBe('x');
});
