import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeSource, lineText, makeSource, positionAt } from '../../src/diagnostics/source.ts';

test.each([
  ['a\nb', 0, 1, 1],
  ['a\nb', 1, 1, 2],
  ['a\nb', 2, 2, 1],
  ['a\nb', 3, 2, 2],
  ['a\r\nb', 3, 2, 1],
  ['', 0, 1, 1],
  ['\n\n', 2, 3, 1],
  ['😀x', 2, 1, 3],
])('%j at %i is line %i column %i', (text, offset, line, column) => {
  expect(positionAt(makeSource('f', text), offset)).toEqual({ line, column });
});

test('an offset outside the text is a bug', () => {
  expect(() => positionAt(makeSource('f', 'ab'), 3)).toThrow(/offset 3 outside f/);
});

test('line and column lead back to the offset', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '\n', '\r', '😀') }),
      fc.nat(),
      (text, n) => {
        const offset = n % (text.length + 1);
        const source = makeSource('f', text);
        const { line, column } = positionAt(source, offset);
        expect((source.lineStarts[line - 1] ?? NaN) + column - 1).toBe(offset);
        expect(line).toBe(text.slice(0, offset).split('\n').length);
      },
    ),
  );
});

test.each([
  ['a\r\nb', 1, 'a'],
  ['a\r\nb', 2, 'b'],
  ['a\n', 2, ''],
  ['a', 9, ''],
])('of %j line %i is %j', (text, line, expected) => {
  expect(lineText(makeSource('f', text), line)).toBe(expected);
});

describe('bytes', () => {
  const bytes = (...parts: (string | number[])[]) =>
    new Uint8Array(parts.flatMap((part) => [...Buffer.from(part)]));

  test.each([
    [bytes('ab'), 'ab', undefined],
    [bytes([0xef, 0xbb, 0xbf], 'ab'), 'ab', undefined],
    [bytes('a', [0xff], 'b'), 'a\uFFFDb', 1],
    [bytes([0xef, 0xbb, 0xbf], 'a', [0xff]), 'a\uFFFD', 1],
    [bytes('a\uFFFDb', [0xc3]), 'a\uFFFDb\uFFFD', 3],
    [bytes([0xed, 0xa0, 0x80]), '\uFFFD\uFFFD\uFFFD', 0],
  ])('%#', (input, text, invalidAt) => {
    const decoded = decodeSource('f', input);
    expect(decoded.source.text).toBe(text);
    expect(decoded.invalidAt).toBe(invalidAt);
  });

  test('the first broken byte is found behind any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const { source, invalidAt } = decodeSource('f', bytes(`x${text}`, [0xff], 'end'));
        expect(invalidAt).toBe(source.text.lastIndexOf('\uFFFD'));
      }),
    );
  });
});
