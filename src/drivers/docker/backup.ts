// Backup, destroy and restore of named volumes. What was captured is told by reading the artifact
// back, never by what was meant to be captured.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';

import type { Artifact, BackupReport, RestoreReport } from '../../ports/app-driver.ts';
import type { Listing } from '../../ports/files.ts';
import { WorldError } from '../../ports/world-error.ts';
import {
  artifactMembers,
  capture,
  rootInArtifact,
  type VolumePart,
  writeVolumeBack,
} from './artifact.ts';
import { type BackupScope, isInScope, readScope, type VolumeScope } from './backup-scope.ts';
import { runHooks } from './hooks.ts';
import { deployedOf, type Instance } from './instance.ts';
import { assertNotCancelled } from '../exclusively.ts';
import type { Orchestrator } from './orchestrator.ts';
import { listArchive } from './volume-archive.ts';
import { inVolume, inVolumes, listMounted, volumeKeys } from './volumes.ts';

type PerVolume = Readonly<Record<string, Listing>>;

const artifactMaxBytes = 8 * 1024 ** 3;

const folderOf = ({ context }: Instance): string => join(context.work, 'backup');

const partOf = (scope: VolumeScope): VolumePart => ({
  volume: scope.volume,
  holds: (path) => isInScope(scope, path),
});

/** What the labels of the running services ask for. */
export async function scopeOf(
  instance: Instance,
  orchestrator: Orchestrator,
): Promise<BackupScope> {
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
  instance.state.scope = scope;
  for (const { code, message } of scope.findings) await context.note(code, message);
  await options.files.makeDirectory(folderOf(instance), 0o700);
  const first = await runHooks(instance, orchestrator, scope, { kind: 'backup.pre-hook', signal });
  const path = join(folderOf(instance), 'artifact.tar.gz');
  // Between the hooks: what they make for the capture, and take away again, is what is to be in it.
  const { before, after } = await captureScope(instance, scope.volumes, path);
  assertNotCancelled(signal);
  const last = await runHooks(instance, orchestrator, scope, { kind: 'backup.post-hook', signal });
  return {
    artifact: await describe(instance, path),
    before,
    captured: await listArtifact(instance, scope.volumes, path),
    after,
    partial: scope.volumes.flatMap(({ volume, paths }) => (paths === undefined ? [] : [volume])),
    form: 'contents',
    hooks: [...first, ...last],
  };
}

/** With what the volumes held before and after. */
function captureScope(
  instance: Instance,
  scopes: readonly VolumeScope[],
  path: string,
): Promise<{ readonly before: PerVolume; readonly after: PerVolume }> {
  const volumes = scopes.map(({ volume }) => volume);
  return inVolumes(instance, volumes, async (helperOf) => {
    const list = (): Promise<PerVolume> =>
      perVolume(scopes, ({ volume }) => listMounted(instance, helperOf(volume)));
    const before = await list();
    const parts = scopes.map((scope) => ({ ...partOf(scope), helper: helperOf(scope.volume) }));
    await capture(instance, parts, path);
    return { before, after: await list() };
  });
}

/** Of all volumes at once, what lies in scope. */
async function perVolume(
  scopes: readonly VolumeScope[],
  listingOf: (scope: VolumeScope) => Promise<Listing>,
): Promise<PerVolume> {
  const all = scopes.map(async (scope) => {
    const listing = await listingOf(scope);
    return [scope.volume, listing.filter(({ path }) => isInScope(scope, path))] as const;
  });
  return Object.fromEntries(await Promise.all(all));
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

/** Throws `refused` when the artifact is not the one of the report any more. */
export async function restore(
  instance: Instance,
  orchestrator: Orchestrator,
  artifact: Artifact,
  signal: AbortSignal,
): Promise<RestoreReport> {
  if ((await digestOf(artifact.path)) !== artifact.sha256)
    throw new WorldError('refused', `${artifact.path} is not the artifact that was made`);
  // While the app is down Compose has no labels to show.
  const scope = instance.state.scope ?? (await scopeOf(instance, orchestrator));
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

/** What the volumes hold then. */
const writeBack = (
  instance: Instance,
  scopes: readonly VolumeScope[],
  path: string,
): Promise<PerVolume> =>
  perVolume(scopes, ({ volume }) =>
    inVolume(instance, volume, async (container) => {
      await writeVolumeBack(instance, container, { path, volume });
      return listMounted(instance, container);
    }),
  );
