// Copies a folder of this host as a release: what is prepared cannot change under us afterwards.

import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { WorldError } from '../../ports/world-error.ts';
import { fileError } from '../file-error.ts';
import { checkEntryPath, checkLinkTarget, makeTreeMeter, type TreeMeter } from '../tree-entry.ts';

/** Not part of a release: the repository's own data, and stores of earlier runs. */
const leftOut = ['.git', '.seatrial'];

type Snapshot = {
  readonly from: string;
  readonly to: string;
  readonly meter: TreeMeter;
  /** Absolute; a store inside the folder must not be copied into itself. */
  readonly exclude: readonly string[];
};

async function copyEntry(snapshot: Snapshot, path: string): Promise<void> {
  const { from, to, meter } = snapshot;
  const source = join(from, path);
  const stat = await lstat(source);
  checkEntryPath(path);
  meter.add(path, stat.isFile() ? stat.size : 0);
  if (stat.isDirectory()) return copyFolder(snapshot, path);
  if (stat.isSymbolicLink()) {
    const target = await readlink(source);
    checkLinkTarget(path, target);
    return symlink(target, join(to, path));
  }
  if (!stat.isFile())
    throw new WorldError('refused', `${source} is neither a file, a folder nor a link.`);
  await copyFile(source, join(to, path), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await chmod(join(to, path), (stat.mode & 0o111) === 0 ? 0o644 : 0o755);
}

async function copyFolder(snapshot: Snapshot, path: string): Promise<void> {
  await mkdir(join(snapshot.to, path), { recursive: path === '' });
  await chmod(join(snapshot.to, path), 0o755);
  for (const name of await readdir(join(snapshot.from, path))) {
    const below = path === '' ? name : `${path}/${name}`;
    const skipped = leftOut.includes(name) || snapshot.exclude.includes(join(snapshot.from, below));
    if (!skipped) await copyEntry(snapshot, below);
  }
}

/** Copies `from` to `to` with the modes a commit would have, so that both give the same digest. */
export async function copySnapshot(
  from: string,
  to: string,
  exclude: readonly string[] = [],
): Promise<void> {
  try {
    await copyFolder({ from, to, meter: makeTreeMeter(), exclude }, '');
  } catch (error) {
    throw fileError(error, `copy ${from}`);
  }
}
