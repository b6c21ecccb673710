// Prepared releases by what they are made of. A tree is published by a rename, so that it is there whole or
// not at all; it is digested again before each use, so that a changed cache is noticed and made anew.

import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';

import type { Release } from '../../ports/release.ts';
import { WorldError } from '../../ports/world-error.ts';
import type { FetchOptions, ReleaseSettings } from './release-settings.ts';

const format = 'seatrial.prepared-release/v1';
const lockWaitMs = 1_800_000;

type CachedTree = {
  readonly root: string;
  readonly digest: string;
  readonly cached: boolean;
};

type CacheRequest = {
  readonly release: Release;
  /** Everything the prepared tree depends on. */
  readonly ingredients: readonly string[];
  /** Writes the tree to a path that does not exist yet. */
  readonly make: (to: string) => Promise<void>;
  readonly options: FetchOptions;
};

type Meta = { readonly format: string; readonly digest: string; readonly release: Release };

export const cacheKey = (ingredients: readonly string[]): string =>
  createHash('sha256')
    .update(JSON.stringify([format, ...ingredients]))
    .digest('hex')
    .slice(0, 40);

async function readMeta({ files }: ReleaseSettings, path: string): Promise<Meta | undefined> {
  try {
    const meta = JSON.parse(await files.readText(path, 1 << 20)) as Partial<Meta>;
    return meta.format === format && typeof meta.digest === 'string' ? (meta as Meta) : undefined;
  } catch (error) {
    // Cut or edited: as good as none. Trouble with the disk is told.
    if (error instanceof SyntaxError) return undefined;
    if (error instanceof WorldError && error.code === 'not-found') return undefined;
    throw error;
  }
}

async function digestTree({ files, treeDigest }: ReleaseSettings, root: string): Promise<string> {
  return treeDigest(await files.listing(root));
}

async function readCached(
  settings: ReleaseSettings,
  folder: string,
): Promise<CachedTree | undefined> {
  const meta = await readMeta(settings, join(folder, 'meta.json'));
  const root = join(folder, 'tree');
  if (meta === undefined || (await settings.files.stat(root)) === undefined) return undefined;
  return (await digestTree(settings, root)) === meta.digest
    ? { root, digest: meta.digest, cached: true }
    : undefined;
}

async function publish(
  settings: ReleaseSettings,
  folder: string,
  { release, make }: CacheRequest,
): Promise<CachedTree> {
  const { files } = settings;
  const temporary = `${folder}.new`;
  await files.remove(temporary);
  await files.makeDirectory(temporary, 0o755);
  try {
    await make(join(temporary, 'tree'));
    const digest = await digestTree(settings, join(temporary, 'tree'));
    const meta: Meta = { format, digest, release };
    await files.replace(join(temporary, 'meta.json'), `${JSON.stringify(meta)}\n`);
    await files.rename(temporary, folder);
    return { root: join(folder, 'tree'), digest, cached: false };
  } finally {
    await files.remove(temporary);
  }
}

/**
 * The tree from the cache, or made now. One process makes a tree at a time; others wait for it. A tree that is
 * there whole is taken without the lock, which would keep nobody from changing it after its release either.
 */
export async function cachedTree(
  settings: ReleaseSettings,
  request: CacheRequest,
): Promise<CachedTree> {
  const { files, locks, cacheFolder } = settings;
  const { signal, onProgress } = request.options;
  const key = cacheKey(request.ingredients);
  const folder = join(cacheFolder, key);
  const ready = await readCached(settings, folder);
  if (ready !== undefined) return ready;
  await files.makeDirectory(cacheFolder, 0o755);
  const lock = await locks.acquire(`release-${key}`, {
    waitMs: lockWaitMs,
    ...(signal === undefined ? {} : { signal }),
    onWait: () => onProgress?.(`waiting for another run that prepares ${request.release.ref}`),
  });
  try {
    const cached = await readCached(settings, folder);
    if (cached !== undefined) return cached;
    if ((await files.stat(folder)) !== undefined) {
      onProgress?.(`the cached tree of ${request.release.ref} was changed and is discarded`);
      await files.remove(folder);
    }
    return await publish(settings, folder, request);
  } finally {
    await lock.release();
  }
}

/** Runs `body` with an empty folder beside the cache that is removed afterwards. */
export async function withWorkFolder<Value>(
  { files, cacheFolder }: ReleaseSettings,
  body: (work: string) => Promise<Value>,
): Promise<Value> {
  const work = join(cacheFolder, `work-${randomBytes(8).toString('hex')}`);
  await files.makeDirectory(work, 0o700);
  try {
    return await body(work);
  } finally {
    await files.remove(work);
  }
}
