import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { columnsOf } from '../../src/diagnostics/columns.ts';

/** What the short way takes, and what could join with it into one character. */
const marked = fc.string({
  unit: fc.constantFrom(
    ...Array.from('a ~¡©¬®ÿäß‐–—‖‘’“”…‹›←↑→↓─│┆╿▸✓✕≠\u0301\u200d\ufe0f\ufe0e\u20e3\u00ad日👍'),
  ),
});

test('the short way never differs from the long one', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), marked), (text) => {
      expect(columnsOf(text)).toBe(stringWidth(text));
    }),
  );
});

test.each([
  ['', 0],
  ['plain ~', 7],
  ['größer', 6],
  ['日本', 4],
  ['\u001b[1mx\u001b[0m', 1],
])('%j is %d wide', (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});
