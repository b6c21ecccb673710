// The files of a watch and what was last said about each: an edit costs one file, however many there
// are.

import * as fs from 'node:fs';
import { basename, dirname } from 'node:path';
import { refusal } from '../aether/answer.ts';
import { errnoOf } from '../drivers/file-error.ts';
import { sha256Hex } from '../evidence/canonical.ts';
import { watchFolders, type FolderWatch, type Stir } from './aether-folder-watch.ts';
import { judgeRead, printAnswer, type Printed } from './aether-judge.ts';
import {
  below,
  isFolder,
  isWanted,
  rootOf,
  skippedFolders,
  walk,
  type Folder,
  type Found,
  type ReadBytes,
  type WalkOptions,
} from './aether-paths.ts';
import { readFound } from './aether-read.ts';
import type { JudgeSettings, Memory, PrintSettings } from './aether-settings.ts';

export type WatchSettings = {
  readonly judge: JudgeSettings;
  readonly print: PrintSettings;
  readonly walk: WalkOptions;
  /** Answers known from earlier; used for the first look only. */
  readonly memory?: Memory;
};

/** What is said about a file that was looked at again, or for the first time. */
export type Seen = Printed & { readonly name: string; readonly isGone: boolean };

export type Watched = {
  /** Every file, in the order they are found in; begins the watch of their folders. */
  readonly first: () => Generator<Seen>;
  /** The files among these whose content changed, in the order of their names. */
  readonly again: (stirs: readonly Stir<WatchKey>[]) => readonly Seen[];
  /** How many files there are by code. */
  readonly codes: ReadonlyMap<number, number>;
  /** Folders that were asked for and are no longer there. */
  readonly lost: () => readonly string[];
  readonly close: () => void;
};

/** A folder below a given one, or the folder around a given file. */
export type WatchKey =
  { readonly folder: Folder } | { readonly only: Found; readonly base: string };

type Known = { readonly code: number; readonly digest: string };

type State = {
  readonly settings: WatchSettings;
  readonly options: WalkOptions;
  readonly watch: FolderWatch<WatchKey>;
  readonly known: Map<string, Known>;
  readonly codes: Map<number, number>;
};

export function openWatched(
  paths: readonly string[],
  settings: WatchSettings,
  on: {
    readonly stirs: (stirs: readonly Stir<WatchKey>[]) => void;
    readonly trouble: (error: Error) => void;
  },
): Watched {
  const watch = watchFolders<WatchKey>(on.stirs, on.trouble);
  const onFolder = (folder: Folder): void => {
    watch.add(folder.path, { folder });
  };
  const options = { ...settings.walk, onFolder };
  const state: State = { settings, options, watch, known: new Map(), codes: new Map() };
  const pathOf = (given: string): string =>
    given.startsWith('/') ? given : `${settings.walk.cwd}/${given}`;
  const roots = paths.filter((given) => isFolder(pathOf(given)));
  return {
    first: () => firstLook(state, paths, pathOf),
    again: (stirs) => lookAgain(state, stirs),
    codes: state.codes,
    lost: () => roots.filter((given) => !isFolder(pathOf(given))),
    close: watch.close,
  };
}

function* firstLook(
  state: State,
  paths: readonly string[],
  pathOf: (given: string) => string,
): Generator<Seen> {
  for (const given of paths) {
    const path = pathOf(given);
    const isOne = !isFolder(path);
    const found = isOne ? [watchOne(state, given, path)] : walk(rootOf(given, path), state.options);
    for (const each of found) {
      const seen = look(state, each, state.settings.memory);
      if (seen !== undefined) yield seen;
    }
  }
}

/** A given file is watched where it lies: writing a new file over it must not end its watch. */
function watchOne({ watch }: State, name: string, path: string): Found {
  const only = { name, path, isGiven: true };
  for (const each of new Set([path, realPath(path)]))
    watch.add(dirname(each), { only, base: basename(each) });
  return only;
}

function realPath(path: string): string {
  try {
    return fs.realpathSync(path);
  } catch {
    return path;
  }
}

/** Undefined where the content is what it was. */
function look(state: State, found: Found, memory?: Memory): Seen | undefined {
  const { settings, known } = state;
  const { name } = found;
  const read = readFound(found, settings.judge.maxBytes);
  if ('refusal' in read && read.refusal.code === 'E_IO_NOT_FOUND' && known.has(name))
    return forget(state, name);
  const digest = digestOf(read);
  if (known.get(name)?.digest === digest) return undefined;
  const answer = judgeRead(name, read, settings.judge, memory);
  keep(state, name, { code: answer.code, digest });
  return { name, isGone: false, ...printAnswer(answer, settings.print) };
}

function digestOf(read: ReadBytes): string {
  return 'refusal' in read ? `${read.refusal.code} ${read.refusal.message}` : sha256Hex(read.bytes);
}

function keep({ known, codes }: State, name: string, now: Known | undefined): void {
  const before = known.get(name)?.code;
  if (before !== undefined) {
    const left = (codes.get(before) ?? 0) - 1;
    if (left > 0) codes.set(before, left);
    else codes.delete(before);
  }
  if (now === undefined) known.delete(name);
  else {
    known.set(name, now);
    codes.set(now.code, (codes.get(now.code) ?? 0) + 1);
  }
}

function forget(state: State, name: string): Seen {
  keep(state, name, undefined);
  const answer = refusal(name, 'E_IO_NOT_FOUND', 'the file is gone');
  return { name, isGone: true, ...printAnswer(answer, state.settings.print) };
}

function lookAgain(state: State, stirs: readonly Stir<WatchKey>[]): readonly Seen[] {
  const seen = new Map<string, Seen>();
  for (const each of candidates(state, stirs)) {
    const now = look(state, each);
    if (now !== undefined) seen.set(now.name, now);
  }
  return [...seen.values()].sort((a, b) =>
    Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  );
}

function* candidates(state: State, stirs: readonly Stir<WatchKey>[]): Generator<Found> {
  const done = new Set<string>();
  for (const { key, entry } of stirs) {
    if ('only' in key) {
      if (entry === undefined || entry.toString() === key.base) yield key.only;
      continue;
    }
    const { folder } = key;
    const id = `${folder.prefix}${entry === undefined ? '/' : entry.toString('latin1')}`;
    if (done.has(id)) continue;
    done.add(id);
    yield* entry === undefined ? allIn(state, folder) : oneIn(state, folder, entry);
  }
}

/** What the system did not name: everything that is in the folder, or was. */
function* allIn(state: State, folder: Folder): Generator<Found> {
  state.watch.drop((key) => 'folder' in key && isBelow(key.folder.path, folder.path));
  yield* knownBelow(state, folder);
  yield* walk(folder, state.options);
}

function* oneIn(state: State, folder: Folder, entry: Buffer): Generator<Found> {
  const name = entry.toString();
  const inner = below(folder, entry);
  const kind = kindOf(inner.path);
  if (kind === 'folder' && !skippedFolders.includes(name)) yield* allIn(state, inner);
  else if (kind === 'file' && isWanted(name, state.options))
    yield { name: folder.prefix + name, path: inner.path, isGiven: false };
  else if (state.known.has(folder.prefix + name))
    yield { name: folder.prefix + name, path: inner.path, isGiven: false };
  else if (kind === 'none') yield* knownBelow(state, inner);
}

function isBelow(path: Buffer, folder: Buffer): boolean {
  const isStart = path.subarray(0, folder.length).equals(folder);
  return isStart && (path.length === folder.length || path[folder.length] === slash);
}

const slash = 0x2f;

function* knownBelow({ known, options }: State, { prefix, path }: Folder): Generator<Found> {
  for (const name of [...known.keys()])
    if (name.startsWith(prefix) && prefix !== '')
      yield { name, path: join(path, name.slice(prefix.length)), isGiven: false };
    else if (prefix === '' && !name.startsWith('/'))
      yield { name, path: `${options.cwd}/${name}`, isGiven: false };
}

function join(path: Buffer, rest: string): Buffer {
  return Buffer.concat([path, Buffer.from(`/${rest}`)]);
}

function kindOf(path: Buffer): 'folder' | 'file' | 'none' {
  try {
    const stat = fs.lstatSync(path);
    if (stat.isDirectory()) return 'folder';
    return stat.isSymbolicLink() ? 'none' : 'file';
  } catch (error) {
    // What cannot be looked at is judged as a file, which says why.
    return errnoOf(error) === 'ENOENT' ? 'none' : 'file';
  }
}
