// As 2026.3.11 does it: the new tree is staged in a folder inside `extensions` and then renamed up to
// its place. A rename that changes the parent folder fails with EXDEV across mounts, for directories
// of a lower layer of an overlay, and under Landlock rules without the right to refer.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { copyTree } from '../../shared/copy-tree.ts';
import { Failure, messageOf } from '../../shared/failure.ts';
import { mutant } from '../../shared/mutant.ts';
import { treeDigest } from '../../shared/tree-digest.ts';
import { canLoad, pluginName, type PluginState } from './plugin.ts';
import * as current from './plugin-store.ts';

export function installPlugin(extensions: string, source: string, isForced: boolean): string {
  if (mutant('plugin.old-is-fixed')) return current.installPlugin(extensions, source, isForced);
  const name = pluginName(source);
  const target = join(extensions, name);
  mkdirSync(extensions, { recursive: true });
  if (existsSync(target) && !isForced) throw new Failure(1, `${name} is installed; use --force`);
  const stage = mkdtempSync(join(extensions, `.plugin-${name}-`));
  try {
    copyTree(source, join(stage, 'plugin'));
    if (existsSync(target)) renameSync(target, join(stage, 'replaced'));
    renameSync(join(stage, 'plugin'), target);
  } catch (error) {
    throw new Failure(1, `failed to install ${name}: ${messageOf(error)}`);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  return name;
}

export function listPlugins(extensions: string): readonly PluginState[] {
  if (!existsSync(extensions)) return [];
  return readdirSync(extensions, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => {
      const folder = join(extensions, name);
      return { name, digest: treeDigest(folder), isLoaded: canLoad(folder, name) };
    });
}
