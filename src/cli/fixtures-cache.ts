// What fixtures left in a store to be quicker next time: cache images with the time of their last use, and
// prepared sets.

import { join } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import type { Images } from '../ports/images.ts';
import { readPrepared, type PreparedSet } from './prepared.ts';

export type CachedImage = {
  readonly pack: string;
  readonly tag: string;
  readonly id: string;
  readonly lastUsed: string;
  /** What keeps it known. */
  readonly file: string;
};

export type CachedSet = PreparedSet & {
  readonly pack: string;
  readonly lastUsed: string;
  /** What keeps it known. */
  readonly file: string;
};

export type FixtureCache = {
  readonly images: readonly CachedImage[];
  readonly prepared: readonly CachedSet[];
};

export async function readFixtureCache(store: string): Promise<FixtureCache> {
  const root = join(store, 'cache', 'packs');
  const images: CachedImage[] = [];
  const prepared: CachedSet[] = [];
  for (const pack of await namesIn(root)) {
    for (const file of await recordsIn(join(root, pack, 'images'))) {
      const image = await readImage(file);
      if (image !== undefined) images.push({ pack, file, ...image });
    }
    for (const file of await recordsIn(join(root, pack, 'prepared'))) {
      const [set, stat] = [await readPrepared(file), await systemFiles.stat(file)];
      if (set === undefined || stat === undefined) continue;
      prepared.push({ pack, file, lastUsed: new Date(stat.modifiedMs).toISOString(), ...set });
    }
  }
  return { images, prepared };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  if ((await systemFiles.stat(folder))?.kind !== 'directory') return [];
  return (await systemFiles.list(folder)).map(({ name }) => name).sort();
}

const recordsIn = async (folder: string): Promise<readonly string[]> =>
  (await namesIn(folder))
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name));

async function readImage(file: string) {
  const stat = await systemFiles.stat(file);
  try {
    const value = JSON.parse(await systemFiles.readText(file, 1 << 20)) as Partial<CachedImage>;
    const { tag, id } = value;
    if (stat === undefined || typeof tag !== 'string' || typeof id !== 'string') return undefined;
    return { tag, id, lastUsed: new Date(stat.modifiedMs).toISOString() };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Takes the cache's name off images that were not used since; what a run still has keeps its layers. */
export async function evictImages(
  cached: readonly CachedImage[],
  images: Pick<Images, 'find' | 'untag'>,
): Promise<readonly CachedImage[]> {
  const gone: CachedImage[] = [];
  for (const image of cached) {
    // A name that means something else by now is not the cache's.
    if ((await images.find(image.tag))?.id === image.id) await images.untag(image.tag);
    await systemFiles.remove(image.file);
    gone.push(image);
  }
  return gone;
}

/** The record goes first, so that it never speaks of packages that are not whole. */
export async function evictSets(sets: readonly CachedSet[]): Promise<void> {
  for (const { file } of sets) {
    await systemFiles.remove(file);
    await systemFiles.remove(file.slice(0, -'.json'.length));
  }
}
