// Backup, destroy and restore of named volumes. What was captured is told by reading the artifact
// back, never by what was meant to be captured.

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

import type { Artifact, BackupReport, RestoreReport } from '../../ports/app-driver.ts';
import type { Listing } from '../../ports/files.ts';
import { WorldError } from '../../ports/world-error.ts';
import { recordAnonymous } from './anonymous.ts';
import { type BackupScope, isInScope, readScope, type VolumeScope } from './backup-scope.ts';
import { helperFolder } from './helper.ts';
import { runHooks } from './hooks.ts';
import { deployedOf, type Instance } from './instance.ts';
import { assertNotCancelled } from '../exclusively.ts';
import type { Orchestrator } from './orchestrator.ts';
import { listArchive, type Member, membersBelow, packMember } from './volume-archive.ts';
import {
  inVolume,
  listVolume,
  membersOf,
  putArchive,
  resetVolume,
  volumeKeys,
  volumeName,
} from './volumes.ts';

type PerVolume = Readonly<Record<string, Listing>>;

const artifactMaxBytes = 8 * 1024 ** 3;

const folderOf = ({ context }: Instance): string => join(context.work, 'backup');

/** Where a volume's files stand in the artifact, as on a host with the engine's usual root. */
const rootInArtifact = (instance: Instance, volume: string): string =>
  `var/lib/docker/volumes/${volumeName(instance, volume)}/_data`;

async function scopeOf(instance: Instance, orchestrator: Orchestrator): Promise<BackupScope> {
  const services = await orchestrator.services(instance);
  const labels = Object.fromEntries(
    Object.entries(services).map(([name, { spec }]) => {
      const { labels: outer, containerLabels } = spec as Record<string, object | undefined>;
      return [name, { ...containerLabels, ...outer }];
    }),
  );
  return readScope(labels, volumeKeys(instance), deployedOf(instance).stack.backupByLabel);
}

/** A hook's failure is in the report and the capture goes on: the checks judge both. */
export async function backup(
  instance: Instance,
  orchestrator: Orchestrator,
  signal: AbortSignal,
): Promise<BackupReport> {
  const { options, context } = instance;
  const scope = await scopeOf(instance, orchestrator);
  for (const { code, message } of scope.findings) await context.note(code, message);
  await options.files.makeDirectory(folderOf(instance), 0o700);
  const before = await listScope(instance, scope.volumes);
  const first = await runHooks(instance, orchestrator, scope, { kind: 'backup.pre-hook', signal });
  const path = join(folderOf(instance), 'artifact.tar.gz');
  await capture(instance, scope.volumes, path);
  assertNotCancelled(signal);
  const last = await runHooks(instance, orchestrator, scope, { kind: 'backup.post-hook', signal });
  return {
    artifact: await describe(instance, path),
    before,
    captured: await listArtifact(instance, scope.volumes, path),
    after: await listScope(instance, scope.volumes),
    partial: scope.volumes.flatMap(({ volume, paths }) => (paths === undefined ? [] : [volume])),
    form: 'contents',
    hooks: [...first, ...last],
  };
}

async function listScope(instance: Instance, scopes: readonly VolumeScope[]): Promise<PerVolume> {
  const all: Record<string, Listing> = {};
  for (const scope of scopes)
    all[scope.volume] = (await listVolume(instance, scope.volume)).filter(({ path }) =>
      isInScope(scope, path),
    );
  return all;
}

async function capture(
  instance: Instance,
  scopes: readonly VolumeScope[],
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
    for (const scope of scopes)
      await inVolume(instance, scope.volume, async (container) => {
        const root = rootInArtifact(instance, scope.volume);
        for await (const member of membersOf(instance, container))
          await packUnder(archive, root, member, scope);
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
  scope: VolumeScope,
): Promise<void> {
  if (!isInScope(scope, header.name)) {
    content.resume();
    return;
  }
  const { linkname } = header;
  const linked = header.type === 'link' && linkname != null ? placed(root, linkname) : linkname;
  const moved = { ...header, name: placed(root, header.name) };
  await packMember(archive, linked == null ? moved : { ...moved, linkname: linked }, content);
}

async function describe({ options }: Instance, path: string): Promise<Artifact> {
  const bytes = (await options.files.stat(path))?.sizeBytes ?? 0;
  if (bytes > artifactMaxBytes)
    throw new WorldError('limit', `artifact-too-large: ${String(bytes)} bytes`);
  const madeAtMs = options.clock.now().getTime();
  return { path, sha256: await digestOf(path), bytes, madeAtMs };
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (cause) {
    throw new WorldError('io', `the artifact cannot be read: ${path}`, { cause });
  }
  return hash.digest('hex');
}

/** The files of one volume in the artifact. */
async function* artifactMembers(path: string, root: string): AsyncGenerator<Member> {
  const unpacked = createGunzip();
  pipeline(createReadStream(path), unpacked).catch(() => undefined);
  yield* membersBelow(unpacked, root);
}

async function listArtifact(
  instance: Instance,
  scopes: readonly VolumeScope[],
  path: string,
): Promise<PerVolume> {
  const all: Record<string, Listing> = {};
  for (const { volume } of scopes)
    all[volume] = await listArchive(artifactMembers(path, rootInArtifact(instance, volume)));
  return all;
}

/** Every named volume is removed and made again; what it then lists is the answer. */
export async function destroy(
  instance: Instance,
  orchestrator: Orchestrator,
  signal: AbortSignal,
): Promise<PerVolume> {
  await recordAnonymous(instance, orchestrator);
  await orchestrator.scaleDown(instance, signal);
  const emptied: Record<string, Listing> = {};
  for (const volume of volumeKeys(instance)) {
    assertNotCancelled(signal);
    await resetVolume(instance, volume);
    emptied[volume] = await listVolume(instance, volume);
  }
  return emptied;
}

/** Throws `refused` when the artifact is not the one of the report any more. */
export async function restore(
  instance: Instance,
  orchestrator: Orchestrator,
  artifact: Artifact,
  signal: AbortSignal,
): Promise<RestoreReport> {
  if ((await digestOf(artifact.path)) !== artifact.sha256)
    throw new WorldError('refused', `${artifact.path} is not the artifact that was made`);
  const scope = await scopeOf(instance, orchestrator);
  const asked = instance.settings.backup.restore ?? 'auto';
  const wantsApp = scope.hooks.some(({ kind }) => kind.startsWith('restore.'));
  const live = asked === 'live' || (asked === 'auto' && wantsApp);
  if (!live) {
    const written = await writeBack(instance, scope.volumes, artifact.path);
    await orchestrator.scaleUp(instance, signal);
    return { written, hooks: [] };
  }
  await startEmpty(instance, orchestrator, signal);
  const first = await runHooks(instance, orchestrator, scope, { kind: 'restore.pre-hook', signal });
  const written = await writeBack(instance, scope.volumes, artifact.path);
  const last = await runHooks(instance, orchestrator, scope, { kind: 'restore.post-hook', signal });
  const { deployed } = instance.state;
  // Services that read their volume at the start only must see what was restored.
  if (deployed !== undefined)
    await orchestrator.deploy(instance, deployed.stack, { signal, forced: true });
  return { written, hooks: [...first, ...last] };
}

async function startEmpty(
  instance: Instance,
  orchestrator: Orchestrator,
  signal: AbortSignal,
): Promise<void> {
  await orchestrator.scaleUp(instance, signal);
  const timeoutMs = instance.settings.timeouts.deploy * 1000;
  const convergence = await orchestrator.settled(instance, { settleMs: 0, timeoutMs, signal });
  if (convergence.state !== 'converged')
    throw new WorldError('app-failed', `on empty volumes: ${convergence.message}`);
}

async function writeBack(
  instance: Instance,
  scopes: readonly VolumeScope[],
  path: string,
): Promise<PerVolume> {
  const written: Record<string, Listing> = {};
  for (const scope of scopes) {
    await inVolume(instance, scope.volume, (container) =>
      writeVolumeBack(instance, container, { path, volume: scope.volume }),
    );
    written[scope.volume] = (await listVolume(instance, scope.volume)).filter((entry) =>
      isInScope(scope, entry.path),
    );
  }
  return written;
}

async function writeVolumeBack(
  instance: Instance,
  container: string,
  { path, volume }: { readonly path: string; readonly volume: string },
): Promise<void> {
  const archive = pack();
  const everything: VolumeScope = { volume };
  const fill = async (): Promise<void> => {
    for await (const member of artifactMembers(path, rootInArtifact(instance, volume)))
      await packUnder(archive, helperFolder, member, everything);
    archive.finalize();
  };
  await Promise.all([fill(), putArchive(instance, container, archive)]);
}
