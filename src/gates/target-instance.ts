// One instance of the target: its own folder, port, environment and processes, and what is left of
// them afterwards.

import type { Entry } from '../evidence/record.ts';
import { WorldError } from '../ports/world-error.ts';
import type { RunningTarget } from '../ports/gate-targets.ts';
import { environmentOf } from './gate-environment.ts';
import type { GateWorld } from './gate-world.ts';
import type { Gate, TargetSettings } from './gate-schema.ts';
import { valueAtPointer } from './json-pointer.ts';
import { parseJson } from './match.ts';
import { fill, fillAll } from './placeholders.ts';
import { resolveArguments, resolvePath } from './resolve-path.ts';
import { waitReady } from './target-ready.ts';
import { text } from './ask.ts';

/** What is put beside the usual start: by a gate, a check, or a canary. */
export type Planting = {
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly put?: Readonly<Record<string, string>> | undefined;
  readonly stub?: Readonly<Record<string, string>> | undefined;
  readonly fault?: string | undefined;
};

export type InstanceOptions = {
  readonly world: GateWorld;
  readonly append: (entry: Entry) => Promise<unknown>;
  readonly run: string;
  readonly work: string;
  /** Unique in the run. */
  readonly name: string;
  readonly here: string;
  readonly profile: string;
  readonly values: Readonly<Record<string, string>>;
  readonly planting: readonly Planting[];
  /** Made before anything is put into the folder. */
  readonly repository?: Gate['repository'];
  readonly bootId: string;
};

export type Place = {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, string>>;
};

/**
 * Makes the folder with what is planted, and the environment of everything that runs in it. Faults are
 * in it too: a command may start a target of its own.
 */
export async function preparePlace(
  options: InstanceOptions,
  faultVariable: string | undefined,
): Promise<Place> {
  const { world, work, name, here, profile, planting } = options;
  const folder = `${work}/${name}`;
  await world.files.makeDirectory(folder, 0o700);
  await world.files.makeDirectory(`${folder}/.tmp`, 0o700);
  const values = { ...options.values, dir: folder, here };
  if (options.repository !== undefined) {
    const trees = options.repository.commits.map((tree) => resolvePath(here, tree));
    await world.trees.make(`${folder}/${options.repository.at}`, trees);
  }
  const searchPath = await plantFiles(options, { folder, values });
  const env = environmentOf({ folder, searchPath, profile });
  for (const each of planting) Object.assign(env, fillAll(each.env ?? {}, values));
  const faults = planting.flatMap(({ fault }) => fault ?? []);
  if (faultVariable !== undefined && faults.length > 0) env[faultVariable] = faults.join(',');
  return { folder, env, values };
}

/** Copies what is put and what replaces programs; the path on which programs are looked for then. */
async function plantFiles(
  { world, here, planting }: InstanceOptions,
  { folder, values }: Pick<Place, 'folder' | 'values'>,
): Promise<string> {
  let searchPath = world.searchPath;
  for (const { put = {}, stub = {} } of planting) {
    for (const [path, from] of Object.entries(put))
      await copyFile(world, resolvePath(here, fill(from, values)), `${folder}/${path}`);
    for (const [program, from] of Object.entries(stub)) {
      await copyFile(world, resolvePath(here, from), `${folder}/.stubs/${program}`, 0o755);
      searchPath = `${folder}/.stubs:${world.searchPath}`;
    }
  }
  return searchPath;
}

const copiedMaxBytes = 16 * 1024 * 1024;

async function copyFile(
  { files }: GateWorld,
  from: string,
  to: string,
  mode = 0o644,
): Promise<void> {
  const bytes = await files.read(from, copiedMaxBytes);
  await files.makeDirectory(to.slice(0, to.lastIndexOf('/')), 0o755);
  await files.replace(to, bytes, mode);
}

export type TargetInstance = {
  readonly url: string;
  readonly values: Readonly<Record<string, string>>;
  /** Ends it. Names whatever is left behind; empty when nothing is. */
  readonly stop: () => Promise<readonly string[]>;
};

const stopGraceMs = 5000;

/** Throws the WorldError of a target that could not be started; nothing of it is left then. */
export async function startTarget(
  settings: TargetSettings,
  place: Place,
  options: InstanceOptions & { readonly signal: AbortSignal; readonly allowFaults: boolean },
): Promise<TargetInstance> {
  const { world, append, run, work, name, here, bootId } = options;
  const lease = await world.targets.leasePort();
  const values = { ...place.values, port: String(lease.port) };
  const spec = {
    argv: await resolveArguments(world.files, fillAll(settings.start, values), here),
    cwd: settings.cwd === undefined ? place.folder : resolvePath(here, fill(settings.cwd, values)),
    env: targetEnvironment(settings, place, { ...options, values }),
    marker: run,
  };
  const undo = { run, work, signal: settings.stop, graceMs: stopGraceMs, bootId };
  await append({ type: 'resource.intended', data: { kind: 'process', name, undo } });
  const stopOne = async (target: RunningTarget | undefined, port: number) => {
    const left = await leftBehind(world, target, { signal: settings.stop, port });
    await append({ type: 'resource.removed', data: { kind: 'process', name } });
    await lease.release();
    return left;
  };
  let target: RunningTarget | undefined;
  try {
    target = await world.targets.start(spec);
    const details = { ...target.identity };
    await append({ type: 'resource.created', data: { kind: 'process', name, details } });
    const url = await waitReady(target, settings, { ...options, port: lease.port });
    await refuseFaults(settings, url, options);
    const started = target;
    const port = Number(/:(\d+)$/u.exec(url)?.[1] ?? lease.port);
    let stopped: Promise<readonly string[]> | undefined;
    return { url, values: { ...values, url }, stop: () => (stopped ??= stopOne(started, port)) };
  } catch (error) {
    await stopOne(target, lease.port);
    throw error;
  }
}

function targetEnvironment(
  { env = {} }: TargetSettings,
  place: Place,
  { values, planting }: Pick<InstanceOptions, 'values' | 'planting'>,
): Record<string, string> {
  return {
    ...fillAll({ ...place.env, ...env }, values),
    // What a gate or check sets wins over the target's own settings.
    ...Object.assign({}, ...planting.map((each) => fillAll(each.env ?? {}, values))),
  } as Record<string, string>;
}

/** A target with a fault switched on proves nothing, unless a canary switched it on. */
async function refuseFaults(
  { faults }: TargetSettings,
  url: string,
  { world, signal, allowFaults }: { world: GateWorld; signal: AbortSignal; allowFaults: boolean },
): Promise<void> {
  if (faults.get === undefined || allowFaults) return;
  const { body } = await world.http.request({
    url: `${url}${faults.get}`,
    timeoutMs: 10_000,
    signal,
  });
  const on = valueAtPointer(parseJson(text(body)), faults.json);
  if (Array.isArray(on) && on.length === 0) return;
  throw new WorldError(
    'refused',
    Array.isArray(on)
      ? `the target has faults switched on: ${on.map(String).join(', ')}`
      : `the target does not say at ${faults.get} which faults are switched on`,
  );
}

async function leftBehind(
  world: GateWorld,
  target: RunningTarget | undefined,
  { signal, port }: { readonly signal: 'SIGTERM' | 'SIGINT'; readonly port: number },
): Promise<readonly string[]> {
  if (target === undefined) return [];
  const { survivors, forced } = await target.stop(signal, stopGraceMs);
  const left = survivors.map(({ pid, command }) => `process ${String(pid)} ${command}`);
  return [
    ...left,
    ...(forced && left.length === 0 ? [`the target did not end on ${signal} and was killed`] : []),
    ...((await world.targets.isFree(port)) ? [] : [`port ${String(port)} is still held`]),
  ];
}
