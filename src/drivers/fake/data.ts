// Volumes, backup, destroy and restore of the fake driver.

import type {
  Artifact,
  BackupReport,
  Deployment,
  HookRun,
  RestoreReport,
} from '../../ports/app-driver.ts';
import type { Listing } from '../../ports/files.ts';
import { WorldError } from '../../ports/world-error.ts';
import {
  emptied,
  type Handle,
  noteDone,
  otherRelease,
  statusAfter,
  withFreshUnits,
} from './handle.ts';
import { type FakeVolume, listEntries, sha256Hex, withEntry } from './world.ts';

type Volumes = ReadonlyMap<string, FakeVolume>;

const dayMs = 24 * 60 * 60 * 1000;

export function makeData(
  handle: Handle,
): Pick<
  Deployment,
  'volumeList' | 'volumeRead' | 'volumeWrite' | 'backup' | 'destroy' | 'restore'
> {
  const { faults } = handle;
  return {
    volumeList: async (name) => {
      await faults.enter('volumes');
      return listEntries(volume(handle, name).entries);
    },
    volumeRead: async (name, path) => {
      await faults.enter('volumes');
      const entry = volume(handle, name).entries.get(path);
      return entry?.kind === 'file' ? entry.bytes : undefined;
    },
    volumeWrite: async (name, path, bytes) => {
      await faults.enter('volumes');
      writeEntry(handle, name, path, bytes);
    },
    backup: async (signal) => {
      await faults.enter('backup', signal);
      const report = await backup(handle);
      noteDone(handle, 'backup');
      return report;
    },
    destroy: async (signal) => {
      await faults.enter('destroy', signal);
      return destroy(handle);
    },
    restore: async (artifact, signal) => {
      await faults.enter('restore', signal);
      const report = restore(handle, artifact);
      noteDone(handle, 'restore');
      return report;
    },
  };
}

function volume(handle: Handle, name: string): FakeVolume {
  const found = handle.app().volumes.get(name);
  if (found === undefined) throw new WorldError('not-found', `there is no volume ${name}`);
  return found;
}

function writeEntry(handle: Handle, name: string, path: string, bytes: Uint8Array): void {
  if (path.startsWith('/') || path.split('/').some((part) => part === '..' || part === ''))
    throw new WorldError('refused', `not a path inside a volume: ${path}`);
  const { id, entries } = volume(handle, name);
  const mode = 0o600;
  handle.update((app) => ({
    ...app,
    volumes: withEntry(app.volumes, name, {
      id,
      entries: withEntry(entries, path, { kind: 'file', mode, bytes: new Uint8Array(bytes) }),
    }),
  }));
}

const listAll = (volumes: Volumes): Readonly<Record<string, Listing>> =>
  Object.fromEntries([...volumes].map(([name, { entries }]) => [name, listEntries(entries)]));

const hook = (name: string, failed: boolean): HookRun => ({
  hook: name,
  exitCode: failed ? 1 : 0,
  timedOut: false,
  output: failed ? 'planted: the hook failed\n' : '',
  durationMs: 0,
  survivors: [],
});

async function backup(handle: Handle): Promise<BackupReport> {
  const { clock, context, faults, files, store } = handle;
  if (faults.has('backup-fails')) throw new WorldError('app-failed', 'planted: no backup');
  const { volumes } = handle.app();
  const captured = faults.has('backup-empty-scope')
    ? new Map<never, never>()
    : capture(handle, volumes);
  const path = `${context.work}/artifact.json`;
  const bytes = Buffer.from(JSON.stringify(listAll(captured)));
  store.change((world) => ({ ...world, artifacts: withEntry(world.artifacts, path, captured) }));
  await files?.replace(path, faults.has('artifact-unreadable') ? 'torn' : bytes, 0o600);
  const madeAtMs = clock.now().getTime() - (faults.has('stale-artifact') ? dayMs : 0);
  const before = faults.has('backup-empty-scope') ? {} : listAll(volumes);
  return {
    artifact: { path, sha256: sha256Hex(bytes), bytes: bytes.length, madeAtMs },
    before,
    captured: listAll(captured),
    after: before,
    form: 'contents',
    hooks: [hook('quiesce', faults.has('backup-hook-fails')), hook('resume', false)],
  };
}

function capture({ faults }: Handle, volumes: Volumes): Volumes {
  const names = [...volumes.keys()];
  const kept = faults.has('backup-misses-volume') ? names.slice(0, -1) : names;
  return new Map(
    [...volumes]
      .filter(([name]) => kept.includes(name))
      .map(([name, each]) => [name, faults.has('backup-misses-file') ? withoutLast(each) : each]),
  );
}

const withoutLast = ({ id, entries }: FakeVolume): FakeVolume => ({
  id,
  entries: new Map([...entries].slice(0, -1)),
});

function destroy(handle: Handle): Readonly<Record<string, Listing>> {
  handle.update((app) => ({
    ...app,
    beforeDestroy: app.volumes,
    volumes: handle.faults.has('destroy-does-nothing') ? app.volumes : emptied(app.volumes),
    services: new Map(
      [...app.services].map(([name, service]) => [
        name,
        { ...service, units: service.units.map((unit) => ({ ...unit, running: false })) },
      ]),
    ),
  }));
  return listAll(handle.app().volumes);
}

function restore(handle: Handle, artifact: Artifact): RestoreReport {
  const { faults, store } = handle;
  const content = store.read().artifacts.get(artifact.path);
  if (content === undefined)
    throw new WorldError('not-found', `there is no artifact ${artifact.path}`);
  handle.update((app) => ({ ...app, volumes: written(handle, app.volumes, content) }));
  const report = listAll(handle.app().volumes);
  if (faults.has('restore-fails')) throw new WorldError('app-failed', 'planted: no restore');
  const status = statusAfter(handle, 'restore', handle.app().version);
  handle.update((app) => ({
    ...app,
    status,
    services: withFreshUnits(
      handle,
      faults.has('restore-other-release')
        ? new Map(
            [...app.services].map(([name, s]) => [name, { ...s, spec: otherRelease(s.spec) }]),
          )
        : app.services,
      status,
    ),
  }));
  return { written: report, hooks: [hook('restore', faults.has('restore-hook-fails'))] };
}

/** Volumes keep their ids; a volume that the artifact lacks stays as it is. */
function written({ app, faults }: Handle, volumes: Volumes, content: Volumes): Volumes {
  if (faults.has('restore-does-nothing')) return volumes;
  const source = faults.has('restores-mutated') ? app().beforeDestroy : content;
  return new Map(
    [...volumes].map(([name, { id, entries }]) => {
      const from = source.get(name) ?? { id, entries };
      const kept = faults.has('restore-misses-file') ? withoutLast(from) : from;
      return [name, faults.has('restore-changes-mode') ? otherMode(id, kept) : { ...kept, id }];
    }),
  );
}

const otherMode = (id: string, { entries }: FakeVolume): FakeVolume => ({
  id,
  entries: new Map(
    [...entries].map(([path, entry]) => [
      path,
      entry.kind === 'symlink' ? entry : { ...entry, mode: entry.mode ^ 0o044 },
    ]),
  ),
});
