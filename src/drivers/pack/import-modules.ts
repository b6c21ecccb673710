// Modules of a pack, in this process: a pack is the harness owner's own code, as its checks and manifests are.

import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { OverlayReaders } from '../../ports/overlays.ts';
import { WorldError } from '../../ports/world-error.ts';
import { compileModules } from '../overlays/compile-modules.ts';

export type Imported = Readonly<Record<string, unknown>>;

/** Answers TypeScript modules from texts that were stripped before; everything else is Node's own business. */
const loader = `let sources = {};
export const initialize = (data) => { sources = data; };
export const load = (url, context, next) => Object.hasOwn(sources, url)
  ? { format: 'module', source: sources[url], shortCircuit: true }
  : next(url, context);`;

/** Run from its own sources, the harness is started by something that reads TypeScript already. */
const readsTypeScript = import.meta.url.endsWith('.ts');

/** Node keeps a module for as long as the process lives, and every loader too: none is registered twice. */
const answered = new Set<string>();

/** By path relative to the pack. Throws `refused` for a module that cannot be loaded. */
export async function importModules(
  pack: string,
  paths: readonly string[],
  stripTypes: OverlayReaders['stripTypes'],
): Promise<ReadonlyMap<string, Imported>> {
  const urls = paths.map((path) => ({ path, url: pathToFileURL(`${pack}/${path}`) }));
  if (!readsTypeScript) {
    const sources: Record<string, string> = {};
    for (const { path, url } of urls.filter(({ url }) => !answered.has(url.href))) {
      const compiled = await compileModules(url, await readFile(url, 'utf8'), { stripTypes });
      if ('problem' in compiled) throw new WorldError('refused', `${path}: ${compiled.problem}`);
      Object.assign(sources, compiled.sources);
    }
    if (Object.keys(sources).length > 0)
      register(`data:text/javascript,${encodeURIComponent(loader)}`, { data: sources });
    for (const { url } of urls) answered.add(url.href);
  }
  const loaded = new Map<string, Imported>();
  for (const { path, url } of urls)
    try {
      loaded.set(path, (await import(url.href)) as Imported);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new WorldError('refused', `${path} cannot be loaded: ${why}`, { cause });
    }
  return loaded;
}
