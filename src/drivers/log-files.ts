// Logs of a system under watch, on this host's disk. Their folder belongs to that system: a link or
// a pipe in it is not followed and not waited for.

import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { LogFiles, LogPart } from '../ports/log-files.ts';
import { WorldError } from '../ports/world-error.ts';
import { asFileWork, errnoOf } from './file-error.ts';

const partsMax = 10_000;
const readOnly = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export const systemLogFiles: LogFiles = {
  parts: (path) =>
    asFileWork(`look for ${path}`, async () => {
      const [folder, own] = [dirname(path), basename(path)];
      const names = (await namesIn(folder))
        .filter((name) => name === own || name.startsWith(`${own}.`))
        .sort((a, b) => compare(a, b, own));
      if (names.length > partsMax)
        throw new WorldError('limit', `${path} has more than ${String(partsMax)} files`);
      const parts = await Promise.all(names.map((name) => partOf(folder, name)));
      return parts.filter((part) => part !== undefined);
    }),
  read: (path, part, range) =>
    asFileWork(`read ${path}`, async () => {
      const handle = await openPart(join(dirname(path), part.name));
      if (handle === undefined) return undefined;
      try {
        const { dev, ino } = await handle.stat();
        if (dev !== part.device || ino !== part.inode) return undefined;
        const bytes = new Uint8Array(range.to - range.from);
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, range.from);
        return bytes.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    }),
};

/** The log itself is the newest. */
function compare(a: string, b: string, own: string): number {
  if (a === b) return 0;
  if (a === own || b === own) return a === own ? 1 : -1;
  return a < b ? -1 : 1;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await fs.readdir(folder);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

async function partOf(folder: string, name: string): Promise<LogPart | undefined> {
  try {
    const stat = await fs.lstat(join(folder, name));
    if (!stat.isFile()) return undefined;
    return { name, device: stat.dev, inode: stat.ino, sizeBytes: stat.size };
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

async function openPart(path: string): Promise<fs.FileHandle | undefined> {
  try {
    return await fs.open(path, readOnly);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

const isAbsent = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? '');
