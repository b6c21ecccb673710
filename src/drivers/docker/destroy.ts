// Empties volumes before a restore: each one whole, or only what the backup has of it. What is then
// listed is the answer, never what was meant to be removed.

import { join } from 'node:path';

import type { Listing } from '../../ports/files.ts';
import { recordAnonymous } from './anonymous.ts';
import { capture, writeVolumeBack } from './artifact.ts';
import { isInScope, type VolumeScope } from './backup-scope.ts';
import { scopeOf } from './backup.ts';
import type { Instance } from './instance.ts';
import { assertNotCancelled } from '../exclusively.ts';
import type { Orchestrator } from './orchestrator.ts';
import { inVolume, listVolume, resetVolume, volumeKeys } from './volumes.ts';

/** By volume, what is left of the part that was to go. */
export async function destroy(
  instance: Instance,
  orchestrator: Orchestrator,
  signal: AbortSignal,
): Promise<Readonly<Record<string, Listing>>> {
  await recordAnonymous(instance, orchestrator);
  const scopes = await scopesOf(instance, orchestrator);
  await orchestrator.scaleDown(instance, signal);
  assertNotCancelled(signal);
  const emptied = scopes.map(async (scope) => {
    if (scope.paths === undefined) await resetVolume(instance, scope.volume);
    else await removePaths(instance, scope);
    const listing = await listVolume(instance, scope.volume);
    return [scope.volume, listing.filter(({ path }) => isInScope(scope, path))] as const;
  });
  return Object.fromEntries(await Promise.all(emptied));
}

async function scopesOf(
  instance: Instance,
  orchestrator: Orchestrator,
): Promise<readonly VolumeScope[]> {
  if (instance.settings.backup.destroy !== 'paths')
    return volumeKeys(instance).map((volume) => ({ volume }));
  const { volumes } = instance.state.scope ?? (await scopeOf(instance, orchestrator));
  return volumes;
}

/** The engine cannot delete a file in a volume: so the volume is made anew with everything else. */
async function removePaths(instance: Instance, scope: VolumeScope): Promise<void> {
  const { context, options } = instance;
  const { volume } = scope;
  const path = join(context.work, `kept-${volume}.tar.gz`);
  try {
    const holds = (each: string): boolean => !isInScope(scope, each);
    await inVolume(instance, volume, (helper) =>
      capture(instance, [{ volume, holds, helper }], path),
    );
    await resetVolume(instance, volume);
    await inVolume(instance, volume, (container) =>
      writeVolumeBack(instance, container, { path, volume }),
    );
  } finally {
    await options.files.remove(path);
  }
}
