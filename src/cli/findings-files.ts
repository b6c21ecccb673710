// Files of the findings commands. What cannot be read or is not what it should be ends with code 2:
// nothing was judged, and nothing may be taken for judged.

import { dirname } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import { WorldError } from '../ports/world-error.ts';
import { UsageError, type Terminal } from './command.ts';
import { fileAt } from './findings-options.ts';

/** Reports of builds are far smaller; a larger one is a sign of something else. */
const readMaxBytes = 512 * 1024 * 1024;

export async function readTextFile(path: string, terminal: Pick<Terminal, 'cwd'>): Promise<string> {
  const bytes = await asInput(() => systemFiles.read(fileAt(path, terminal), readMaxBytes));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError(`${path} is not UTF-8`);
  }
}

/** Undefined when the file is absent. */
export async function readTextIfThere(
  path: string,
  terminal: Pick<Terminal, 'cwd'>,
): Promise<string | undefined> {
  const stat = await asInput(() => systemFiles.stat(fileAt(path, terminal)));
  return stat === undefined ? undefined : readTextFile(path, terminal);
}

/** A failure to read an input is the caller's to mend. */
export async function asInput<Value>(read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof WorldError) throw new UsageError(error.message, error.hint);
    throw error;
  }
}

/** Readers see the old or the new content; folders are made. */
export async function writeTextFile(
  path: string,
  content: string,
  terminal: Pick<Terminal, 'cwd'>,
): Promise<void> {
  const file = fileAt(path, terminal);
  await systemFiles.makeDirectory(dirname(file));
  await systemFiles.replace(file, content, 0o644);
}

/** Ends the command with code 2. */
export function refuse(what: string, problems: readonly string[]): never {
  const [first = 'it cannot be used', ...rest] = problems;
  throw new UsageError(
    `${what}: ${first}`,
    rest.length === 0 ? undefined : rest.join('\n        '),
  );
}
