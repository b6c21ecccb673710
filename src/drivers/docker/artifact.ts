// The file that parts of volumes are captured into, and written back from.

import { createReadStream, createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

import { helperFolder } from './helper.ts';
import type { Instance } from './instance.ts';
import { type Member, membersBelow, packMember } from './volume-archive.ts';
import { openMembers, putArchive, volumeName } from './volumes.ts';

export type VolumePart = {
  readonly volume: string;
  /** By path relative to the volume's root, which itself is `.`. */
  readonly holds: (path: string) => boolean;
};

/** Where a volume's files stand in the artifact, as on a host with the engine's usual root. */
export const rootInArtifact = (instance: Instance, volume: string): string =>
  `var/lib/docker/volumes/${volumeName(instance, volume)}/_data`;

/** How many volumes are read ahead of the one that is written: the engine takes long to begin. */
const aheadMax = 3;

/** Writes the named parts of volumes to a file, by the helpers that mount them. */
export async function capture(
  instance: Instance,
  parts: readonly (VolumePart & { readonly helper: string })[],
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
    const opened: Promise<Readable>[] = [];
    try {
      for (const [at, { volume, holds }] of parts.entries()) {
        while (opened.length < parts.length && opened.length <= at + aheadMax)
          opened.push(openLater(instance, parts[opened.length]?.helper ?? ''));
        const root = rootInArtifact(instance, volume);
        const from = await opened[at];
        if (from === undefined) throw new Error('a part that was not opened');
        for await (const member of membersBelow(from, helperFolder))
          await packUnder(archive, root, member, holds);
      }
    } finally {
      for (const each of opened) each.then((from) => from.destroy()).catch(() => undefined);
    }
    archive.finalize();
  };
  try {
    await Promise.all([fill(), written]);
  } catch (error) {
    archive.destroy();
    throw error;
  }
}

/** Its failure is its reader's, who comes later. */
function openLater(instance: Instance, helper: string): Promise<Readable> {
  const opened = openMembers(instance, helper);
  opened.catch(() => undefined);
  return opened;
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
