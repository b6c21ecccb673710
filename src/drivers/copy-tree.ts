import { spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { WorldError, type WorldErrorCode } from '../ports/world-error.ts';
import { errnoOf } from './file-error.ts';

// With LC_ALL=C these are the words of every libc that the harness runs on.
const causes: readonly (readonly [string, WorldErrorCode])[] = [
  ['No space left on device', 'disk-full'],
  ['Disk quota exceeded', 'disk-full'],
  ['Read-only file system', 'read-only'],
  ['Permission denied', 'permission'],
  ['Operation not permitted', 'permission'],
  ['No such file or directory', 'not-found'],
];

/**
 * Copies `from` to `to` itself, not into it. `cp` shares the blocks where the file system can;
 * without a `cp` the copy is made in this process, and owners are then not kept.
 */
export async function copyTreeTo(from: string, to: string): Promise<void> {
  const child = spawn('cp', ['-a', '--reflink=auto', '-T', '--', from, to], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  try {
    const [exitCode, complaints] = await Promise.all([ended, text(child.stderr)]);
    if (exitCode !== 0) throw copyError(from, complaints);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    await fs.cp(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  }
}

function copyError(from: string, complaints: string): WorldError {
  const code = causes.find(([words]) => complaints.includes(words))?.[1] ?? 'io';
  const first = complaints.split('\n', 1)[0] ?? '';
  return new WorldError(code, `Cannot copy ${from}: ${first.slice(0, 500)}.`);
}
