// Deploys stacks with Docker Swarm. `docker stack deploy` sends them, so that the last step is the
// one operators' tools share; everything else goes through the engine's own interface.

import type { ServiceState } from '../../ports/app-driver.ts';
import type { JsonObject } from '../../ports/json.ts';
import type { Stack } from '../../ports/stack.ts';
import { runCli, saidBy } from '../docker/cli.ts';
import {
  inspectContainer,
  listContainers,
  removeContainer,
  stopSoon,
} from '../docker/containers.ts';
import { type Engine, query } from '../docker/engine.ts';
import type { NetworkFacts, ServiceFacts, SwarmFile, TaskFacts } from '../docker/facts.ts';
import { deployedOf, type Instance, type Sent, waitUntil } from '../docker/instance.ts';
import type { Orchestrator } from '../docker/orchestrator.ts';
import { refusalOf } from '../docker/refusal.ts';
import { removeNetworks } from '../docker/remove.ts';
import { claimsOf, nameIn } from '../docker/names.ts';
import { settle } from '../docker/settle.ts';
import { sha256 } from '../docker/shape.ts';
import { converge, type SwarmSnapshot } from './converge.ts';
import { kernelHasVip, swarmFile } from './file.ts';
import { makeFiles } from './make-files.ts';
import { madeByHook, seenShape, wantedShape } from './shape.ts';
import {
  isCurrent,
  listServices,
  listTasks,
  namespace,
  shortName,
  slotOf,
  specDigest,
  takeSnapshot,
} from './snapshot.ts';

const downMs = 90_000;
/** What Swarm gives a task to stop that asks for no time of its own. */
const graceNs = 10e9;
const historyMax = 400;

export const swarmOrchestrator: Orchestrator = {
  kind: 'swarm',
  filter: (stack, service) => [
    `${namespace}=${stack}`,
    ...(service === undefined ? [] : [`com.docker.swarm.service.name=${stack}_${service}`]),
  ],
  shape: wantedShape,
  deploy,
  services,
  settled: (instance, options) => {
    const history: SwarmSnapshot[] = [];
    const kills = new Map<string, boolean>();
    return settle(instance, options, async () => {
      const { clock } = instance.options;
      const { name } = deployedOf(instance).stack;
      const at = { atMs: clock.monotonicMs(), kills };
      history.push(await takeSnapshot(instance.engine, name, at));
      if (history.length > historyMax) history.splice(0, history.length - historyMax);
      return converge(instance.state.sent, history, instance.settings.oneshot ?? []);
    });
  },
  scaleDown,
  scaleUp: (instance, signal) => deploy(instance, deployedOf(instance).stack, { signal }),
  takeDown: async (instance, signal) => {
    const { engine } = instance;
    const { name } = deployedOf(instance).stack;
    const ended = (await listServices(engine, name)).map(async (service) => {
      await engine.call({ method: 'DELETE', path: `/services/${service.ID}`, allow: [404] });
      await stopTasksOf(engine, service);
    });
    await Promise.all([...ended, tasksGone(instance, name, signal)]);
    const { clock } = instance.options;
    await removeNetworks(engine, [`${namespace}=${name}`], { clock, timeoutMs: downMs });
  },
};

async function deploy(
  instance: Instance,
  stack: Stack,
  { signal, forced = false }: { readonly signal: AbortSignal; readonly forced?: boolean },
): Promise<void> {
  const { engine, settings, context } = instance;
  const before = await listServices(engine, stack.name);
  if (!kernelHasVip())
    await context.note('swarm-networking', 'no IP_VS here: endpoint mode dnsrr and host ports');
  await makeFiles(instance, stack);
  const result = await runCli(instance, {
    args: [
      ...['stack', 'deploy', '--compose-file', '-', '--prune'],
      ...['--resolve-image', settings.resolveImage ?? 'always', stack.name],
    ],
    stdin: swarmFile(instance, stack),
    signal,
  });
  const { exitCode } = result;
  if (exitCode !== 0)
    throw await refusalOf(engine, 'docker stack deploy', { exitCode, said: saidBy(result) });
  if (forced) await forceUpdate(engine, stack.name);
  instance.state.sent = sentTo(stack, before, await listServices(engine, stack.name));
}

/** By what the engine itself has on record: an update that changed nothing is one that ended. */
export function sentTo(
  stack: Stack,
  before: readonly ServiceFacts[],
  after: readonly ServiceFacts[],
): Readonly<Record<string, Sent>> {
  const old = new Map(before.map((service) => [service.ID, service]));
  return Object.fromEntries(
    after.map((service): [string, Sent] => {
      const earlier = old.get(service.ID);
      const updatedAt = earlier?.UpdateStatus?.StartedAt;
      return [
        shortName(stack.name, service.Spec.Name),
        {
          spec: specDigest(service),
          ...(earlier === undefined ? {} : { before: specDigest(earlier) }),
          ...(updatedAt === undefined ? {} : { updatedAt }),
        },
      ];
    }),
  );
}

export async function forceUpdate(engine: Engine, stack: string): Promise<void> {
  for (const service of await listServices(engine, stack)) {
    const { TaskTemplate: task } = service.Spec;
    const changed = { ...task, ForceUpdate: (task.ForceUpdate ?? 0) + 1 };
    await update(engine, service, { TaskTemplate: changed });
  }
}

async function update(
  engine: Engine,
  { ID: id, Version: version, Spec: spec }: ServiceFacts,
  change: object,
): Promise<void> {
  await engine.call({
    method: 'POST',
    path: `/services/${id}/update${query({ version: String(version.Index) })}`,
    json: { ...spec, ...change } as unknown as JsonObject,
  });
}

/** A global service has no number of replicas; a constraint that no node meets does the same. */
async function scaleDown(instance: Instance, signal: AbortSignal): Promise<void> {
  const { engine } = instance;
  const { name } = deployedOf(instance).stack;
  const ended = (await listServices(engine, name)).map(async (service) => {
    const { Mode: mode, TaskTemplate: task } = service.Spec;
    if (mode.Replicated !== undefined) {
      await update(engine, service, { Mode: { Replicated: { Replicas: 0 } } });
      await stopTasksOf(engine, service);
    } else if (mode.Global !== undefined) {
      const nowhere = { Constraints: ['node.id==nowhere'] };
      await update(engine, service, { TaskTemplate: { ...task, Placement: nowhere } });
    }
  });
  await Promise.all(ended);
  await tasksGone(instance, name, signal);
}

/** Of a service that wants none any more: so none of them is started again. */
const stopTasksOf = (engine: Engine, { ID: id, Spec: spec }: ServiceFacts): Promise<void> => {
  const { StopGracePeriod: grace = graceNs } = spec.TaskTemplate.ContainerSpec;
  return stopSoon(engine, [`com.docker.swarm.service.id=${id}`], grace / 1e6);
};

/** Waits for tasks to end, then removes their containers, which outlive them and hold volumes. */
export async function tasksGone(
  instance: Instance,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const { engine, options } = instance;
  const filter = [`${namespace}=${name}`];
  const limits = { timeoutMs: downMs, signal, what: 'the end of all tasks' };
  await waitUntil(options, limits, async () => {
    const containers = await listContainers(engine, filter);
    const over = containers.filter(({ State: is }) => is !== 'running');
    await Promise.all(over.map(({ Id: id }) => removeContainer(engine, id)));
    if (over.length < containers.length) return false;
    // A container whose removal is under way is listed until it is gone.
    if (over.length > 0 && (await listContainers(engine, filter)).length > 0) return false;
    // One that has just been given to the node has no container yet, and may still make one.
    const tasks = await listTasks(engine, name);
    return !tasks.some(({ Status: { State: is } }) => beforeContainer.has(is));
  });
}

const beforeContainer: ReadonlySet<string> = new Set([
  ...['assigned', 'accepted', 'preparing', 'ready', 'starting'],
]);

async function services(instance: Instance): Promise<Readonly<Record<string, ServiceState>>> {
  const { engine } = instance;
  const { stack } = deployedOf(instance);
  const { name, services: written } = stack;
  const [found, tasks] = [await listServices(engine, name), await listTasks(engine, name)];
  const shared = {
    networks: await networkNames(engine),
    configs: await configDigests(engine, stack),
  };
  const all: Record<string, ServiceState> = {};
  for (const service of found) {
    const own = tasks.filter(({ ServiceID: id }) => id === service.ID);
    const running = own.filter(({ Status: { State: is } }) => is === 'running');
    // One that ended, as it should or not, is known by the container that it left.
    const seen = running.length > 0 ? running : newestPerSlot(own);
    const imageIds = await imageIdsOf(engine, seen);
    const staleTasks = running
      .filter(({ Spec: spec }) => !isCurrent(spec, service.Spec.TaskTemplate))
      .map(({ ID: id }) => id);
    const short = shortName(name, service.Spec.Name);
    const parts = { ...shared, imageIds, staleTasks, written: written[short]?.image ?? '' };
    all[short] = {
      spec: seenShape(instance, service, parts),
      readFromUnits: true,
      images: imageIds,
      id: service.ID,
      claims: claimsOf(service.Spec.Labels),
      units: newestPerSlot(own).map(unitOf),
    };
  }
  return all;
}

/** One that is to run, else the last one: the engine keeps older ones for people to look at. */
function newestPerSlot(tasks: readonly TaskFacts[]): readonly TaskFacts[] {
  const newest = new Map<string, TaskFacts>();
  for (const task of [...tasks].sort((a, b) => (a.CreatedAt < b.CreatedAt ? -1 : 1)))
    newest.set(slotOf(task), task);
  return [...newest.values()];
}

function unitOf({ ID: task, Status: { State: is, ContainerStatus: container } }: TaskFacts) {
  const exitCode = is === 'running' ? undefined : container?.ExitCode;
  return {
    id: container?.ContainerID ?? task,
    running: is === 'running',
    restarts: 0,
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}

async function imageIdsOf(engine: Engine, tasks: readonly TaskFacts[]): Promise<readonly string[]> {
  const ids = new Set<string>();
  for (const { Status: status } of tasks) {
    const id = status.ContainerStatus?.ContainerID;
    const container = id === undefined ? undefined : await inspectContainer(engine, id);
    if (container !== undefined) ids.add(container.Image);
  }
  return [...ids].sort();
}

async function networkNames(engine: Engine): Promise<ReadonlyMap<string, string>> {
  const { value } = await engine.call({ path: '/networks' });
  const all = value as unknown as readonly NetworkFacts[];
  return new Map(all.map(({ Id: id, Name: name }) => [id, name]));
}

/** Of the content that the engine gives back, which is what tasks get. */
async function configDigests(engine: Engine, stack: Stack): Promise<ReadonlyMap<string, string>> {
  const { value } = await engine.call({ path: '/configs' });
  const all = value as unknown as readonly SwarmFile[];
  const byHook = new Set(
    Object.entries(stack.configs ?? {})
      .filter(([, { content }]) => content === undefined)
      .map(([key]) => nameIn(stack, 'config', key)),
  );
  const digest = ({ Name: name, Data: data = '' }: SwarmFile['Spec']): string =>
    byHook.has(name) ? madeByHook : sha256(Buffer.from(data, 'base64'));
  return new Map(all.map(({ ID: id, Spec }) => [id, digest(Spec)]));
}
