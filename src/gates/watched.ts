// What no gate may change: the runner's own variables, and files that the gates file names.

import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import type { GateWorld } from './gate-world.ts';
import { resolvePath } from './resolve-path.ts';

export type Watched = {
  /** What differs from when the watch began, in words. */
  readonly changes: () => Promise<readonly string[]>;
};

export async function watchOver(
  world: GateWorld,
  here: string,
  paths: readonly string[],
): Promise<Watched> {
  const before = await snapshot(world, here, paths);
  return {
    changes: async () => {
      const after = await snapshot(world, here, paths);
      return [...before.keys()]
        .filter((name) => after.get(name) !== before.get(name))
        .map((name) => `${name} changed`);
    },
  };
}

async function snapshot(
  { files, ownEnvironment }: GateWorld,
  here: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const seen = new Map<string, string>();
  const own = Object.entries(ownEnvironment()).filter(([, value]) => value !== undefined);
  seen.set('the runner’s environment', sha256Hex(canonicalJson(Object.fromEntries(own) as never)));
  for (const path of paths) {
    const absolute = resolvePath(here, path);
    const stat = await files.stat(absolute);
    if (stat === undefined) seen.set(path, 'absent');
    else if (stat.kind === 'directory')
      seen.set(path, sha256Hex(canonicalJson(await files.listing(absolute))));
    else seen.set(path, sha256Hex(await files.read(absolute)));
  }
  return seen;
}
