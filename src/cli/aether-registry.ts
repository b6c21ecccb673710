// The functions that a command judges scripts by.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { publishedRegistry, type Registry } from '../aether/registry.ts';
import { renderProblems } from '../diagnostics/render.ts';
import { systemFiles } from '../drivers/files.ts';
import { WorldError } from '../ports/world-error.ts';
import { InvalidInput, UsageError, type Terminal } from './command.ts';

export const functionsFile = 'seatrial.functions.yaml';

/** The file asked for, else the one in the working folder, else the published functions. */
export async function loadRegistry(
  asked: string | undefined,
  terminal: Pick<Terminal, 'cwd' | 'err'>,
): Promise<Registry> {
  const path = resolve(terminal.cwd, asked ?? functionsFile);
  if (asked === undefined && !existsSync(path)) return publishedRegistry;
  const { functionsSizeMax, loadFunctions } = await import('./aether-functions.ts');
  const bytes = await readFunctions(path, functionsSizeMax + 1);
  const { source, registry, problems } = loadFunctions(asked ?? functionsFile, bytes);
  if (registry !== undefined) return registry;
  terminal.err(`${renderProblems([{ source, diagnostics: problems }])}\n`);
  throw new InvalidInput('invalid functions');
}

/** What cannot be read is a wrong command line: nothing was judged yet. */
async function readFunctions(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    return await systemFiles.read(path, maxBytes);
  } catch (error) {
    if (error instanceof WorldError) throw new UsageError(error.message, error.hint);
    throw error;
  }
}
