// Backup, destroy and restore of the data folder. What was captured is told by reading the artifact
// back, never by what was meant to be captured.

import { join } from 'node:path';

import type { Artifact, BackupReport, HookRun, RestoreReport } from '../../ports/app-driver.ts';
import type { Listing } from '../../ports/files.ts';
import { WorldError } from '../../ports/world-error.ts';
import { pack, unpack } from './archive.ts';
import { type Instance, runBeside } from './instance.ts';
import { settled } from './ready.ts';
import { volumeName } from './render.ts';
import type { Argv } from './settings.ts';
import { startUnit, stopUnit } from './unit.ts';
import { dataListing } from './volumes.ts';

type PerVolume = Readonly<Record<string, Listing>>;

const artifactMaxBytes = 8 * 1024 * 1024 * 1024;
const hookOutputBytes = 64 * 1024;

const ofVolume = (listing: Listing): PerVolume => ({ [volumeName]: listing });

const paths = ({ folders }: Instance) => ({
  archive: join(folders.backup, 'artifact.tar'),
  /** Where the app's own command puts its dump, and finds it again. */
  dump: join(folders.backup, 'dump'),
  readBack: join(folders.backup, 'read-back'),
});

/**
 * `stopped`: the app is down during the capture. `live`: it runs on, between the hooks `quiesce` and `resume` where
 * given; `resume` runs whatever happened before it. A hook's failure is in the report, the capture goes on: the checks
 * judge both.
 */
export async function backup(instance: Instance, signal: AbortSignal): Promise<BackupReport> {
  const { options, settings } = instance;
  const { how } = settings.backup;
  await emptyFolder(instance, instance.folders.backup);
  const hooks: HookRun[] = [];
  const captured =
    how === 'stopped'
      ? await whileStopped(instance, hooks, signal)
      : await whileQuiet(instance, hooks, signal);
  const madeAtMs = options.clock.now().getTime();
  const artifact = await describeArtifact(instance, madeAtMs);
  const isDump = settings.backup.command !== undefined;
  return {
    artifact,
    ...captured,
    captured: ofVolume(isDump ? [] : await readBack(instance, signal)),
    form: isDump ? 'opaque' : 'contents',
    hooks,
  };
}

type Captured = Pick<BackupReport, 'before' | 'after'>;

async function whileStopped(
  instance: Instance,
  hooks: HookRun[],
  signal: AbortSignal,
): Promise<Captured> {
  await stopUnit(instance);
  const captured = await capture(instance, hooks, signal);
  await startUnit(instance, stageOf(instance), signal);
  return captured;
}

async function whileQuiet(
  instance: Instance,
  hooks: HookRun[],
  signal: AbortSignal,
): Promise<Captured> {
  const { quiesce, resume } = instance.settings.backup;
  try {
    if (quiesce !== undefined) hooks.push(await runHook(instance, 'quiesce', quiesce, { signal }));
    return await capture(instance, hooks, signal);
  } finally {
    // On its own budget and without the signal: an app must not stay quiet because a run was cancelled.
    if (resume !== undefined) hooks.push(await runHook(instance, 'resume', resume, {}));
  }
}

async function capture(
  instance: Instance,
  hooks: HookRun[],
  signal: AbortSignal,
): Promise<Captured> {
  const { folders, settings } = instance;
  const { archive, dump } = paths(instance);
  const { command } = settings.backup;
  const before = await dataListing(instance);
  if (command !== undefined) {
    await emptyFolder(instance, dump);
    hooks.push(await runHook(instance, 'command', command, { signal, artifact: dump }));
  }
  await pack(instance, command === undefined ? folders.data : dump, archive, signal);
  return { before: ofVolume(before), after: ofVolume(await dataListing(instance)) };
}

async function describeArtifact(instance: Instance, madeAtMs: number): Promise<Artifact> {
  const { archive } = paths(instance);
  const bytes = (await instance.options.files.stat(archive))?.sizeBytes ?? 0;
  if (bytes > artifactMaxBytes)
    throw new WorldError('limit', `artifact-too-large: ${String(bytes)} bytes`);
  const sha256 = await instance.digestFile(archive);
  if (sha256 === undefined) throw new WorldError('io', 'the artifact cannot be read');
  return { path: archive, sha256, bytes, madeAtMs };
}

async function readBack(instance: Instance, signal: AbortSignal): Promise<Listing> {
  const { files } = instance.options;
  const { archive, readBack: folder } = paths(instance);
  await emptyFolder(instance, folder);
  try {
    await unpack(instance, archive, folder, signal);
    return await files.listing(join(folder, volumeName));
  } finally {
    await files.remove(folder);
  }
}

/** The folder is made anew; what it then lists is the answer. */
export async function destroy(instance: Instance): Promise<PerVolume> {
  await stopUnit(instance);
  await emptyFolder(instance, instance.folders.data);
  return ofVolume(await dataListing(instance));
}

/** Throws `refused` when the artifact is not the one of the report any more. */
export async function restore(
  instance: Instance,
  artifact: Artifact,
  signal: AbortSignal,
): Promise<RestoreReport> {
  const { context, folders, settings } = instance;
  if ((await instance.digestFile(artifact.path)) !== artifact.sha256)
    throw new WorldError('refused', `${artifact.path} is not the artifact that was made`);
  const { command, how, restoreCommand } = settings.backup;
  const { dump } = paths(instance);
  if (command !== undefined) await emptyFolder(instance, dump);
  await unpack(
    instance,
    artifact.path,
    command === undefined ? context.work : folders.backup,
    signal,
  );
  const hooks: HookRun[] = [];
  if (restoreCommand !== undefined) {
    if (how === 'live') await startAndWait(instance, signal);
    const options = { signal, artifact: command === undefined ? folders.data : dump };
    hooks.push(await runHook(instance, 'restoreCommand', restoreCommand, options));
    await stopUnit(instance);
  }
  const written = ofVolume(await dataListing(instance));
  await startUnit(instance, stageOf(instance), signal);
  return { written, hooks };
}

/** A command that talks to the app needs it up, on empty data. */
async function startAndWait(instance: Instance, signal: AbortSignal): Promise<void> {
  await startUnit(instance, stageOf(instance), signal);
  const timeoutMs = instance.settings.timeouts.deploy * 1000;
  const convergence = await settled(instance, { settleMs: 0, timeoutMs, signal });
  if (convergence.state !== 'converged')
    throw new WorldError('app-failed', `on empty data: ${convergence.message}`);
}

const stageOf = ({ state }: Instance): 'base' | 'head' => state.deployed?.stage ?? 'head';

async function emptyFolder({ options }: Instance, folder: string): Promise<void> {
  await options.files.remove(folder);
  await options.files.makeDirectory(folder, 0o700);
}

async function runHook(
  instance: Instance,
  hook: string,
  argv: Argv,
  { signal, artifact }: { readonly signal?: AbortSignal; readonly artifact?: string },
): Promise<HookRun> {
  const result = await runBeside(instance, argv, {
    timeoutMs: instance.settings.timeouts.hook * 1000,
    outputLimitBytes: hookOutputBytes,
    ...(signal === undefined ? {} : { signal }),
    ...(artifact === undefined ? {} : { values: { artifact } }),
  });
  return {
    hook,
    exitCode: result.exitCode,
    timedOut: result.timedOut,
    output: Buffer.concat([result.stdout, result.stderr]).toString('utf8'),
    durationMs: result.durationMs,
    survivors: result.survivors.map(({ pid, command }) => `${String(pid)} ${command}`),
  };
}
