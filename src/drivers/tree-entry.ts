// What a tree from outside (a commit, a tarball, a folder) may hold: the same rules for all three.

import { WorldError } from '../ports/world-error.ts';

/** More than any release seen so far, small enough to fit on a worker's disk. */
const treeLimits = { entries: 200_000, bytes: 4 * 1024 ** 3, fileBytes: 512 * 1024 ** 2 };

const refuse = (path: string, reason: string): never => {
  throw new WorldError('refused', `${JSON.stringify(path)} in the release ${reason}.`);
};

/** Throws `refused` unless `path` is relative, normal, and none of its names is `..` or `.git`. */
export function checkEntryPath(path: string): void {
  if (path.includes('\0')) refuse(path, 'has a NUL in its name');
  if (path.includes('\ufffd')) refuse(path, 'has a name that is not UTF-8');
  for (const name of path.split('/')) {
    if (name === '' || name === '.' || name === '..') refuse(path, 'is not a plain relative path');
    if (name.toLowerCase() === '.git') refuse(path, 'could change what git does');
  }
}

/**
 * Throws `refused` unless a link stays inside its tree. `..` is allowed at the beginning only: after
 * another name it could climb out through a link whose lexical path looks harmless.
 */
export function checkLinkTarget(path: string, target: string): void {
  if (target === '' || target.startsWith('/') || target.includes('\0'))
    refuse(path, `links to ${JSON.stringify(target)}, outside the tree`);
  const names = target.split('/').filter((name) => name !== '' && name !== '.');
  const leading = names.findIndex((name) => name !== '..');
  const climbs = leading === -1 ? names.length : leading;
  if (climbs > path.split('/').length - 1 || names.slice(climbs).includes('..'))
    refuse(path, `links to ${JSON.stringify(target)}, outside the tree`);
}

export type TreeMeter = { readonly add: (path: string, bytes: number) => void };

/** Counts entries and bytes of one tree; throws `limit` when it is too large. */
export function makeTreeMeter(limits = treeLimits): TreeMeter {
  let entries = 0;
  let total = 0;
  return {
    add: (path, bytes) => {
      entries += 1;
      total += bytes;
      if (entries > limits.entries || total > limits.bytes || bytes > limits.fileBytes)
        throw new WorldError('limit', `The release is too large at ${JSON.stringify(path)}.`, {
          hint: `At most ${String(limits.entries)} entries, ${String(limits.bytes)} bytes, ${String(limits.fileBytes)} bytes a file.`,
        });
    },
  };
}
