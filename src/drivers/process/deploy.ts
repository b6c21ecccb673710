// install, upgrade and rebuild of the process driver. A release is copied to the same path each
// time, so that paths an app has stored stay valid; the folder itself is a new one.

import { dirname, join } from 'node:path';

import type { Resource } from '../../ports/app-driver.ts';
import type { Lock } from '../../ports/locks.ts';
import type { PreparedRelease } from '../../ports/release.ts';
import { WorldError } from '../../ports/world-error.ts';
import { type Instance, runBeside, type Stage, valuesOf } from './instance.ts';
import { assertNotCancelled } from '../exclusively.ts';
import { substitute } from './placeholders.ts';
import { allocatePort, isPortFree } from './ports.ts';
import { configTemplates, renderRelease } from './render.ts';
import { startUnit, stopUnit } from './unit.ts';

const privateMode = 0o700;

export async function install(
  instance: Instance,
  release: PreparedRelease,
  stage: Stage,
  signal: AbortSignal,
): Promise<void> {
  const { context, folders, options } = instance;
  const { run, work } = context;
  const all: readonly Resource[] = [
    { kind: 'deployment', name: context.instance, undo: { run, work } },
    ...Object.entries(folders).map(
      ([name, path]) => ({ kind: 'folder', name, undo: { run, work, path } }) as const,
    ),
  ];
  await context.resources.intended(all);
  await leasePorts(instance, signal);
  for (const [name, path] of Object.entries(folders)) {
    await options.files.makeDirectory(path, privateMode);
    await context.resources.created('folder', name, {});
  }
  await deploy(instance, release, stage, signal);
  await context.resources.created('deployment', context.instance, {});
}

/** In place: the data folder, the ports and everything an app may have stored about them stay. */
export async function upgrade(
  instance: Instance,
  release: PreparedRelease,
  signal: AbortSignal,
): Promise<void> {
  if (await isDeployed(instance, release)) return;
  await stopUnit(instance);
  await deploy(instance, release, 'head', signal);
}

/** New tree, new process; data, configuration values and ports are kept. */
export async function rebuild(
  instance: Instance,
  release: PreparedRelease,
  signal: AbortSignal,
): Promise<void> {
  const { folders, options } = instance;
  await stopUnit(instance);
  for (const folder of [folders.tmp, folders.config]) {
    await options.files.remove(folder);
    await options.files.makeDirectory(folder, privateMode);
  }
  await deploy(instance, release, 'head', signal);
}

/** Whether the release, rendered for head, is what was deployed: then an upgrade changes nothing. */
async function isDeployed(instance: Instance, release: PreparedRelease): Promise<boolean> {
  const { deployed, unit } = instance.state;
  if (deployed === undefined || unit?.supervised.running() !== true) return false;
  const before = await renderRelease(instance, deployed.release, deployed.stage);
  const after = await renderRelease(instance, release, 'head');
  return JSON.stringify(before) === JSON.stringify(after);
}

async function deploy(
  instance: Instance,
  release: PreparedRelease,
  stage: Stage,
  signal: AbortSignal,
): Promise<void> {
  const { folders, options, state } = instance;
  assertNotCancelled(signal);
  await options.files.remove(folders.release);
  await options.files.copyTree(release.root, folders.release);
  const tree = await options.files.listing(folders.release);
  if (options.treeDigest(tree) !== release.digest)
    throw new WorldError('refused', `${release.release.ref} changed after it was prepared`);
  state.deployed = { release, stage, tree };
  await writeConfig(instance);
  await configure(instance, signal);
  await startUnit(instance, stage, signal);
}

async function writeConfig(instance: Instance): Promise<void> {
  const { folders, options } = instance;
  const values = valuesOf(instance);
  for (const [name, template] of Object.entries(await configTemplates(instance))) {
    const path = join(folders.config, name);
    await options.files.makeDirectory(dirname(path), privateMode);
    await options.files.replace(path, substitute(template, values), 0o600);
  }
}

const configureOutputBytes = 1024 * 1024;

async function configure(instance: Instance, signal: AbortSignal): Promise<void> {
  const { context, log, settings } = instance;
  const { configure: argv } = settings.process;
  if (argv === undefined) return;
  const result = await runBeside(instance, argv, {
    timeoutMs: settings.timeouts.deploy * 1000,
    outputLimitBytes: configureOutputBytes,
    signal,
  });
  for (const bytes of [result.stdout, result.stderr]) {
    log.write(bytes);
    context.onOutput('configure', bytes);
  }
  assertNotCancelled(signal);
  if (result.exitCode === 0 && !result.timedOut) return;
  const how = result.timedOut ? 'ran over its time' : `ended with ${exitText(result)}`;
  throw new WorldError('app-failed', `process.configure ${how}: ${log.lastLines()}`);
}

export const exitText = ({
  exitCode,
  signal,
}: {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
}): string => (signal === undefined ? `exit code ${String(exitCode)}` : `signal ${signal}`);

/** Once per instance. A fixed port of the manifest is leased as well: two runs of the app take turns. */
async function leasePorts(instance: Instance, signal: AbortSignal): Promise<void> {
  const { context, options, settings, state } = instance;
  const { run, work } = context;
  const ports: Record<string, number> = {};
  for (const name of settings.process.ports) {
    assertNotCancelled(signal);
    const { port, lock } = await allocatePort({ locks: options.locks });
    ports[name] = port;
    state.locks = [...state.locks, lock];
  }
  const fixed = 'none' in settings.health ? undefined : settings.health.port;
  if (fixed !== undefined) {
    state.locks = [...state.locks, await leaseFixed(instance, fixed)];
    ports[String(fixed)] = fixed;
  }
  state.ports = ports;
  const leases = Object.values(ports).map(
    (port) => ({ kind: 'port', name: `tcp-${String(port)}`, undo: { run, work, port } }) as const,
  );
  if (leases.length > 0) await context.resources.intended(leases);
  for (const { kind, name } of leases) await context.resources.created(kind, name, {});
}

async function leaseFixed({ options }: Instance, port: number): Promise<Lock> {
  const lock = await options.locks.tryAcquire(`port-tcp-${String(port)}`);
  if (lock === undefined)
    throw new WorldError('resource-busy', `port ${String(port)} is leased to another run`);
  if (await isPortFree(port)) return lock;
  await lock.release();
  throw new WorldError('resource-busy', `a process outside this run listens on ${String(port)}`);
}
