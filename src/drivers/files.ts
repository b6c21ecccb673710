import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import * as fs from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { AppendFile, Files } from '../ports/files.ts';
import { WorldError } from '../ports/world-error.ts';
import { copyTreeTo } from './copy-tree.ts';
import { asFileWork, errnoOf, fileError } from './file-error.ts';
import { kindOf, listTree } from './file-listing.ts';
import { placeFile, syncFolder } from './place-file.ts';

/** More than any file that is read whole; larger ones are streamed. */
const readMaxBytes = 1 << 30;
const streamChunkBytes = 1 << 20;

async function readBytes(path: string, maxBytes = readMaxBytes): Promise<Uint8Array> {
  return asFileWork(`read ${path}`, async () => {
    await using handle = await fs.open(path, 'r');
    const { size } = await handle.stat();
    const bytes = size > maxBytes ? undefined : await handle.readFile();
    if (bytes === undefined || bytes.length > maxBytes)
      throw new WorldError('limit', `${path} is larger than ${String(maxBytes)} bytes.`);
    return bytes;
  });
}

async function* streamFile(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: streamChunkBytes }))
      yield chunk as Uint8Array;
  } catch (error) {
    throw fileError(error, `read ${path}`);
  }
}

async function replaceFile(path: string, bytes: Uint8Array | string, mode?: number): Promise<void> {
  const temporary = join(dirname(path), `.seatrial-${randomBytes(8).toString('hex')}.tmp`);
  try {
    await writeSynced(temporary, bytes, mode);
    await fs.rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw fileError(error, `write ${path}`);
  }
}

async function writeSynced(path: string, bytes: Uint8Array | string, mode?: number): Promise<void> {
  await using handle = await fs.open(path, 'wx', mode ?? 0o666);
  // A mode that was asked for counts exactly, whatever the umask.
  if (mode !== undefined) await handle.chmod(mode);
  await handle.writeFile(bytes);
  await handle.sync();
}

/** Of the folders just made, as with files: the mode that was asked for, whatever the umask. */
async function setModes(first: string, last: string, mode: number): Promise<void> {
  for (let folder = last; folder.length >= first.length; folder = dirname(folder))
    await fs.chmod(folder, mode);
}

async function openAppend(
  path: string,
  options: { truncateTo?: number; mode?: number } = {},
): Promise<AppendFile> {
  return asFileWork(`open ${path}`, async () => {
    const handle = await fs.open(path, 'a', options.mode ?? 0o666);
    try {
      if (options.truncateTo !== undefined) await handle.truncate(options.truncateTo);
      const { size } = await handle.stat();
      if (size === 0) await syncFolder(dirname(path));
      return appendFileOver(handle, path, size);
    } catch (error) {
      await handle.close();
      throw error;
    }
  });
}

function appendFileOver(handle: fs.FileHandle, path: string, startBytes: number): AppendFile {
  let sizeBytes = startBytes;
  return {
    get sizeBytes() {
      return sizeBytes;
    },
    append: (bytes) =>
      asFileWork(`append to ${path}`, async () => {
        // A full disk may take a part; the next call then says so.
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = await handle.write(bytes, done);
          done += bytesWritten;
          sizeBytes += bytesWritten;
        }
      }),
    sync: () => asFileWork(`sync ${path}`, () => handle.datasync()),
    close: () => asFileWork(`close ${path}`, () => handle.close()),
  };
}

async function lstatOrNothing(path: string) {
  try {
    return await fs.lstat(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Node says ENOENT of a folder that a read-only disk refuses to make; the folder above says why. */
async function tellWhy(error: unknown, path: string): Promise<never> {
  let above = dirname(path);
  while (errnoOf(error) === 'ENOENT' && (await lstatOrNothing(above)) === undefined)
    above = dirname(above);
  if (errnoOf(error) === 'ENOENT') await fs.access(above, fs.constants.W_OK);
  throw error;
}

const removeAll = (path: string): Promise<void> => fs.rm(path, { recursive: true, force: true });

/** Also where an app closed a folder of its own: nobody but root could remove what is in it. */
async function removeTree(path: string): Promise<void> {
  try {
    await removeAll(path);
  } catch (error) {
    if (errnoOf(error) !== 'EACCES') throw error;
    await openFolders(path);
    await removeAll(path);
  }
}

/** Links are left alone: what they lead to is somebody else's. */
async function openFolders(path: string): Promise<void> {
  const stat = await lstatOrNothing(path);
  if (stat?.isDirectory() !== true) return;
  await fs.chmod(path, 0o700);
  for (const name of await fs.readdir(path)) await openFolders(join(path, name));
}

export const systemFiles: Files = {
  read: readBytes,
  readText: async (path, maxBytes) => new TextDecoder().decode(await readBytes(path, maxBytes)),
  stream: streamFile,
  replace: replaceFile,
  place: placeFile,
  openAppend,
  stat: (path) =>
    asFileWork(`look at ${path}`, async () => {
      const stat = await lstatOrNothing(path);
      if (stat === undefined) return undefined;
      const { uid, gid, dev: device, ino: inode, mtimeMs: modifiedMs } = stat;
      const mode = stat.mode & 0o7777;
      return {
        kind: kindOf(stat),
        sizeBytes: stat.size,
        mode,
        uid,
        gid,
        device,
        inode,
        modifiedMs,
      };
    }),
  list: (path) =>
    asFileWork(`list ${path}`, async () => {
      const entries = await fs.readdir(path, { withFileTypes: true });
      return entries
        .map((entry) => ({ name: entry.name, kind: kindOf(entry) }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    }),
  makeDirectory: (path, mode) =>
    asFileWork(`make ${path}`, async () => {
      const first = await fs
        .mkdir(path, { recursive: true, ...(mode === undefined ? {} : { mode }) })
        .catch((error: unknown) => tellWhy(error, path));
      if (first !== undefined && mode !== undefined)
        await setModes(resolve(first), resolve(path), mode);
    }),
  remove: (path) => asFileWork(`remove ${path}`, () => removeTree(path)),
  rename: (from, to) =>
    asFileWork(`rename ${from}`, async () => {
      await fs.rename(from, to);
      await syncFolder(dirname(to));
    }),
  copyTree: (from, to) => asFileWork(`copy ${from}`, () => copyTreeTo(from, to)),
  listing: (root, options) => listTree(root, options),
};
