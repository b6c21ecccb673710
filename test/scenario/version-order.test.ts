import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions, parseVersion } from '../../src/scenario/version-order.ts';

const parsed = (text: string) => {
  const version = parseVersion(text);
  if (version === undefined) throw new Error(`${text} is no version`);
  return version;
};

test.each([
  ['1.2.3', '1.2.4'],
  ['1.9.0', '1.10.0'],
  ['v1.2.3', '1.3.0'],
  ['1.0.0-rc.1', '1.0.0'],
  ['1.0.0-rc.2', '1.0.0-rc.10'],
  ['1.0.0', '1.0.0+2.0'],
  ['1.0.0+2.9.0', '1.0.0+2.10.0'],
  ['1.0.0+v2.9.0', '1.0.0+2.10.0'],
  ['1.0.0+2.0.0-rc1', '1.0.0+2.0.0'],
  ['1.0.0+2024-09-30', '1.0.0+2024-10-01'],
  ['1.0.0+r9', '1.0.0+r10'],
  ['1.0.0+9.9', '1.0.1+1.0'],
  ['0.9.9+99', '1.0.0'],
])('%s is older than %s', (older, newer) => {
  expect(compareVersions(parsed(older), parsed(newer))).toBeLessThan(0);
  expect(compareVersions(parsed(newer), parsed(older))).toBeGreaterThan(0);
});

test.each([
  '',
  'main',
  'latest',
  '1',
  '1.2',
  '1.2.3.4',
  'release-1.2.3',
  '1.2.3+',
  '=1.2.3',
  ' 1.2.3 x',
])('%j is no version', (text) => {
  expect(parseVersion(text)).toBeUndefined();
});

test('pre-releases are those of the own part', () => {
  expect(parsed('1.0.0-rc.1+2.0.0').preRelease).toBe(true);
  expect(parsed('1.0.0+2.0.0-rc1').preRelease).toBe(false);
});

test('the order is total', () => {
  const number = fc.integer({ min: 0, max: 12 });
  const version = fc
    .tuple(number, number, fc.constantFrom('', '-rc.1', '+1.0', '+v2.0.0', '+2024-01-02', '+x10'))
    .map(([minor, patch, rest]) => parsed(`1.${String(minor)}.${String(patch)}${rest}`));
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
        expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
    }),
  );
});

test('any text is a version or none', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseVersion(text);
    }),
  );
});
