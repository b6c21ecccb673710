import { expect, test } from 'vitest';
import { nearest } from '../../src/diagnostics/nearest.ts';

const keys = ['health', 'hooks', 'path', 'port', 'probes'];

test.each([
  ['heath', 'health'],
  ['paht', 'path'],
  ['pth', 'path'],
  ['hook', 'hooks'],
  ['PATH', undefined],
  ['x', undefined],
  ['', undefined],
  ['y'.repeat(1_000_000), undefined],
])('%.20j is meant as %j', (word, meant) => {
  expect(nearest(word, keys)).toBe(meant);
});

test('of two equally near ones the first by name is taken', () => {
  expect(nearest('bat', ['cat', 'bar'])).toBe('bar');
});
