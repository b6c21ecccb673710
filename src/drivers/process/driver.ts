// Deploys an app as a process of this host: a copy of the release, a data folder, leased ports. See
// src/ports/app-driver.ts for what each call promises.

import type {
  AppDriver,
  Capability,
  Deployment,
  InstanceContext,
  RemovedResource,
  Resource,
} from '../../ports/app-driver.ts';
import type { JsonObject } from '../../ports/json.ts';
import { WorldError } from '../../ports/world-error.ts';
import { backup, destroy, restore } from './backup.ts';
import { install, rebuild, upgrade } from './deploy.ts';
import { type Instance, makeInstance, type ProcessDriverOptions, runBeside } from './instance.ts';
import { assertNotCancelled, exclusively } from '../exclusively.ts';
import { observe } from './observe.ts';
import { baseUrl, settled } from './ready.ts';
import { findLeftovers, inOrder, removeRecorded } from './remove.ts';
import { renderRelease, serviceName } from './render.ts';
import { readProcessSettings } from './settings.ts';
import { endUnit } from './unit.ts';
import { assertVolume, dataListing, readVolume, writeVolume } from './volumes.ts';

export function makeProcessDriver(options: ProcessDriverOptions): AppDriver {
  const instances = new Map<string, Instance[]>();
  return {
    kind: 'process',
    version: '1',
    fake: false,
    capabilities: (settings) => capabilities(options, settings),
    open: (context) => {
      const instance = makeInstance(options, context);
      instances.set(context.run, [...(instances.get(context.run) ?? []), instance]);
      return Promise.resolve(openDeployment(instance, context));
    },
    remove: async (resources, limits) => {
      const removed: RemovedResource[] = [];
      for (const resource of inOrder(resources))
        removed.push(await removeOne(options, instances, resource, limits));
      return removed;
    },
    find: (run, resources) => findLeftovers(options, run, resources),
  };
}

async function capabilities(
  { processes }: ProcessDriverOptions,
  settings: JsonObject,
): Promise<Readonly<Record<Capability, true | string>>> {
  const { backup: wanted } = readProcessSettings(settings);
  const canBackup = typeof wanted.capable === 'object' ? wanted.capable.no : true;
  if (canBackup === true && (await processes.find('tar')) === undefined)
    throw new WorldError('unavailable', 'tar is not installed', { hint: 'Install tar.' });
  const hasCounterpart = wanted.command === undefined || wanted.restoreCommand !== undefined;
  return {
    rebuild: true,
    backup: canBackup,
    restore: hasCounterpart ? canBackup : 'backup.command has no backup.restoreCommand beside it',
    'data-markers': true,
  };
}

function openDeployment(instance: Instance, context: InstanceContext): Deployment {
  const { folders, log, settings } = instance;
  return {
    render: (release, stage) => renderRelease(instance, release, stage),
    install: (release, stage, signal) =>
      exclusively(instance, signal, (both) => install(instance, release, stage, both)),
    upgrade: (release, signal) =>
      exclusively(instance, signal, (both) => upgrade(instance, release, both)),
    rebuild: (release, signal) =>
      exclusively(instance, signal, (both) => rebuild(instance, release, both)),
    settled: (options) =>
      exclusively(instance, options.signal, (signal) => settled(instance, { ...options, signal })),
    observe: () => observe(instance),
    logs: () => Promise.resolve(log.take()),
    exec: (service, argv, limits) => exec(instance, service, argv, limits),
    volumeList: async (volume) => {
      assertVolume(volume);
      return dataListing(instance);
    },
    volumeRead: async (volume, path) => {
      assertVolume(volume);
      return readVolume(instance, path);
    },
    volumeWrite: async (volume, path, bytes) => {
      assertVolume(volume);
      await writeVolume(instance, path, bytes);
    },
    backup: (signal) => exclusively(instance, signal, (both) => backup(instance, both)),
    destroy: (signal) => exclusively(instance, signal, () => destroy(instance)),
    restore: (artifact, signal) =>
      exclusively(instance, signal, (both) => restore(instance, artifact, both)),
    heldSecret: (name) => {
      const value =
        context.secretNames?.includes(name) === false ? undefined : heldValue(instance, name);
      return Promise.resolve(value === undefined ? undefined : instance.options.sha256(value));
    },
    dataFolder: () => Promise.resolve(folders.data),
    url: () => ('none' in settings.health ? undefined : baseUrl(instance)),
  };
}

const heldValue = ({ state }: Instance, name: string): string | undefined =>
  state.unit?.supervised.running() === true ? state.unit.born.env[name] : undefined;

/** As a shell tells it: a command that a signal ended has 128 and the signal's number. */
const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};

async function exec(
  instance: Instance,
  service: string,
  argv: readonly [string, ...string[]],
  limits: Parameters<Deployment['exec']>[2],
): ReturnType<Deployment['exec']> {
  if (service !== serviceName)
    throw new WorldError('not-found', `there is no service ${service}, only ${serviceName}`);
  if (instance.state.unit?.supervised.running() !== true)
    throw new WorldError('app-failed', 'the app is not running');
  const result = await runBeside(instance, argv, limits);
  if (limits.signal !== undefined) assertNotCancelled(limits.signal);
  const { timedOut, stdout, stderr, signal } = result;
  const exitCode =
    signal === undefined || timedOut ? result.exitCode : 128 + (signalNumbers[signal] ?? 0);
  return { exitCode, timedOut, stdout, stderr };
}

/** Undoes one resource; a failure is told and does not keep the others from being undone. */
async function removeOne(
  options: ProcessDriverOptions,
  instances: Map<string, Instance[]>,
  resource: Resource,
  { graceMs }: { readonly signal: AbortSignal; readonly graceMs: number },
): Promise<RemovedResource> {
  const { kind, name, undo } = resource;
  try {
    const run = typeof undo['run'] === 'string' ? undo['run'] : '';
    const owned = (instances.get(run) ?? []).filter(({ context }) => context.work === undo['work']);
    const forced = kind === 'process' ? await stopOwned(owned, name, graceMs) : undefined;
    if (kind === 'port') await releaseOwned(owned, undo['port']);
    const removed = await removeRecorded(options.files, resource);
    if (kind === 'deployment') instances.delete(run);
    return forced !== undefined && removed.outcome === 'removed'
      ? { kind, name, outcome: 'forced', message: forced }
      : removed;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind, name, outcome: 'failed', message };
  }
}

/** The polite way, for an app of this very process. Says what did not go politely. */
async function stopOwned(
  owned: readonly Instance[],
  resource: string,
  graceMs: number,
): Promise<string | undefined> {
  for (const instance of owned) {
    instance.closing.abort();
    await instance.state.busy;
    if (instance.state.unit?.resource !== resource) continue;
    const ending = await endUnit(instance, graceMs);
    if (ending !== undefined) return ending;
  }
  return undefined;
}

async function releaseOwned(owned: readonly Instance[], port: unknown): Promise<void> {
  for (const { state } of owned) {
    const lock = state.locks.find(({ name }) => name === `port-tcp-${String(port)}`);
    await lock?.release();
    state.locks = state.locks.filter((each) => each !== lock);
  }
}
