import { expect, test } from 'vitest';
import type { Release } from '../../src/ports/release.ts';
import { nearVersions } from '../../src/scenario/near-versions.ts';

const release = (version: string): Release => ({ origin: 'npm', ref: `npm:a@${version}`, version });
const published = ['1.0.0', '1.1.0', '2.0.0', '2.1.0', '3.0.0', '3.1.0', '4.0.0'].map(release);

test.each<[asked: string, near: readonly string[]]>([
  ['2.0.5', ['1.1.0', '2.0.0', '2.1.0', '3.0.0', '4.0.0']],
  ['npm:a@2.0.5', ['1.1.0', '2.0.0', '2.1.0', '3.0.0', '4.0.0']],
  ['v0.0.1', ['1.0.0', '1.1.0', '4.0.0']],
  ['9.9.9', ['3.1.0', '4.0.0']],
  ['3.1', ['3.1.0', '4.0.0']],
  ['latestt', ['4.0.0']],
])('beside %s stand %j', (asked, near) => {
  expect(nearVersions(asked, published)).toEqual(expect.arrayContaining([...near]));
  expect(nearVersions(asked, published).length).toBeLessThanOrEqual(6);
  expect(nearVersions(asked, published).at(-1)).toBe(near.at(-1));
});

test('tags without a version are found by their spelling, and nothing is made of nothing', () => {
  const tags: readonly Release[] = [
    { origin: 'git', ref: 'git:spring' },
    { origin: 'git', ref: 'git:autumn' },
  ];
  expect(nearVersions('git:autum', tags)).toEqual(['git:autumn']);
  expect(nearVersions('1.0.0', [])).toEqual([]);
});
