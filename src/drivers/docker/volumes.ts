// Named volumes of a deployment, by their key in the stack.

import { lstat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pack } from 'tar-stream';

import type { Listing } from '../../ports/files.ts';
import { WorldError } from '../../ports/world-error.ts';
import { query } from './engine.ts';
import type { VolumeFacts } from './facts.ts';
import { helperFolder, makeHelper, removeHelper, withHelper } from './helper.ts';
import { deployedOf, type Instance } from './instance.ts';
import { nameIn } from './names.ts';
import { archiveOfFile, listArchive, membersBelow } from './volume-archive.ts';

const readMaxBytes = 256 * 1024 * 1024;

/** Keys of the volumes that this stack makes, in order. */
export function volumeKeys(instance: Instance): readonly string[] {
  const { stack } = deployedOf(instance);
  return Object.entries(stack.volumes ?? {})
    .filter(([, { external }]) => external !== true)
    .map(([key]) => key)
    .sort();
}

/** The engine's name. Throws `not-found` for a volume that is not this stack's. */
export function volumeName(instance: Instance, key: string): string {
  if (!volumeKeys(instance).includes(key))
    throw new WorldError('not-found', `there is no volume ${key}`);
  return nameIn(deployedOf(instance).stack, 'volume', key);
}

/** Of a service that mounts it: that image is here for sure. */
function imageBeside(instance: Instance, key: string): string {
  const services = Object.values(deployedOf(instance).stack.services);
  const user =
    services.find(({ volumes = [] }) => volumes.some(({ source }) => source === key)) ??
    services[0];
  return user?.image ?? '';
}

export async function findVolume(
  { engine }: Pick<Instance, 'engine'>,
  name: string,
): Promise<VolumeFacts | undefined> {
  const { status, value } = await engine.call({
    path: `/volumes/${encodeURIComponent(name)}`,
    allow: [404],
  });
  return status === 404 ? undefined : (value as unknown as VolumeFacts);
}

/**
 * Another one for a volume that was made anew under its name: by its folder's inode and birth. Its name alone where the
 * folder is not this user's to look at, or lies with another driver.
 */
export async function volumeIdentity({
  Name: name,
  Mountpoint: path,
}: VolumeFacts): Promise<string> {
  if (path === undefined || path === '') return name;
  try {
    const { dev, ino, birthtimeNs } = await lstat(path, { bigint: true });
    return `${name}@${String(dev)}-${String(ino)}-${String(birthtimeNs)}`;
  } catch {
    return name;
  }
}

/** Never makes a volume by looking at it: a helper's mount would. */
export async function inVolume<Value>(
  instance: Instance,
  key: string,
  use: (container: string) => Promise<Value>,
): Promise<Value> {
  return withHelper(instance.engine, instance.context, await mountOf(instance, key), use);
}

/** The same with several volumes at once: `use` is given the helper of each. */
export async function inVolumes<Value>(
  instance: Instance,
  keys: readonly string[],
  use: (helperOf: (key: string) => string) => Promise<Value>,
): Promise<Value> {
  const { engine, context } = instance;
  const helpers = new Map<string, string>();
  const made = await Promise.allSettled(
    keys.map(async (key) =>
      helpers.set(key, await makeHelper(engine, context, await mountOf(instance, key))),
    ),
  );
  try {
    for (const each of made) if (each.status === 'rejected') throw each.reason as Error;
    return await use((key) => helpers.get(key) ?? '');
  } finally {
    await Promise.all([...helpers.values()].map((helper) => removeHelper(engine, helper)));
  }
}

/** Throws `not-found` for a volume that is gone. */
async function mountOf(instance: Instance, key: string) {
  const name = volumeName(instance, key);
  if ((await findVolume(instance, name)) === undefined)
    throw new WorldError('not-found', `volume ${name} is not in the engine`);
  return { volume: name, image: imageBeside(instance, key) };
}

export const archivePath = (container: string, path: string): string =>
  `/containers/${container}/archive${query({ path })}`;

/** The archive of a whole volume, through a helper: its members lie below the helper's folder. */
export const openMembers = (
  { engine }: Pick<Instance, 'engine'>,
  container: string,
): Promise<Readable> => engine.stream({ path: archivePath(container, `/${helperFolder}`) });

/** What the volume of a helper holds. */
export const listMounted = async (
  instance: Pick<Instance, 'engine'>,
  container: string,
): Promise<Listing> =>
  listArchive(membersBelow(await openMembers(instance, container), helperFolder));

export const listVolume = (instance: Instance, key: string): Promise<Listing> =>
  inVolume(instance, key, (container) => listMounted(instance, container));

export async function readVolume(
  instance: Instance,
  key: string,
  path: string,
): Promise<Uint8Array | undefined> {
  assertInside(path);
  return inVolume(instance, key, async (container) => {
    const answer = await instance.engine.stream({
      path: archivePath(container, `/${helperFolder}/${path}`),
      allow: [404],
    });
    if (answer.statusCode === 404) {
      answer.resume();
      return undefined;
    }
    const base = path.slice(path.lastIndexOf('/') + 1);
    for await (const { header, content } of membersBelow(answer, base)) {
      if (header.name !== '.' || header.type !== 'file') {
        content.resume();
        continue;
      }
      return await collect(content);
    }
    return undefined;
  });
}

async function collect(content: AsyncIterable<unknown>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content) {
    chunks.push(chunk as Uint8Array);
    size += (chunk as Uint8Array).length;
    if (size > readMaxBytes) throw new WorldError('limit', 'the file is too large to be read');
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** Folders on the way that are absent are made; those that are there stay as they are. */
export async function writeVolume(
  instance: Instance,
  key: string,
  { path, bytes }: { readonly path: string; readonly bytes: Uint8Array },
): Promise<void> {
  assertInside(path);
  await inVolume(instance, key, async (container) => {
    const above = path.split('/').slice(0, -1);
    const folders: string[] = [];
    for (let depth = 1; depth <= above.length; depth += 1) {
      const folder = above.slice(0, depth).join('/');
      if (!(await exists(instance, container, folder))) folders.push(folder);
    }
    const body = await archiveOfFile(helperFolder, { path, bytes, folders });
    await putArchive(instance, container, body);
  });
}

async function exists({ engine }: Instance, container: string, path: string): Promise<boolean> {
  const call = {
    method: 'HEAD',
    path: archivePath(container, `/${helperFolder}/${path}`),
  } as const;
  return (await engine.call({ ...call, allow: [404] })).status !== 404;
}

/** Extracts at the root: so the archive also says owner and mode of the volume's own root. */
export async function putArchive(
  { engine }: Pick<Instance, 'engine'>,
  container: string,
  body: ReturnType<typeof pack>,
): Promise<void> {
  await engine.call({
    method: 'PUT',
    path: archivePath(container, '/'),
    body,
    timeoutMs: 600_000,
  });
}

/** Removes and makes it again with its labels and options. Nothing may use it. */
export async function resetVolume(instance: Instance, key: string): Promise<void> {
  const { engine } = instance;
  const name = volumeName(instance, key);
  const found = await findVolume(instance, name);
  if (found !== undefined)
    await engine.call({ method: 'DELETE', path: `/volumes/${encodeURIComponent(name)}` });
  await engine.call({
    method: 'POST',
    path: '/volumes/create',
    json: {
      Name: name,
      Driver: found?.Driver ?? 'local',
      DriverOpts: found?.Options ?? {},
      Labels: found?.Labels ?? {},
    },
  });
}

/** Throws `refused` unless the path is relative, normal and stays below its root. */
function assertInside(path: string): void {
  const parts = path.split('/');
  if (path.includes('\0') || parts.some((part) => part === '' || part === '.' || part === '..'))
    throw new WorldError('refused', `not a path inside the volume: ${JSON.stringify(path)}`);
}
