// Which files a command looks at. Folders are walked as a stream in the byte order of the relative
// path, so that a hundred thousand files cost no memory; links in them are not followed, so that
// there are no loops.

import * as fs from 'node:fs';
import type { RefusalCode } from '../aether/answer.ts';
import { errnoOf } from '../drivers/file-error.ts';

/** A file to be looked at, or the reason why it cannot be. */
export type Found = {
  /** As people call it: as given, or the folder as given with the path below it. */
  readonly name: string;
  /** What the system calls it; names need not be UTF-8. */
  readonly path: string | Buffer;
  /** Named by a person: then a link is followed. */
  readonly isGiven: boolean;
  /** What is known of it without opening it. */
  readonly read?: ReadBytes;
};

export type Refusal = { readonly code: RefusalCode; readonly message: string };
export type ReadBytes = { readonly bytes: Uint8Array } | { readonly refusal: Refusal };

export type WalkOptions = {
  /** Without the dot. */
  readonly extensions: readonly string[];
  /** Absolute path of the folder that relative paths start from. */
  readonly cwd: string;
  /** What `-` stands for. */
  readonly stdin?: { readonly name: string; readonly read: ReadBytes };
  /** Told of each folder before its entries are read, so that a watch begun here misses none. */
  readonly onFolder?: (folder: Folder) => void;
};

export type Folder = {
  /** What names of entries begin with. */
  readonly prefix: string;
  readonly path: Buffer;
};

/** Folders of tools, skipped wherever they lie below a given folder. */
export const skippedFolders: readonly string[] = [
  '.git',
  '.hg',
  '.svn',
  'node_modules',
  '__pycache__',
  '.venv',
  'venv',
  'build',
  'dist',
];

export const stdinName = '-';

export function* findFiles(paths: readonly string[], options: WalkOptions): Generator<Found> {
  for (const given of paths) {
    const path = given.startsWith('/') ? given : `${options.cwd}/${given}`;
    if (given === stdinName && options.stdin !== undefined)
      yield { ...options.stdin, path: given, isGiven: true };
    else if (isFolder(path)) yield* walk(rootOf(given, path), options);
    else yield { name: given, path, isGiven: true };
  }
}

/** What a failed call on a path means for the file. */
export function refusalOf(error: unknown, doing: string): Refusal {
  const errno = errnoOf(error) ?? 'EIO';
  if (errno === 'ENOENT' || errno === 'ENOTDIR')
    return { code: 'E_IO_NOT_FOUND', message: 'there is no such file' };
  if (errno === 'ENXIO') return { code: 'E_IO_KIND', message: notAFile };
  return { code: 'E_IO_ACCESS', message: `cannot ${doing} it: ${errno}` };
}

export const notAFile = 'it is neither a file nor a folder';

export function isFolder(path: string): boolean {
  try {
    return fs.statSync(path).isDirectory();
  } catch {
    // Reading it will say what is wrong.
    return false;
  }
}

/** The prefix of names below a folder as given: `a/` for `a` and `a//`, none for `.`. */
export function rootOf(given: string, path: string): Folder {
  const trimmed = given.replace(/(?<=.)\/+$/, '');
  const prefix = trimmed.endsWith('/') ? trimmed : `${trimmed}/`;
  return { prefix: trimmed === '.' ? '' : prefix, path: Buffer.from(path) };
}

export function* walk(folder: Folder, options: WalkOptions): Generator<Found> {
  options.onFolder?.(folder);
  const listed = listFolder(folder);
  if ('code' in listed) {
    const name = folder.prefix.replace(/(?<=.)\/$/, '') || '.';
    yield { name, path: folder.path, isGiven: false, read: { refusal: listed } };
    return;
  }
  for (const entry of listed) {
    const name = entry.name.toString();
    if (entry.isDirectory()) {
      if (!skippedFolders.includes(name)) yield* walk(below(folder, entry.name), options);
    } else if (isWanted(name, options) && !entry.isSymbolicLink()) {
      const { path } = below(folder, entry.name);
      yield { name: folder.prefix + name, path, isGiven: false };
    }
  }
}

export function isWanted(name: string, { extensions }: WalkOptions): boolean {
  return extensions.some((extension) => name.endsWith(`.${extension}`));
}

export function below({ prefix, path }: Folder, name: Buffer): Folder {
  return {
    prefix: `${prefix}${name.toString()}/`,
    path: Buffer.concat([path, Buffer.from('/'), name]),
  };
}

export function listFolder({ path }: Folder): fs.Dirent<Buffer>[] | Refusal {
  try {
    const entries = fs.readdirSync(path, { withFileTypes: true, encoding: 'buffer' });
    return entries
      .map((entry) => ({ entry, key: sortKey(entry) }))
      .sort((a, b) => Buffer.compare(a.key, b.key))
      .map(({ entry }) => entry);
  } catch (error) {
    return refusalOf(error, 'list');
  }
}

/** A folder sorts as its files' paths do: with the slash that follows its name. */
function sortKey(entry: fs.Dirent<Buffer>): Buffer {
  return entry.isDirectory() ? Buffer.concat([entry.name, Buffer.from('/')]) : entry.name;
}
