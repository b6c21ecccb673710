import { expect, test } from 'vitest';
import { treeDigest } from '../../src/evidence/tree-digest.ts';
import type { ListingEntry } from '../../src/ports/files.ts';

const folder: ListingEntry = {
  ...{ path: '.', kind: 'directory', sizeBytes: 4096, mode: 0o755, uid: 0, gid: 0 },
};
const file: ListingEntry = {
  ...{ path: 'a', kind: 'file', sizeBytes: 3, mode: 0o644, uid: 0, gid: 0, sha256: 'f'.repeat(64) },
};
const link: ListingEntry = {
  ...{ path: 'b', kind: 'symlink', sizeBytes: 1, mode: 0o777, uid: 0, gid: 0, target: 'a' },
};
const whole = treeDigest([folder, file, link]);

test('is fixed, since it is written into bundles', () => {
  expect(whole).toBe('a537ebf58e8916b9e83f2e77651ea81aecad126d988de113ed403f728c351f88');
});

test.each<[what: string, changed: readonly ListingEntry[]]>([
  ['a path', [folder, { ...file, path: 'c' }, link]],
  ['a type', [folder, file, { ...link, kind: 'other' }]],
  ['a mode', [folder, { ...file, mode: 0o755 }, link]],
  ['the mode of the root', [{ ...folder, mode: 0o700 }, file, link]],
  ['content', [folder, { ...file, sha256: 'e'.repeat(64) }, link]],
  ['a link target', [folder, file, { ...link, target: 'c' }]],
  ['a missing entry', [folder, file]],
])('changes with %s', (_what, changed) => {
  expect(treeDigest(changed)).not.toBe(whole);
});

test.each<[what: string, same: readonly ListingEntry[]]>([
  ['owners', [folder, { ...file, uid: 1, gid: 2 }, link]],
  ['sizes of folders', [{ ...folder, sizeBytes: 1 }, file, link]],
  ['the order of the listing', [link, file, folder]],
])('does not change with %s', (_what, same) => {
  expect(treeDigest(same)).toBe(whole);
});

test('refuses a listing made without digests', () => {
  const bare = { ...folder, path: 'a', kind: 'file' } as const;
  expect(() => treeDigest([bare])).toThrow('a was listed without a digest');
});
