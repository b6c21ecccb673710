import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from './command.ts';

/** Root of the installed package: `dist/cli` and `src/cli` lie equally deep in it. */
export const packageRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A shipped pack by its name, or a folder. */
export function packFolder(asked: string, cwd: string): string {
  const shipped = join(packageRoot, 'packs', asked);
  if (/^[a-z0-9-]+$/.test(asked) && existsSync(join(shipped, 'pack.yaml'))) return shipped;
  const folder = resolve(cwd, asked);
  if (existsSync(folder)) return folder;
  throw new UsageError(`no pack ${JSON.stringify(asked)}`, 'name a shipped pack or a folder');
}
