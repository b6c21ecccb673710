import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { checkEntryPath, checkLinkTarget, makeTreeMeter } from '../../src/drivers/tree-entry.ts';

const codeOf = (work: () => void): string => {
  try {
    work();
    return 'fine';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('paths of entries', () => {
  it.each([
    ['a', 'fine'],
    ['a/b c/..d', 'fine'],
    ['.gitignore', 'fine'],
    ['a\nb', 'fine'],
    ['', 'refused'],
    ['/a', 'refused'],
    ['a//b', 'refused'],
    ['a/', 'refused'],
    ['./a', 'refused'],
    ['a/../b', 'refused'],
    ['a/.Git/config', 'refused'],
    ['a\0b', 'refused'],
    ['a\ufffd', 'refused'],
  ])('%j: %s', (path, expected) => {
    expect(
      codeOf(() => {
        checkEntryPath(path);
      }),
    ).toBe(expected);
  });
});

describe('targets of links', () => {
  it.each([
    ['l', 'a', 'fine'],
    ['l', './a/./b', 'fine'],
    ['l', '.', 'fine'],
    ['d/l', '..', 'fine'],
    ['d/e/l', '../../a', 'fine'],
    ['l', '..', 'refused'],
    ['d/l', '../../a', 'refused'],
    ['d/l', '../a/../b', 'refused'],
    ['l', '/a', 'refused'],
    ['l', '', 'refused'],
  ])('%s -> %s: %s', (path, target, expected) => {
    expect(
      codeOf(() => {
        checkLinkTarget(path, target);
      }),
    ).toBe(expected);
  });

  it('never lead out, whatever other links the tree has', () => {
    const name = fc.constantFrom('a', 'b', 'c', '..', '.');
    const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 });
    const link = fc.record({ path, target: fc.array(name, { minLength: 1, maxLength: 5 }) });
    fc.assert(
      fc.property(fc.array(link, { maxLength: 8 }), (links) => {
        const root = realpathSync(mkdtempSync(join(tmpdir(), 'seatrial-tree-')));
        const tree = join(root, 'deep/er/tree');
        mkdirSync(tree, { recursive: true });
        try {
          const made = links.filter((one) =>
            tryLink(tree, one.path.join('/'), one.target.join('/')),
          );
          for (const one of made) {
            const at = join(tree, one.path.join('/'));
            if (existsSync(at)) expect(`${realpathSync(at)}/`.startsWith(`${tree}/`)).toBe(true);
          }
        } finally {
          rmSync(root, { recursive: true });
        }
      }),
      { numRuns: 150 },
    );
  });
});

/** Makes an accepted link; false when it is refused or its place is taken, by a link also on the way. */
function tryLink(tree: string, path: string, target: string): boolean {
  try {
    checkLinkTarget(path, target);
    const parent = dirname(join(tree, path));
    mkdirSync(parent, { recursive: true });
    if (realpathSync(parent) !== parent) return false;
    symlinkSync(target, join(tree, path));
    return true;
  } catch {
    return false;
  }
}

describe('the size of a tree', () => {
  it.each([
    [[1, 2], 'fine'],
    [[1, 1, 1, 1], 'limit'],
    [[6], 'limit'],
    [[5, 5, 1], 'limit'],
  ])('%j: %s', (sizes, expected) => {
    const meter = makeTreeMeter({ entries: 3, bytes: 10, fileBytes: 5 });
    expect(
      codeOf(() => {
        for (const size of sizes) meter.add('a', size);
      }),
    ).toBe(expected);
  });
});
