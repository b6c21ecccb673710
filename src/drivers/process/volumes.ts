// The one volume of the process driver is its data folder. Paths come from the harness and from
// artifacts, files from the app: links that the app made must not lead a read or write out of it.

import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Listing } from '../../ports/files.ts';
import { WorldError } from '../../ports/world-error.ts';
import type { Instance } from './instance.ts';
import { isBelow } from './proc.ts';
import { assertInside, volumeName } from './render.ts';

const readMaxBytes = 256 * 1024 * 1024;

export const dataListing = ({ folders, options }: Instance): Promise<Listing> =>
  options.files.listing(folders.data);

export function assertVolume(volume: string): void {
  if (volume !== volumeName) throw new WorldError('not-found', `there is no volume ${volume}`);
}

export async function readVolume(
  instance: Instance,
  path: string,
): Promise<Uint8Array | undefined> {
  const { files } = instance.options;
  const full = await pathInside(instance, path);
  if (full === undefined || (await files.stat(full))?.kind !== 'file') return undefined;
  return files.read(full, readMaxBytes);
}

export async function writeVolume(
  instance: Instance,
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  const { folders, options } = instance;
  assertInside(path);
  const parts = dirname(path).split('/');
  // One level at a time: a link in the way is noticed before anything is made behind it.
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const parent = join(folders.data, ...parts.slice(0, depth));
    if ((await options.files.stat(parent)) === undefined)
      await options.files.makeDirectory(parent, 0o755);
    if (!isBelow(await realpath(parent), await realpath(folders.data))) throw leadsOut(path);
  }
  await options.files.replace(join(folders.data, path), bytes, 0o600);
}

/** Full path; undefined when the parent is absent. Throws `refused` when a link leads out. */
async function pathInside({ folders }: Instance, path: string): Promise<string | undefined> {
  assertInside(path);
  const full = join(folders.data, path);
  const parent = await realpath(dirname(full)).catch(() => undefined);
  if (parent === undefined) return undefined;
  if (!isBelow(parent, await realpath(folders.data))) throw leadsOut(path);
  return full;
}

const leadsOut = (path: string): WorldError =>
  new WorldError('refused', `a link leads out of the volume: ${path}`);
