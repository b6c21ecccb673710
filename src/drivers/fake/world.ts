// The world that fake drivers share: what one driver object deployed, another one finds and removes.
// With a file it outlives the process, so that a killed run can be cleaned up by the next one.

import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

import type { Leftover } from '../../ports/app-driver.ts';
import type { Listing, ListingEntry } from '../../ports/files.ts';
import type { JsonObject } from '../../ports/json.ts';

export type FakeEntry =
  | { readonly kind: 'file'; readonly mode: number; readonly bytes: Uint8Array }
  | { readonly kind: 'directory'; readonly mode: number }
  | { readonly kind: 'symlink'; readonly target: string };

/** Path below the volume's root → entry. Parent folders are implied. */
export type FakeEntries = ReadonlyMap<string, FakeEntry>;
export type FakeVolume = { readonly id: string; readonly entries: FakeEntries };
export type FakeUnit = {
  readonly id: string;
  readonly running: boolean;
  readonly exitCode?: number;
  readonly restarts: number;
};
export type FakeService = {
  readonly id: string;
  readonly spec: JsonObject;
  readonly units: readonly FakeUnit[];
};
export type FakeStatus =
  | { readonly state: 'converged' }
  | { readonly state: 'failed'; readonly cause: string; readonly message: string }
  | { readonly state: 'rolled-back'; readonly message: string };

export type FakeApp = {
  readonly run: string;
  readonly instance: string;
  readonly version: string;
  readonly status: FakeStatus;
  readonly services: ReadonlyMap<string, FakeService>;
  readonly volumes: ReadonlyMap<string, FakeVolume>;
  /** Digests of the secrets that the running app holds. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The volumes as they were right before destroy. */
  readonly beforeDestroy: ReadonlyMap<string, FakeVolume>;
  readonly folder: boolean;
  /** Operations that were done to it, for faults that begin with one. */
  readonly done: readonly FakeOperation[];
};

export type FakeOperation = 'install' | 'upgrade' | 'backup' | 'restore' | 'rebuild';

export type FakeWorld = {
  /** By `<run>/<instance>`. */
  readonly apps: ReadonlyMap<string, FakeApp>;
  /** By path of the artifact. */
  readonly artifacts: ReadonlyMap<string, ReadonlyMap<string, FakeVolume>>;
  /** Content ids; what was once run stays until somebody takes it away. */
  readonly images: readonly string[];
  readonly litter: readonly (Leftover & { readonly run: string })[];
};

export type FakeWorldStore = {
  readonly read: () => FakeWorld;
  readonly change: (change: (world: FakeWorld) => FakeWorld) => void;
};

const emptyWorld: FakeWorld = { apps: new Map(), artifacts: new Map(), images: [], litter: [] };

/** A world in memory, or in a file that is replaced as a whole with each change. */
export function openFakeWorld(worldFile?: string): FakeWorldStore {
  if (worldFile === undefined) {
    let world = emptyWorld;
    return {
      read: () => world,
      change: (change) => {
        world = change(world);
      },
    };
  }
  // Worlds are never changed in place, so a text that was read before means the world of then.
  let known = { text: '', world: emptyWorld };
  const read = (): FakeWorld => {
    const text = readOrNothing(worldFile);
    if (text === '') return emptyWorld;
    if (text !== known.text) known = { text, world: JSON.parse(text, fromJson) as FakeWorld };
    return known.world;
  };
  return {
    read,
    change: (change) => {
      const next = `${worldFile}.next`;
      writeFileSync(next, JSON.stringify(change(read()), toJson));
      renameSync(next, worldFile);
    },
  };
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function toJson(_key: string, value: unknown): unknown {
  if (value instanceof Map) return { $map: [...(value as Map<unknown, unknown>)] };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  return value;
}

function fromJson(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$map' in value) return new Map(value.$map as [unknown, unknown][]);
  if ('$bytes' in value) return new Uint8Array(Buffer.from(value.$bytes as string, 'base64'));
  return value;
}

export const sha256Hex = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex');

/** Listing of a volume as the real drivers give it: with the root, implied folders and owners. */
export function listEntries(entries: FakeEntries): Listing {
  const all = new Map<string, ListingEntry>([['.', folderEntry('.', 0o700)]]);
  for (const [path, entry] of entries) {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      const parent = path.slice(0, at);
      if (!all.has(parent)) all.set(parent, folderEntry(parent, 0o755));
    }
    all.set(path, listEntry(path, entry));
  }
  return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function listEntry(path: string, entry: FakeEntry): ListingEntry {
  const owner = { path, uid: 0, gid: 0 };
  switch (entry.kind) {
    case 'directory':
      return folderEntry(path, entry.mode);
    case 'symlink':
      return {
        ...owner,
        kind: 'symlink',
        sizeBytes: entry.target.length,
        mode: 0o777,
        target: entry.target,
      };
    case 'file':
      return {
        ...owner,
        kind: 'file',
        sizeBytes: entry.bytes.length,
        mode: entry.mode,
        sha256: sha256Hex(entry.bytes),
      };
  }
}

const folderEntry = (path: string, mode: number): ListingEntry => ({
  path,
  kind: 'directory',
  sizeBytes: 0,
  mode,
  uid: 0,
  gid: 0,
});

/** Of the image that stands for a version. */
export const imageOf = (version: string): string => `sha256:${sha256Hex(version)}`;

export const appKey = (run: string, instance: string): string => `${run}/${instance}`;

/** The world with one app replaced, or without it. */
export function withApp(world: FakeWorld, key: string, app: FakeApp | undefined): FakeWorld {
  const apps = new Map(world.apps);
  if (app === undefined) apps.delete(key);
  else apps.set(key, app);
  return { ...world, apps };
}

/** A map with one entry replaced, or without it. */
export function withEntry<Value>(
  map: ReadonlyMap<string, Value>,
  key: string,
  value: Value | undefined,
): ReadonlyMap<string, Value> {
  const copy = new Map(map);
  if (value === undefined) copy.delete(key);
  else copy.set(key, value);
  return copy;
}
