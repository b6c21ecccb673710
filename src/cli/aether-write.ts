// Files that commands rewrite: in one step, with their mode, and never through a link.

import { realpathSync, statSync } from 'node:fs';
import { systemFiles } from '../drivers/files.ts';
import { WorldError } from '../ports/world-error.ts';

/** The reason why it could not be done. A link that a person named stays one. */
export async function rewrite(
  path: string | Buffer,
  bytes: Uint8Array,
): Promise<string | undefined> {
  try {
    const real = realpathSync(path);
    await systemFiles.replace(real, bytes, statSync(real).mode & 0o7777);
    return undefined;
  } catch (error) {
    if (error instanceof WorldError) return error.message;
    return error instanceof Error ? error.message : String(error);
  }
}
