import { expect, test } from 'vitest';
import { clip } from '../../src/reporters/clip.ts';

test.each([
  ['short', 'abc', 'abc'],
  ['too long', 'abcdefgh', 'abcde…\n(3 more characters in the bundle)'],
  ['too many lines', 'a\nb\nc', 'a\nb…\n(2 more characters in the bundle)'],
  ['cut inside a pair', 'abcd😀', 'abcd…\n(2 more characters in the bundle)'],
])('%s', (_name, text, expected) => {
  expect(clip(text, { characters: 5, lines: 2 })).toBe(expected);
});
