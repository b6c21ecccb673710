// What commands about fixtures share.

import { join, resolve } from 'node:path';
import type { Pack } from '../scenario/load-pack.ts';
import { UsageError, type Option, type Terminal } from './command.ts';
import { openProblemReport } from './load-manifest.ts';
import { openPack } from './open-pack.ts';
import { packFolder } from './packs.ts';

export const packOption: Option = {
  name: 'pack',
  value: 'NAME',
  summary: 'a shipped pack, or a folder (default: this folder)',
};

export async function openNamedPack(
  name: string | undefined,
  json: boolean,
  terminal: Terminal,
): Promise<Pack> {
  const { systemFiles } = await import('../drivers/files.ts');
  const root = name === undefined ? terminal.cwd : packFolder(name, terminal.cwd);
  if ((await systemFiles.stat(join(root, 'pack.yaml'))) === undefined)
    throw new UsageError('no pack here', 'name one with --pack, or go to its folder');
  return openPack(root, openProblemReport(terminal, json));
}

/** Where fixtures and subjects of a pack keep what they made. */
export const packCache = (store: string, pack: Pack): string =>
  resolve(store, 'cache', 'packs', pack.file.id);
