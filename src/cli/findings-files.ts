// Files of the findings commands. What cannot be read or is not what it should be ends with code 2:
// nothing was judged, and nothing may be taken for judged.

import { dirname } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import { printable } from '../diagnostics/printable.ts';
import { decodeSource, positionAt } from '../diagnostics/source.ts';
import type { InputProblem, Place } from '../findings/finding.ts';
import { WorldError } from '../ports/world-error.ts';
import { UnusableInput, type Terminal } from './command.ts';
import { fileAt } from './findings-options.ts';

/** Reports of builds are far smaller, and a longer text than 2^29 units is none to the engine. */
const readMaxBytes = 500 * 1000 * 1000;

export const notUtf8 = 'it is not UTF-8';

export async function readTextFile(path: string, terminal: Pick<Terminal, 'cwd'>): Promise<string> {
  const bytes = await asInput(() => systemFiles.read(fileAt(path, terminal), readMaxBytes));
  return decodeStrictly(path, bytes);
}

function decodeStrictly(path: string, bytes: Uint8Array): string {
  const { source, invalidAt } = decodeSource(path, bytes);
  if (invalidAt !== undefined)
    refuse(path, [{ message: notUtf8, place: positionAt(source, invalidAt) }]);
  // Readers tell apart what a byte order mark means to them.
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    ? `\uFEFF${source.text}`
    : source.text;
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
    if (error instanceof WorldError) throw new UnusableInput(error.message, error.hint);
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

/** Ends the command with code 2. `what`: the file, as it was named. */
export function refuse(what: string, problems: readonly (InputProblem | string)[]): never {
  const lines = problems.slice(0, toldMax).map((each) => {
    const { message, place } = typeof each === 'string' ? { message: each } : each;
    return printable(`${what}${where(place)}: ${message}`);
  });
  const more = problems.length - lines.length;
  if (more > 0) lines.push(`… and ${String(more)} more`);
  throw new UnusableInput(lines.join('\n'), `nothing of ${printable(what)} was used`);
}

const toldMax = 25;

const where = (place: Place | undefined): string =>
  place === undefined ? '' : `:${String(place.line)}:${String(place.column ?? 1)}`;
