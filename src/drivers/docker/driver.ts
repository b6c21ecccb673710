// The driver of containers, for Compose and Swarm alike. See src/ports/app-driver.ts for what each
// call promises.

import type {
  AppDriver,
  Capability,
  Deployment,
  RemovedResource,
  Rendering,
  Resource,
  Snapshot,
} from '../../ports/app-driver.ts';
import type { Json } from '../../ports/json.ts';
import type { PreparedRelease } from '../../ports/release.ts';
import type { Stack } from '../../ports/stack.ts';
import { recordAnonymous } from './anonymous.ts';
import { readScope } from './backup-scope.ts';
import { backup, restore } from './backup.ts';
import { inspectContainer } from './containers.ts';
import { innerUrlOf } from './beside.ts';
import { install, rebuild, upgrade } from './deploy.ts';
import { destroy } from './destroy.ts';
import { makeEngine } from './engine.ts';
import { execIn, runningContainer } from './exec.ts';
import { assertProxyNamed, ingressOf } from './ingress.ts';
import { type DockerDriverOptions, type Instance, makeInstance, type Stage } from './instance.ts';
import { everyImage } from './images.ts';
import { exclusively } from '../exclusively.ts';
import { takeLogs } from './logs.ts';
import { placeStack, readStack } from './place-stack.ts';
import type { Orchestrator } from './orchestrator.ts';
import { findRun, removeResources } from './remove.ts';
import { openWay, urlOf } from './reach.ts';
import { readDockerSettings } from './settings.ts';
import { envOfList, sha256 } from './shape.ts';
import {
  findVolume,
  listVolume,
  readVolume,
  volumeIdentity,
  volumeKeys,
  volumeName,
  writeVolume,
} from './volumes.ts';

export function makeDockerDriver(
  orchestrator: Orchestrator,
  options: DockerDriverOptions,
): AppDriver {
  const engine = makeEngine(options.host);
  const instances = new Map<string, Instance[]>();
  return {
    kind: orchestrator.kind,
    version: '1',
    fake: false,
    capabilities: async (settings) => {
      await engine.call({ path: '/version' });
      const read = readDockerSettings(settings);
      assertProxyNamed({ options, settings: read });
      return capabilitiesOf(read);
    },
    open: async (context) => {
      const earlier = instances.get(context.run) ?? [];
      const instance = makeInstance(options, engine, context, earlier);
      instance.state.address = options.address ?? (await nodeAddress(instance));
      instances.set(context.run, [...earlier, instance]);
      return openDeployment(instance, orchestrator);
    },
    remove: async (resources, { graceMs, signal }) => {
      const closed = await closeInstances(instances, resources);
      try {
        const troubles = await withdrawn(orchestrator, closed, signal);
        const { clock } = options;
        const removed = await removeResources(engine, resources, { clock, graceMs });
        return removed.map((each) => forcedFor(each, troubles));
      } finally {
        // Not before: whoever waits for a port finds it taken until its service is gone.
        await releaseLeases(closed);
      }
    },
    images: () => everyImage(engine),
    find: (run, resources) => findRun(engine, run, resources),
  };
}

function capabilitiesOf({
  backup: { capable },
}: ReturnType<typeof readDockerSettings>): Readonly<Record<Capability, true | string>> {
  const canBackup = typeof capable === 'object' ? capable.no : true;
  return { rebuild: true, backup: canBackup, restore: canBackup, 'data-markers': true };
}

/** An engine in a network namespace of its own publishes ports there and not on this host's loopback. */
async function nodeAddress({ engine }: Instance): Promise<string> {
  const { value } = await engine.call({ path: '/info' });
  const { Swarm: swarm } = value as { Swarm?: { NodeAddr?: string } };
  return swarm?.NodeAddr === undefined || swarm.NodeAddr === '' ? '127.0.0.1' : swarm.NodeAddr;
}

/** Ends what this process has under way on the runs that are to go. */
async function closeInstances(
  instances: Map<string, Instance[]>,
  resources: readonly Resource[],
): Promise<readonly Instance[]> {
  const closed: Instance[] = [];
  for (const run of new Set(
    resources.flatMap(({ undo: { run } }) => (typeof run === 'string' ? [run] : [])),
  )) {
    for (const instance of instances.get(run) ?? []) {
      const { closing, state } = instance;
      closing.abort();
      await state.busy;
      state.relay?.close();
      state.relay = undefined;
      closed.push(instance);
    }
    instances.delete(run);
  }
  return closed;
}

async function withdrawn(
  { withdraw }: Orchestrator,
  closed: readonly Instance[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const troubles: string[] = [];
  for (const instance of closed) troubles.push(...((await withdraw?.(instance, signal)) ?? []));
  return troubles;
}

/** What whoever deployed it did not take back went by force. */
const forcedFor = (removed: RemovedResource, troubles: readonly string[]): RemovedResource =>
  removed.kind === 'deployment' && removed.outcome === 'removed' && troubles.length > 0
    ? { ...removed, outcome: 'forced', message: troubles.join('; ') }
    : removed;

async function releaseLeases(closed: readonly Instance[]): Promise<void> {
  for (const { state } of closed) {
    for (const lock of state.locks) await lock.release();
    state.locks = [];
  }
}

function openDeployment(instance: Instance, orchestrator: Orchestrator): Deployment {
  return {
    render: (release, stage) => render(instance, orchestrator, release, stage),
    install: (release, stage, signal) =>
      exclusively(instance, signal, async (both) => {
        await install(instance, orchestrator, { release, stage, signal: both });
        await openWay(instance, orchestrator);
      }),
    upgrade: (release, signal) =>
      exclusively(instance, signal, async (both) => {
        await upgrade(instance, orchestrator, { release, signal: both });
        await openWay(instance, orchestrator);
      }),
    rebuild: (release, signal) =>
      exclusively(instance, signal, (both) =>
        rebuild(instance, orchestrator, { release, signal: both }),
      ),
    settled: (options) =>
      exclusively(instance, options.signal, (signal) =>
        orchestrator.settled(instance, { ...options, signal }),
      ),
    observe: () => observe(instance, orchestrator),
    logs: () => takeLogs(instance, orchestrator),
    exec: (service, argv, limits) => execIn(instance, orchestrator, { service, argv }, limits),
    volumeList: (volume) => listVolume(instance, volume),
    volumeRead: (volume, path) => readVolume(instance, volume, path),
    volumeWrite: (volume, path, bytes) => writeVolume(instance, volume, { path, bytes }),
    backup: (signal) =>
      exclusively(instance, signal, (both) => backup(instance, orchestrator, both)),
    destroy: (signal) =>
      exclusively(instance, signal, (both) => destroy(instance, orchestrator, both)),
    restore: (artifact, signal) =>
      exclusively(instance, signal, (both) => restore(instance, orchestrator, artifact, both)),
    heldSecret: (name) => heldSecret(instance, orchestrator, name),
    url: () => urlOf(instance),
    domain: () => instance.state.deployed?.stack.domain,
    ingress: () => ingressOf(instance),
    innerUrl: () => innerUrlOf(instance),
  };
}

async function render(
  instance: Instance,
  orchestrator: Orchestrator,
  release: PreparedRelease,
  stage: Stage,
): Promise<Rendering> {
  const stack = placeStack(instance, await readStack(instance, release, stage));
  const services: Record<string, Rendering['services'][string]> = {};
  for (const name of Object.keys(stack.services).sort())
    services[name] = await orchestrator.shape(instance, stack, { name, stage });
  const volumes = ownVolumes(stack);
  return { services, volumes, backedUp: backedUpBy(stack, volumes) };
}

/** Of what labels of services and their containers ask for. */
function backedUpBy(stack: Stack, volumes: readonly string[]): readonly string[] {
  const labels = Object.entries(stack.services).map(
    ([name, service]) => [name, { ...service.labels, ...service.deploy?.labels }] as const,
  );
  const scope = readScope(Object.fromEntries(labels), volumes, stack.backupByLabel);
  return scope.volumes.map(({ volume }) => volume);
}

const ownVolumes = ({ volumes = {} }: Stack): readonly string[] =>
  Object.entries(volumes)
    .filter(([, { external }]) => external !== true)
    .map(([key]) => key)
    .sort();

async function observe(instance: Instance, orchestrator: Orchestrator): Promise<Snapshot> {
  const { deployed } = instance.state;
  if (deployed === undefined) return { services: {}, volumes: [], listeners: [], facts: {} };
  await recordAnonymous(instance, orchestrator);
  const services = await orchestrator.services(instance);
  const volumes: { name: string; id: string }[] = [];
  for (const name of volumeKeys(instance)) {
    const found = await findVolume(instance, volumeName(instance, name));
    if (found !== undefined) volumes.push({ name, id: await volumeIdentity(found) });
  }
  const facts: Json = { stack: deployed.stack.name, ports: { ...instance.state.ports } };
  // Ports are held by the engine, which takes none that another holds: there is nobody else to see.
  return { services, volumes, listeners: [], facts };
}

async function heldSecret(
  instance: Instance,
  orchestrator: Orchestrator,
  name: string,
): Promise<string | undefined> {
  const { context, engine, state } = instance;
  if (context.secretNames?.includes(name) === false || state.deployed === undefined)
    return undefined;
  for (const service of Object.keys(state.deployed.stack.services)) {
    const id = await runningContainer(instance, orchestrator, service).catch(() => undefined);
    const container = id === undefined ? undefined : await inspectContainer(engine, id);
    const value = envOfList(container?.Config.Env)[name];
    if (typeof value === 'string') return sha256(value);
  }
  return undefined;
}
