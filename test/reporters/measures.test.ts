import { expect, test } from 'vitest';
import {
  count,
  duration,
  epochMs,
  moment,
  shortDigest,
  size,
} from '../../src/reporters/measures.ts';

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1000, '1.0 s'],
  [59_949, '59.9 s'],
  [59_960, '1 min 00 s'],
  [185_000, '3 min 05 s'],
  [3_600_000, '1 h 00 min'],
  [5_400_000, '1 h 30 min'],
])('duration of %d ms', (milliseconds, expected) => {
  expect(duration(milliseconds)).toBe(expected);
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [64 * 1024 ** 2, '64 MiB'],
  [3 * 1024 ** 5, '3072 TiB'],
])('size of %d bytes', (bytes, expected) => {
  expect(size(bytes)).toBe(expected);
});

test('times that are none stay as they are', () => {
  expect(moment('2026-03-01T09:30:00.123Z')).toBe('2026-03-01 09:30:00 UTC');
  expect(moment('yesterday')).toBe('yesterday');
  expect(epochMs('yesterday')).toBeUndefined();
  expect(epochMs(undefined)).toBeUndefined();
});

test('words and digests', () => {
  expect([count(0, 'check'), count(1, 'check'), count(2, 'check')]).toEqual([
    '0 checks',
    'one check',
    '2 checks',
  ]);
  expect(shortDigest('0123456789abcdef')).toBe('0123456789ab');
});
