// Lists a tree that somebody else may be changing. Every folder is opened without following links
// and its entries are reached through that descriptor, so no rename in the tree can lead outside.
// The calls are synchronous, about three times as fast for small files as asking the thread pool
// for each, and run in slices so that the event loop goes on.

import { createHash, hash as hashOnce } from 'node:crypto';
import * as fs from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  DigestMemory,
  FileKind,
  Files,
  KeptContents,
  Listing,
  ListingEntry,
} from '../ports/files.ts';
import { WorldError } from '../ports/world-error.ts';
import { errnoOf, fileError } from './file-error.ts';

const entriesMax = 1_000_000;
/** One descriptor is held per level. */
const depthMax = 256;
const sliceMs = 8;
const chunkBytes = 1 << 20;
/** Of all listings: what is in it is used before another one goes on. */
const chunk = new Uint8Array(chunkBytes);
/** The kernel's times have steps; what changed later than this before it was read may change unseen. */
const quietMs = 1000;

const openFolder = fs.constants.O_RDONLY | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW;
// Non-blocking, since a file may have become a pipe since it was looked at.
const openFile = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

type Walk = {
  readonly root: string;
  readonly digests: boolean;
  readonly memory: DigestMemory | undefined;
  readonly keep: KeptContents | undefined;
  readonly entries: ListingEntry[];
  keptBytes: number;
  /** What is being looked at, for error messages. */
  at: string;
};

export function kindOf(stat: fs.Stats | fs.Dirent): FileKind {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  return stat.isSymbolicLink() ? 'symlink' : 'other';
}

export async function listTree(
  root: string,
  { digests = true, memory, keep }: NonNullable<Parameters<Files['listing']>[1]> = {},
): Promise<Listing> {
  const walk: Walk = { root, digests, memory, keep, entries: [], keptBytes: 0, at: root };
  try {
    const steps = listFolder(walk, { path: root, name: '.' }, 0);
    let sliceEnds = performance.now() + sliceMs;
    while (steps.next().done !== true) {
      if (performance.now() < sliceEnds) continue;
      await nextTurn();
      sliceEnds = performance.now() + sliceMs;
    }
  } catch (error) {
    throw fileError(error, `list ${walk.at}`);
  }
  return walk.entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

type Place = { readonly path: string; readonly name: string };

/** Yields after each step that took a moment. */
function* listFolder(walk: Walk, place: Place, depth: number): Generator<undefined, void> {
  if (depth > depthMax)
    throw new WorldError('limit', `${walk.at} is more than ${String(depthMax)} folders deep.`);
  const descriptor = fs.openSync(place.path, openFolder);
  try {
    addEntry(walk, place.name, fs.fstatSync(descriptor), {});
    const folder = `/proc/self/fd/${String(descriptor)}`;
    for (const bytes of fs.readdirSync(folder, { encoding: 'buffer' })) {
      const name = decodeName(walk, bytes);
      const relative = place.name === '.' ? name : `${place.name}/${name}`;
      walk.at = `${walk.root}/${relative}`;
      yield* listEntry(walk, { path: `${folder}/${name}`, name: relative }, depth);
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

function* listEntry(walk: Walk, place: Place, depth: number): Generator<undefined, void> {
  try {
    const stat = fs.lstatSync(place.path);
    if (stat.isDirectory()) yield* listFolder(walk, place, depth + 1);
    else if (stat.isSymbolicLink()) {
      const target = decodeName(walk, fs.readlinkSync(place.path, { encoding: 'buffer' }));
      addEntry(walk, place.name, stat, { target });
    } else if (stat.isFile() && walk.digests) {
      addEntry(walk, place.name, stat, yield* digestUnlessKnown(walk, place, stat));
    } else addEntry(walk, place.name, stat, {});
  } catch (error) {
    // A file that a running app removed in the meantime is simply not in the tree.
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  yield;
}

type Digested = { readonly sha256: string; readonly sizeBytes: number };

function* digestUnlessKnown(
  walk: Walk,
  { path, name }: Place,
  stat: fs.Stats,
): Generator<undefined, Digested> {
  const { dev, ino, size, mtimeMs, ctimeMs } = stat;
  const stamp = [dev, ino, size, mtimeMs, ctimeMs].join();
  const known = walk.memory?.get(name);
  if (known?.stamp === stamp) return { sha256: known.sha256, sizeBytes: size };
  const isQuiet = ctimeMs < Date.now() - quietMs;
  const digested = yield* digestFile(walk, { path, name }, size);
  if (isQuiet) walk.memory?.set(name, { stamp, sha256: digested.sha256 });
  return digested;
}

function* digestFile(
  walk: Walk,
  { path, name }: Place,
  expectedBytes: number,
): Generator<undefined, Digested> {
  const descriptor = fs.openSync(path, openFile);
  try {
    const first = fs.readSync(descriptor, chunk, 0, chunkBytes, null);
    if (first === expectedBytes && first < chunkBytes) {
      const bytes = chunk.subarray(0, first);
      keep(walk, name, bytes);
      return { sha256: hashOnce('sha256', bytes), sizeBytes: first };
    }
    return yield* digestRest(descriptor, first, expectedBytes);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Of a file that is larger than a chunk, or changes while it is read. */
function* digestRest(
  descriptor: number,
  first: number,
  expectedBytes: number,
): Generator<undefined, Digested> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for (let read = first; ; read = fs.readSync(descriptor, chunk, 0, chunkBytes, null)) {
    hash.update(chunk.subarray(0, read));
    sizeBytes += read;
    if (read === 0 || (sizeBytes === expectedBytes && read < chunkBytes)) break;
    yield;
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}

function keep(walk: Walk, name: string, bytes: Uint8Array): void {
  if (walk.keep === undefined || walk.keptBytes + bytes.length > walk.keep.maxBytes) return;
  walk.keptBytes += bytes.length;
  walk.keep.into.set(name, bytes.slice());
}

function addEntry(
  walk: Walk,
  path: string,
  stat: fs.Stats,
  extra: { sha256?: string; target?: string; sizeBytes?: number },
): void {
  if (walk.entries.length >= entriesMax)
    throw new WorldError('limit', `${walk.root} holds more than ${String(entriesMax)} entries.`);
  const { uid, gid } = stat;
  const mode = stat.mode & 0o7777;
  walk.entries.push({ path, kind: kindOf(stat), sizeBytes: stat.size, mode, uid, gid, ...extra });
}

function decodeName(walk: Walk, bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new WorldError('refused', `A name in ${walk.at} is not UTF-8.`);
  }
}
