import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack, type Headers } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { unpackTarball } from '../../../src/drivers/releases/tarball.ts';
import { makeTreeMeter } from '../../../src/drivers/tree-entry.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seatrial-tar-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

type Given = readonly [Headers, string?];
const tarOf = async (entries: readonly Given[]): Promise<Buffer> => {
  const packing = pack();
  for (const [header, content] of entries) packing.entry(header, content ?? '');
  packing.finalize();
  return buffer(packing);
};
const unpack = async (entries: readonly Given[], name = 'app.tar'): Promise<string> => {
  const file = join(folder, name);
  const bytes = await tarOf(entries);
  writeFileSync(file, name.endsWith('.tar') ? bytes : gzipSync(bytes));
  const to = join(folder, 'out');
  await unpackTarball(file, to);
  return to;
};
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );

describe('a tarball', () => {
  it.each(['app.tar', 'app.tgz', 'app.tar.gz'])(
    '%s is unpacked with its links and modes',
    async (name) => {
      const to = await unpack(
        [
          [{ name: './', type: 'directory', mode: 0o700 }],
          [{ name: './a/', type: 'directory', mode: 0o700 }],
          [{ name: './a/f', mode: 0o600 }, 'content'],
          [{ name: 'b/run', mode: 0o700 }, 'x'],
          [{ name: 'b/hard', type: 'link', linkname: './a/f' }],
          [{ name: 'c/soft', type: 'symlink', linkname: '../b/run' }],
          [{ name: 'n\u00e9w\nline' }, 'y'],
        ],
        name,
      );
      const mode = (path: string): number => lstatSync(join(to, path)).mode & 0o777;
      expect(['.', 'a', 'a/f', 'b/run'].map(mode)).toEqual([0o755, 0o755, 0o644, 0o755]);
      expect(readFileSync(join(to, 'b/hard'), 'utf8')).toBe('content');
      expect(lstatSync(join(to, 'a/f')).nlink).toBe(1);
      expect(readlinkSync(join(to, 'c/soft'))).toBe('../b/run');
      expect(readFileSync(join(to, 'n\u00e9w\nline'), 'utf8')).toBe('y');
      expect(readdirSync(folder).sort()).toEqual([name, 'out'].sort());
    },
  );

  it.each([
    ['package', 'app-1.0.0.tar', true],
    ['app-1.0.0', 'app-1.0.0.tgz', true],
    ['src', 'app-1.0.0.tgz', false],
  ])('with the only folder %s in %s is unwrapped: %s', async (top, name, unwrapped) => {
    const to = await unpack([[{ name: `${top}/f` }, 'x']], name);
    expect(existsSync(join(to, 'f'))).toBe(unwrapped);
    expect(existsSync(join(to, top, 'f'))).toBe(!unwrapped);
  });

  it('made by tar is read', async () => {
    mkdirSync(join(folder, `tree/${'d'.repeat(120)}`), { recursive: true });
    writeFileSync(join(folder, `tree/${'d'.repeat(120)}/f`), 'z'.repeat(2_000_000));
    execFileSync('tar', ['-czf', join(folder, 'gnu.tgz'), '-C', join(folder, 'tree'), '.']);
    await unpackTarball(join(folder, 'gnu.tgz'), join(folder, 'out'));
    expect(readFileSync(join(folder, `out/${'d'.repeat(120)}/f`)).length).toBe(2_000_000);
  });
});

describe('a hostile tarball', () => {
  const file: Given = [{ name: 'f' }, 'x'];
  it.each<[string, readonly Given[]]>([
    ['an absolute path', [[{ name: '/f' }, 'x']]],
    ['a climbing path', [[{ name: 'a/../../f' }, 'x']]],
    ['a hidden climbing path', [[{ name: './../f' }, 'x']]],
    ['.git', [[{ name: '.git/config' }, 'x']]],
    ['an absolute link', [[{ name: 'l', type: 'symlink', linkname: '/etc/passwd' }]]],
    ['a link out', [[{ name: 'a/l', type: 'symlink', linkname: '../../f' }]]],
    ['a hard link out', [[{ name: 'l', type: 'link', linkname: '../f' }]]],
    ['a hard link to the host', [[{ name: 'l', type: 'link', linkname: '/etc/passwd' }]]],
    [
      'a hard link to a link',
      [
        [{ name: 's', type: 'symlink', linkname: 'f' }],
        [{ name: 'l', type: 'link', linkname: 's' }],
      ],
    ],
    ['a device', [[{ name: 'd', type: 'character-device', devmajor: 1, devminor: 3 }]]],
    ['a pipe', [[{ name: 'p', type: 'fifo' }]]],
    ['one name twice', [file, file]],
    ['a file used as a folder', [file, [{ name: 'f/g' }, 'x']]],
    [
      'a link used as a folder',
      [[{ name: 'l', type: 'symlink', linkname: '.' }], [{ name: 'l/f' }, 'x']],
    ],
    [
      'a file in place of a link',
      [[{ name: 'l', type: 'symlink', linkname: 'f' }], [{ name: 'l' }, 'x']],
    ],
  ])('with %s is refused and leaves nothing', async (_, entries) => {
    expect(await codeOf(unpack(entries))).toBe('refused');
    expect(readdirSync(folder)).toEqual(['app.tar']);
  });
});

describe('an unfit tarball', () => {
  it.each([
    ['cut', (bytes: Buffer) => bytes.subarray(0, 700)],
    ['no tarball', () => Buffer.from('x'.repeat(5000))],
    ['broken gzip', (bytes: Buffer) => gzipSync(bytes).subarray(0, 60)],
    ['xz', () => Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])],
  ])('that is %s is refused', async (_, change) => {
    const path = join(folder, 'app.tar');
    writeFileSync(path, change(await tarOf([[{ name: 'f' }, 'x'.repeat(3000)]])));
    expect(await codeOf(unpackTarball(path, join(folder, 'out')))).toBe('refused');
  });

  it('that is not there is not found', async () => {
    expect(await codeOf(unpackTarball(join(folder, 'no'), join(folder, 'out')))).toBe('not-found');
  });

  it.each([
    ['many entries', { entries: 2, bytes: 1e9, fileBytes: 1e9 }],
    ['many bytes', { entries: 99, bytes: 1500, fileBytes: 1e9 }],
    ['a large file', { entries: 99, bytes: 1e9, fileBytes: 999 }],
  ])('with %s meets a limit', async (_, limits) => {
    const path = join(folder, 'app.tar');
    const big = 'x'.repeat(1000);
    writeFileSync(
      path,
      await tarOf([
        [{ name: 'a' }, big],
        [{ name: 'b', type: 'link', linkname: 'a' }],
        [{ name: 'c' }, big],
      ]),
    );
    expect(await codeOf(unpackTarball(path, join(folder, 'out'), makeTreeMeter(limits)))).toBe(
      'limit',
    );
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });
});
