import { expect, test } from 'vitest';
import { matchesGlob } from '../../src/findings/glob.ts';

test.each([
  ['a/*.aether', 'a/b.aether', true],
  ['a/*.aether', 'a/b/c.aether', false],
  ['a/**', 'a/b/c.aether', true],
  ['**/c.aether', 'c.aether', true],
  ['**/c.aether', 'a/b/c.aether', true],
  ['**/c.aether', 'a/xc.aether', false],
  ['./a/?.x', 'a/b.x', true],
  ['a.b', 'axb', false],
  ['(a|b)[1]', '(a|b)[1]', true],
  ['a', 'b a', false],
])('%s and %s: %j', (glob, path, expected) => {
  expect(matchesGlob(glob)(path)).toBe(expected);
});

test('many stars come to an end', () => {
  expect(matchesGlob('*a'.repeat(30))('a'.repeat(2000))).toBe(true);
  expect(matchesGlob(`${'*a'.repeat(30)}b`)('a'.repeat(2000))).toBe(false);
});
