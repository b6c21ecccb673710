// Writes a commit's tree from the object database: no checkout, so no hooks, filters, attributes,
// submodules or large-file pointers are acted upon.

import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { CommittedFile } from '../../ports/git.ts';
import { WorldError } from '../../ports/world-error.ts';
import { fileError } from '../file-error.ts';
import { checkEntryPath, checkLinkTarget, makeTreeMeter } from '../tree-entry.ts';
import { gitError, type GitCommand } from './git-command.ts';

export type TreeFile = {
  readonly path: string;
  readonly mode: '100644' | '100755' | '120000';
  readonly object: string;
  readonly bytes: number;
};

/** Content that is read by one command. */
const batchBytes = 32 * 1024 * 1024;
const batchEntries = 2000;

/** 100664 is in old commits; such files are regular files all the same. */
const modes: Readonly<Record<string, TreeFile['mode']>> = {
  '100644': '100644',
  '100664': '100644',
  '100755': '100755',
  '120000': '120000',
};

function parseEntry(line: string): TreeFile {
  const match = /^(\d{6}) (\w+) ([0-9a-f]{40,64}) +(\d+|-)\t(.*)$/s.exec(line);
  const [, octal = '', type, object = '', size, path = ''] = match ?? [];
  const mode = modes[octal];
  if (type === 'commit')
    throw new WorldError('refused', `${JSON.stringify(path)} in the release is a submodule.`);
  if (mode === undefined)
    throw new WorldError('refused', `${JSON.stringify(path)} has the odd mode ${octal}.`);
  return { path, mode, object, bytes: Number(size) };
}

/** Entries as `git ls-tree -rzl` prints them. Throws `refused` for submodules and unsafe names. */
export function parseTree(output: Uint8Array): readonly TreeFile[] {
  const meter = makeTreeMeter();
  const seen = new Set<string>();
  return Buffer.from(output)
    .toString('utf8')
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const entry = parseEntry(line);
      checkEntryPath(entry.path);
      meter.add(entry.path, entry.bytes);
      if (seen.has(entry.path))
        throw new WorldError('refused', `${JSON.stringify(entry.path)} is in the tree twice.`);
      seen.add(entry.path);
      return entry;
    });
}

/** Groups that fit into memory, in order. */
export function batchesOf(files: readonly TreeFile[]): readonly (readonly TreeFile[])[] {
  const batches: TreeFile[][] = [];
  let bytes = 0;
  for (const file of files) {
    const last = batches.at(-1);
    bytes += file.bytes;
    if (last === undefined || bytes > batchBytes || last.length >= batchEntries) {
      batches.push([file]);
      bytes = file.bytes;
    } else last.push(file);
  }
  return batches;
}

/** Contents as `git cat-file --batch` prints them, in the order of `files`. */
export function parseBatch(output: Uint8Array, files: readonly TreeFile[]): readonly Buffer[] {
  const bytes = Buffer.from(output);
  let at = 0;
  return files.map(({ path, object, bytes: size }) => {
    const end = bytes.indexOf(10, at);
    const header = bytes.toString('latin1', at, end);
    if (header !== `${object} blob ${String(size)}`)
      throw new WorldError('io', `git has no content for ${JSON.stringify(path)}: ${header}.`);
    at = end + 1 + size + 1;
    return bytes.subarray(end + 1, end + 1 + size);
  });
}

async function writeEntry(to: string, { path, mode }: TreeFile, content: Buffer): Promise<void> {
  const target = join(to, path);
  if (mode === '120000') {
    const link = content.toString('utf8');
    checkLinkTarget(path, link);
    await symlink(link, target);
    return;
  }
  // `wx`: neither an existing file nor a link is written through.
  await writeFile(target, content, { flag: 'wx' });
  await chmod(target, mode === '100755' ? 0o755 : 0o644);
}

async function readBatch(
  git: GitCommand,
  repository: string,
  files: readonly TreeFile[],
): Promise<readonly Buffer[]> {
  const wanted = files.map(({ object }) => `${object}\n`).join('');
  const room = files.reduce((sum, { bytes }) => sum + bytes + 200, 0);
  const result = await git({
    repository,
    args: ['cat-file', '--batch'],
    stdin: Buffer.from(wanted),
    outputLimitBytes: room,
    timeoutMs: 300_000,
  });
  if (result.exitCode !== 0) throw gitError('read file contents', result);
  return parseBatch(result.stdout, files);
}

async function listTree(
  git: GitCommand,
  repository: string,
  commit: string,
  paths: readonly string[] = [],
): Promise<readonly TreeFile[]> {
  const listing = await git({
    repository,
    args: ['ls-tree', '-r', '-z', '-l', '--full-tree', commit, ...paths],
  });
  if (listing.exitCode !== 0) throw gitError(`list the tree of ${commit}`, listing);
  return parseTree(listing.stdout);
}

const readLimits = { files: 2000, bytes: 32 * 1024 * 1024 };

/** Contents at and below `paths`, in memory. */
export async function readFiles(
  git: GitCommand,
  repository: string,
  commit: string,
  paths: readonly string[],
): Promise<readonly CommittedFile[]> {
  const files = await listTree(git, repository, commit, paths);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (files.length > readLimits.files || total > readLimits.bytes)
    throw new WorldError('limit', `${paths.join(' and ')} of ${commit} hold too much.`);
  const contents = files.length === 0 ? [] : await readBatch(git, repository, files);
  return files.map(({ path, mode }, index) => ({
    ...{ path, mode },
    bytes: new Uint8Array(contents[index] ?? Buffer.alloc(0)),
  }));
}

/** All folders of a tree, parents first. */
function foldersOf(files: readonly TreeFile[]): readonly string[] {
  const folders = new Set<string>(['.']);
  for (const { path } of files)
    for (let folder = dirname(path); !folders.has(folder); folder = dirname(folder))
      folders.add(folder);
  return [...folders].sort((a, b) => a.length - b.length);
}

/** With the mode that the umask would change: modes are part of a release's identity. */
async function makeFolders(to: string, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    await mkdir(join(to, folder), { recursive: folder === '.' });
    await chmod(join(to, folder), 0o755);
  }
}

/** Writes the tree of `commit` below `to`, which is created. Modes are 644, 755 and 755 for folders. */
export async function exportTree(
  git: GitCommand,
  repository: string,
  commit: string,
  to: string,
): Promise<void> {
  const files = await listTree(git, repository, commit);
  try {
    await makeFolders(to, foldersOf(files));
    // Links come last: no file can then be written through one.
    const links = files.filter(({ mode }) => mode === '120000');
    const plain = files.filter(({ mode }) => mode !== '120000');
    for (const batch of [...batchesOf(plain), ...batchesOf(links)]) {
      const contents = await readBatch(git, repository, batch);
      for (const [index, file] of batch.entries())
        await writeEntry(to, file, contents[index] ?? Buffer.alloc(0));
    }
  } catch (error) {
    throw fileError(error, `write the tree of ${commit}`);
  }
}
