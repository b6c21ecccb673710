// Root touches nothing by way of a link that somebody in the sandbox may have put there.

import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  type Stats,
} from 'node:fs';
import { Failure } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';
import type { Account } from './agent-home.ts';

const unsafe = (path: string, what: string): Failure =>
  new Failure(11, `${path} is refused: it is ${what}`);

/** Throws exit 11 for a link, a second name of a file, or what is no regular file. */
export function readSafely(path: string): string | undefined {
  if (mutant('override.follow-links'))
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP') throw unsafe(path, 'a symbolic link');
    throw error;
  }
  try {
    // On the open descriptor: a name may be exchanged between looking and opening.
    refuse(path, fstatSync(file));
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function refuse(path: string, stats: Stats): void {
  if (!stats.isFile()) throw unsafe(path, 'no regular file');
  if (stats.nlink > 1) throw unsafe(path, 'a file with a second name');
}

/** Owner and mode of a file that is no link, by its open descriptor. */
export function ownSafely(path: string, { uid, gid }: Account, mode: number): void {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    refuse(path, fstatSync(file));
    fchownSync(file, uid, gid);
    fchmodSync(file, mode);
  } finally {
    closeSync(file);
  }
}

/** Before a file is replaced or a folder is filled: what stands there is none of the above. */
export function refuseLinks(path: string): void {
  if (mutant('entry.follow-links')) return;
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isSymbolicLink() === true) throw unsafe(path, 'a symbolic link');
  if (stats?.isFile() === true) refuse(path, stats);
}
