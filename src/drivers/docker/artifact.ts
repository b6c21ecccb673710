// The file that parts of volumes are captured into, and written back from.

import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

import { helperFolder } from './helper.ts';
import type { Instance } from './instance.ts';
import { type Member, membersBelow, packMember } from './volume-archive.ts';
import { inVolume, membersOf, putArchive, volumeName } from './volumes.ts';

export type VolumePart = {
  readonly volume: string;
  /** By path relative to the volume's root, which itself is `.`. */
  readonly holds: (path: string) => boolean;
};

/** Where a volume's files stand in the artifact, as on a host with the engine's usual root. */
export const rootInArtifact = (instance: Instance, volume: string): string =>
  `var/lib/docker/volumes/${volumeName(instance, volume)}/_data`;

/** Writes the named parts of volumes to a file. */
export async function capture(
  instance: Instance,
  parts: readonly VolumePart[],
  path: string,
): Promise<void> {
  const archive = pack();
  // Level 1: an artifact lives for minutes, and time is what a run pays with.
  const written = pipeline(
    archive,
    createGzip({ level: 1 }),
    createWriteStream(path, { mode: 0o600 }),
  );
  const fill = async (): Promise<void> => {
    for (const { volume, holds } of parts)
      await inVolume(instance, volume, async (container) => {
        const root = rootInArtifact(instance, volume);
        for await (const member of membersOf(instance, container))
          await packUnder(archive, root, member, holds);
      });
    archive.finalize();
  };
  try {
    await Promise.all([fill(), written]);
  } catch (error) {
    archive.destroy();
    throw error;
  }
}

const placed = (root: string, name: string): string => (name === '.' ? root : `${root}/${name}`);

async function packUnder(
  archive: ReturnType<typeof pack>,
  root: string,
  { header, content }: Member,
  holds: VolumePart['holds'],
): Promise<void> {
  if (!holds(header.name)) {
    content.resume();
    return;
  }
  const { linkname } = header;
  const linked = header.type === 'link' && linkname != null ? placed(root, linkname) : linkname;
  const moved = { ...header, name: placed(root, header.name) };
  await packMember(archive, linked == null ? moved : { ...moved, linkname: linked }, content);
}

/** The files of one volume in the artifact. */
export async function* artifactMembers(path: string, root: string): AsyncGenerator<Member> {
  const unpacked = createGunzip();
  pipeline(createReadStream(path), unpacked).catch(() => undefined);
  yield* membersBelow(unpacked, root);
}

/** Writes what the file holds of a volume into the one that a helper mounts. */
export async function writeVolumeBack(
  instance: Instance,
  container: string,
  { path, volume }: { readonly path: string; readonly volume: string },
): Promise<void> {
  const archive = pack();
  const fill = async (): Promise<void> => {
    for await (const member of artifactMembers(path, rootInArtifact(instance, volume)))
      await packUnder(archive, helperFolder, member, () => true);
    archive.finalize();
  };
  await Promise.all([fill(), putArchive(instance, container, archive)]);
}
