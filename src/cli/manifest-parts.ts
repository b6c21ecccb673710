// What a manifest says, for those who act on it: where releases come from, and what its driver reads.

import { join } from 'node:path';
import { makeGit } from '../drivers/git/git.ts';
import { makeReleaseSources } from '../drivers/releases/sources.ts';
import { treeDigest } from '../evidence/tree-digest.ts';
import type { JsonObject } from '../ports/json.ts';
import type { ReleaseSources } from '../ports/release.ts';
import type { Manifest } from '../scenario/manifest.ts';
import type { Terminal } from './command.ts';
import { makeSystem, type System } from './world.ts';

export const gitFor = (store: string, system: System, { env }: Terminal) =>
  makeGit({ ...system, env, cacheFolder: join(store, 'cache', 'git') });

export function releasesFor(
  { source, process }: Manifest,
  { folder, store }: { readonly folder: string; readonly store: string },
  terminal: Terminal,
): ReleaseSources {
  const system = makeSystem(terminal);
  return makeReleaseSources({
    ...system,
    ...{ git: gitFor(store, system, terminal), treeDigest, source },
    ...(process?.prepare === undefined ? {} : { prepare: process.prepare }),
    manifestFolder: folder,
    cacheFolder: join(store, 'cache'),
    env: terminal.env,
  });
}

/** The part of a manifest that drivers read. */
export function settingsOf(manifest: Manifest, folder: string): JsonObject {
  const { process, fake, probes, health, backup, data, timeouts } = manifest;
  const { oneshot, resolveImage, hostAccess, ports } = manifest;
  const settings = {
    ...{ process, fake, probes, health, backup, data, timeouts, folder },
    ...{ oneshot, resolveImage, hostAccess, ports },
  };
  return JSON.parse(JSON.stringify(settings)) as JsonObject;
}
