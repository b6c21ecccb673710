// The generic data marker: a file with a value nobody can guess, put into every volume. Its fate
// tells whether data survived an upgrade, reached a backup and came back, for any app.

import type { PerVolume } from '../checks/facts.ts';
import { markerPath } from '../checks/floor-backup.ts';
import { WorldError } from '../ports/world-error.ts';
import { deploymentOf, type Session } from './session.ts';

const decoder = new TextDecoder();

/** Writes a marker into every volume that may carry one. `sequence` tells the writings apart. */
export async function writeMarkers(
  session: Session,
  sequence: 'm1' | 'm2' | 'm3',
): Promise<PerVolume<string>> {
  if (session.manifest.data.markers !== 'on') return {};
  const deployment = deploymentOf(session);
  const values = markable(session).map((volume) => {
    const nonce = session.world.ids.nonce(16);
    return [volume, JSON.stringify({ run: session.run, volume, sequence, nonce })] as const;
  });
  // Each volume costs a driver of containers a helper: one after the other they would add up to seconds.
  await Promise.all(
    values.map(([volume, value]) =>
      deployment.volumeWrite(volume, markerPath, new TextEncoder().encode(value)),
    ),
  );
  return Object.fromEntries(values);
}

export async function readMarkers(
  session: Session,
  volumes: readonly string[],
): Promise<PerVolume<string | undefined>> {
  const deployment = deploymentOf(session);
  const read = await Promise.all(
    volumes.map(async (volume) => {
      const bytes = await deployment.volumeRead(volume, markerPath).catch(absent);
      return [volume, bytes === undefined ? undefined : decoder.decode(bytes)] as const;
    }),
  );
  return Object.fromEntries(read);
}

/** A volume that is no longer the app's has lost its marker with it. */
function absent(error: unknown): undefined {
  if (error instanceof WorldError && error.code === 'not-found') return undefined;
  throw error;
}

const markable = ({ memory, manifest }: Session): readonly string[] =>
  (memory.snapshot?.volumes ?? [])
    .map(({ name }) => name)
    .filter((name) => !manifest.data.exclude.includes(name));
