import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../shared/failure.ts';

export type PluginState = {
  readonly name: string;
  /** Of the installed tree, in hex. */
  readonly digest: string;
  readonly isLoaded: boolean;
};

const nameGrammar = /^[a-z][a-z0-9-]{0,39}$/;

/** The name that a plugin's folder gives itself. Throws exit 1 for what is no plugin. */
export function pluginName(folder: string): string {
  const path = join(folder, 'plugin.json');
  if (!existsSync(path)) throw new Failure(1, `${folder} is no plugin: it has no plugin.json`);
  const { name } = JSON.parse(readFileSync(path, 'utf8')) as { readonly name?: unknown };
  if (typeof name !== 'string' || !nameGrammar.test(name))
    throw new Failure(1, `${path} gives no name`);
  return name;
}

/** Whether what is installed could be run: it names itself, and its entry is there. */
export function canLoad(folder: string, name: string): boolean {
  try {
    return pluginName(folder) === name && existsSync(join(folder, 'index.js'));
  } catch {
    return false;
  }
}
