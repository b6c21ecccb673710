// The backup artifact: a tar archive made and read by the system's tar, which keeps modes, owners,
// links, extended attributes and any name that a file may have.

import { basename, dirname, join } from 'node:path';

import type { ProcessResult } from '../../ports/processes.ts';
import { WorldError } from '../../ports/world-error.ts';
import { type Instance, searchPath } from './instance.ts';
import { assertNotCancelled } from '../exclusively.ts';

const outputBytes = 64 * 1024;
/** tar ends with 1 when a file changed while it was read: expected of a running app, judged by listings. */
const changedWhileRead = 1;

/** Writes `folder`, under its own name, to `archive`. The same content in the same place gives the same order. */
export async function pack(
  instance: Instance,
  folder: string,
  archive: string,
  signal: AbortSignal,
): Promise<void> {
  const result = await tar(
    instance,
    [
      '--create',
      '--format=posix',
      '--pax-option=delete=atime,delete=ctime',
      '--sort=name',
      '--numeric-owner',
      '--xattrs',
      '--directory',
      dirname(folder),
      '--file',
      archive,
      basename(folder),
    ],
    signal,
  );
  if (result.exitCode !== 0 && result.exitCode !== changedWhileRead) throw trouble('write', result);
}

/** Reads an archive back below `to`. */
export async function unpack(
  instance: Instance,
  archive: string,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  const result = await tar(
    instance,
    [
      '--extract',
      '--numeric-owner',
      '--preserve-permissions',
      '--delay-directory-restore',
      '--xattrs',
      '--xattrs-include=*',
      '--directory',
      to,
      '--file',
      archive,
    ],
    signal,
  );
  if (result.exitCode !== 0) throw trouble('read', result);
}

async function tar(
  { options, settings, folders }: Instance,
  args: readonly string[],
  signal: AbortSignal,
): Promise<ProcessResult> {
  const program = await options.processes.find('tar');
  if (program === undefined)
    throw new WorldError('unavailable', 'tar is not installed', { hint: 'Install tar.' });
  const result = await options.processes.run({
    argv: [program, ...args],
    cwd: join(folders.backup),
    env: { PATH: searchPath(), LANG: 'C.UTF-8' },
    timeoutMs: settings.timeouts.backup * 1000,
    outputLimitBytes: outputBytes,
    signal,
  });
  assertNotCancelled(signal);
  if (result.timedOut) throw new WorldError('timeout', 'the archive took longer than allowed');
  return result;
}

function trouble(verb: string, { exitCode, stderr }: ProcessResult): WorldError {
  const said = Buffer.from(stderr).toString('utf8').trim().split('\n').at(-1) ?? '';
  const code = said.includes('No space left') ? 'disk-full' : 'io';
  return new WorldError(code, `tar could not ${verb} the artifact (${String(exitCode)}): ${said}`);
}
