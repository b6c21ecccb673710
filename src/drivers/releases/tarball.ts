// Unpacks a release's tarball with one parser that also judges it: what is written is what was looked at.

import { constants, createReadStream, createWriteStream } from 'node:fs';
import { chmod, copyFile, mkdir, open, readdir, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

import type { Entry } from 'tar-stream';

import { WorldError } from '../../ports/world-error.ts';
import { errnoOf, fileError } from '../file-error.ts';
import { checkEntryPath, checkLinkTarget, makeTreeMeter, type TreeMeter } from '../tree-entry.ts';

const gzipMagic = Buffer.from([0x1f, 0x8b]);
const foreignMagics: readonly (readonly [string, Buffer])[] = [
  ['bzip2', Buffer.from('BZh')],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
];

export const tarballPattern = /\.(tgz|tar\.gz|tar)$/;

async function isCompressed(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    const start = buffer.subarray(0, bytesRead);
    for (const [name, magic] of foreignMagics)
      if (start.subarray(0, magic.length).equals(magic))
        throw new WorldError('refused', `${file} is compressed with ${name}.`, {
          hint: 'Tarballs may be plain or compressed with gzip.',
        });
    return start.subarray(0, 2).equals(gzipMagic);
  } finally {
    await handle.close();
  }
}

type Unpacking = {
  readonly to: string;
  readonly meter: TreeMeter;
  readonly folders: Set<string>;
  /** Of the files written so far. */
  readonly sizes: Map<string, number>;
  /** Made last, so that nothing can be written through them. */
  readonly links: Map<string, string>;
};

/** Folders get one mode, as in a commit: the packer's umask is not part of a release. */
async function makeFolder(unpacking: Unpacking, path: string): Promise<void> {
  const { to, folders } = unpacking;
  if (folders.has(path)) return;
  if (path !== '.') await makeFolder(unpacking, dirname(path));
  await mkdir(join(to, path), { recursive: path === '.' });
  await chmod(join(to, path), 0o755);
  folders.add(path);
}

async function writeFileEntry(unpacking: Unpacking, path: string, entry: Entry): Promise<void> {
  await makeFolder(unpacking, dirname(path));
  const target = join(unpacking.to, path);
  await pipeline(entry, createWriteStream(target, { flags: 'wx' }));
  unpacking.sizes.set(path, entry.header.size ?? 0);
  await chmod(target, ((entry.header.mode ?? 0) & 0o111) === 0 ? 0o644 : 0o755);
}

/** A hard link becomes a copy: it may only name a file that the tarball brought itself. */
async function copyLinked(unpacking: Unpacking, path: string, linked: string): Promise<void> {
  const bytes = unpacking.sizes.get(linked);
  if (bytes === undefined)
    throw new WorldError('refused', `${JSON.stringify(path)} links to what is not in the tarball.`);
  // Counted as the copy it becomes: many links to one large file must not fill the disk.
  unpacking.meter.add(path, bytes);
  await makeFolder(unpacking, dirname(path));
  await copyFile(
    join(unpacking.to, linked),
    join(unpacking.to, path),
    constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE,
  );
}

const plainPath = (name: string): string => name.replace(/^(\.\/)+/, '').replace(/\/+$/, '');

type EntryHandler = (unpacking: Unpacking, path: string, entry: Entry) => Promise<void>;

const handlers: Readonly<Record<string, EntryHandler>> = {
  directory: makeFolder,
  file: writeFileEntry,
  'contiguous-file': writeFileEntry,
  link: (unpacking, path, { header }) =>
    copyLinked(unpacking, path, plainPath(header.linkname ?? '')),
  symlink: (unpacking, path, { header }) => {
    checkLinkTarget(path, header.linkname ?? '');
    unpacking.links.set(path, header.linkname ?? '');
    return Promise.resolve();
  },
};

async function unpackEntry(unpacking: Unpacking, entry: Entry): Promise<void> {
  const { name, size } = entry.header;
  const type = entry.header.type ?? 'file';
  const path = plainPath(name);
  if (type === 'directory' && (path === '' || path === '.')) return;
  checkEntryPath(path);
  const handle = handlers[type];
  if (handle === undefined)
    throw new WorldError('refused', `${JSON.stringify(path)} in the tarball is a ${type}.`);
  unpacking.meter.add(path, size ?? 0);
  await handle(unpacking, path, entry);
}

async function unpackAll(file: string, unpacking: Unpacking): Promise<void> {
  const compressed = await isCompressed(file);
  const { extract } = await import('tar-stream');
  const parser = extract();
  const source = createReadStream(file);
  const feeding = compressed ? pipeline(source, createGunzip(), parser) : pipeline(source, parser);
  const reading = (async () => {
    for await (const entry of parser) {
      await unpackEntry(unpacking, entry);
      entry.resume();
    }
  })();
  try {
    await Promise.all([reading, feeding]);
  } finally {
    source.destroy();
    parser.destroy();
    await Promise.allSettled([reading, feeding]);
  }
  for (const [path, target] of unpacking.links) {
    await makeFolder(unpacking, dirname(path));
    await symlink(target, join(unpacking.to, path));
  }
}

/** The only entry of a tree when it is a folder named `package` or as the tarball, as packers put it. */
async function wrapperOf(tree: string, file: string): Promise<string | undefined> {
  const entries = await readdir(tree, { withFileTypes: true });
  const [only] = entries;
  const names = ['package', basename(file).replace(tarballPattern, '')];
  return entries.length === 1 && only?.isDirectory() === true && names.includes(only.name)
    ? only.name
    : undefined;
}

const unpackTrouble = (error: unknown, file: string): WorldError =>
  ['EEXIST', 'ENOTDIR', 'EISDIR'].includes(errnoOf(error) ?? '')
    ? new WorldError('refused', `${file} holds two entries of one name.`, { cause: error })
    : errnoOf(error)?.startsWith('Z_') === true || errnoOf(error) === undefined
      ? new WorldError('refused', `${file} is not a tarball: ${String(error)}.`, { cause: error })
      : fileError(error, `unpack ${file}`);

/**
 * Writes a tarball's tree to `to`, which must not exist; a wrapping folder named `package` or as the tarball
 * is taken off. Throws `refused` for absolute or climbing paths, links out of the tree, special files and
 * names that come twice, `limit` beyond the limits of a tree.
 */
export async function unpackTarball(
  file: string,
  to: string,
  meter = makeTreeMeter(),
): Promise<void> {
  const temporary = `${to}.unpacking`;
  const unpacking: Unpacking = {
    to: temporary,
    meter,
    folders: new Set(),
    sizes: new Map(),
    links: new Map(),
  };
  try {
    await makeFolder(unpacking, '.');
    await unpackAll(file, unpacking);
    const wrapper = await wrapperOf(temporary, file);
    await rename(wrapper === undefined ? temporary : join(temporary, wrapper), to);
  } catch (error) {
    throw error instanceof WorldError ? error : unpackTrouble(error, file);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
