import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WorldError } from '../ports/world-error.ts';
import { UsageError } from './command.ts';

/** Root of the installed package: `dist/cli` and `src/cli` lie equally deep in it. */
export const packageRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Makes the repositories of a pack's reference apps, where it has such; quick when they are there. */
export function preparePack(pack: string, node: string): void {
  const make = join(pack, 'reference', 'make.mjs');
  if (!existsSync(make)) return;
  const { status, stderr } = spawnSync(node, [make], { timeout: makeTimeoutMs, encoding: 'utf8' });
  if (status !== 0)
    throw new WorldError('unavailable', `the reference apps of ${pack} cannot be made: ${stderr}`, {
      hint: 'the folder must be writable, and git must be there',
    });
}

const makeTimeoutMs = 60_000;

/** A shipped pack by its name, or a folder. */
export function packFolder(asked: string, cwd: string): string {
  const shipped = join(packageRoot, 'packs', asked);
  if (/^[a-z0-9-]+$/.test(asked) && existsSync(join(shipped, 'pack.yaml'))) return shipped;
  const folder = resolve(cwd, asked);
  if (existsSync(folder)) return folder;
  throw new UsageError(`no pack ${JSON.stringify(asked)}`, 'name a shipped pack or a folder');
}
