import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OverlaySource } from '../../ports/overlays.ts';
import { WorldError } from '../../ports/world-error.ts';
import { errnoOf, fileError } from '../file-error.ts';

const textMax = 1 << 20;
const filesMax = 2000;

export const sha256Of = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

/** Text of a file, or undefined where its bytes are not UTF-8 or too many to be a source. */
export function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.length > textMax) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Sub-folders whose checks belong to `custom`; the last two are those of recipe CI folders. */
const subFolders = ['custom/', 'functional/', 'playwright/'];

/** Files directly in the folder and in its sub-folders of checks, sorted by path. No folder, no files. */
export async function readOverlayFolder(folder: string): Promise<readonly OverlaySource[]> {
  const names = (
    await Promise.all(['', ...subFolders].map((below) => namesIn(folder, below)))
  ).flat();
  if (names.length > filesMax)
    throw new WorldError('limit', `${folder} holds more than ${String(filesMax)} files.`);
  const sources: OverlaySource[] = [];
  for (const path of names.sort()) sources.push(await readSource(folder, path));
  return sources;
}

async function namesIn(folder: string, below: string): Promise<readonly string[]> {
  const path = join(folder, below);
  try {
    const entries = await readdir(path, { withFileTypes: true });
    const link = entries.find((entry) => entry.isSymbolicLink());
    // What a link points to is covered by no digest.
    if (link !== undefined)
      throw new WorldError('refused', `${join(path, link.name)} is a symbolic link.`);
    return entries.filter((entry) => entry.isFile()).map((entry) => `${below}${entry.name}`);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw fileError(error, `list ${path}`);
  }
}

async function readSource(folder: string, path: string): Promise<OverlaySource> {
  const whole = join(folder, path);
  try {
    const bytes = await readFile(whole);
    const text = textOf(bytes);
    return {
      path,
      sha256: sha256Of(bytes),
      executable: ((await lstat(whole)).mode & 0o100) !== 0,
      ...(text === undefined ? {} : { text }),
    };
  } catch (error) {
    throw fileError(error, `read ${whole}`);
  }
}
