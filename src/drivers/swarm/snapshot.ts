// What the engine says about a stack right now.

import { inspectContainer } from '../docker/containers.ts';
import { type Engine, query } from '../docker/engine.ts';
import type { ServiceFacts, TaskFacts, TaskTemplate } from '../docker/facts.ts';
import { canonical, sha256 } from '../docker/shape.ts';
import type { SeenService, SeenTask, SwarmSnapshot } from './converge.ts';

export const namespace = 'com.docker.stack.namespace';

export async function listServices(
  engine: Engine,
  stack: string,
): Promise<readonly ServiceFacts[]> {
  const filters = { label: [`${namespace}=${stack}`] };
  const { value } = await engine.call({ path: `/services${query({ status: true, filters })}` });
  return value as unknown as readonly ServiceFacts[];
}

export async function listTasks(engine: Engine, stack: string): Promise<readonly TaskFacts[]> {
  const filters = { label: [`${namespace}=${stack}`] };
  const { value } = await engine.call({ path: `/tasks${query({ filters })}` });
  return value as unknown as readonly TaskFacts[];
}

export const shortName = (stack: string, name: string): string =>
  name.startsWith(`${stack}_`) ? name.slice(stack.length + 1) : name;

/** The engine fills in the runtime, and writes empty lists in two ways. */
export const isCurrent = (task: TaskTemplate, service: TaskTemplate): boolean =>
  comparable(task) === comparable(service);

const comparable = ({ ContainerSpec, ForceUpdate = 0, Networks = [] }: TaskTemplate): string =>
  canonical({ ContainerSpec, ForceUpdate, Networks: Networks.map(({ Target: id }) => id).sort() });

export const specDigest = ({ Spec: { TaskTemplate: task, ...rest } }: ServiceFacts): string =>
  sha256(canonical({ task, rest })).slice(0, 32);

/** By task: a container tells it only as long as the engine keeps it. */
export type MemoryKills = Map<string, boolean>;

export async function takeSnapshot(
  engine: Engine,
  stack: string,
  { atMs, kills }: { readonly atMs: number; readonly kills: MemoryKills },
): Promise<SwarmSnapshot> {
  const services = await listServices(engine, stack);
  const tasks = await listTasks(engine, stack);
  await seeMemoryKills(engine, tasks, kills);
  return {
    atMs,
    services: Object.fromEntries(
      services.map((service) => [
        shortName(stack, service.Spec.Name),
        seenService(
          service,
          tasks.filter(({ ServiceID: id }) => id === service.ID),
          kills,
        ),
      ]),
    ),
  };
}

/** The engine's record of a task does not say it, only that of its container. */
async function seeMemoryKills(
  engine: Engine,
  tasks: readonly TaskFacts[],
  kills: MemoryKills,
): Promise<void> {
  for (const { ID: task, Status: status } of tasks) {
    const { ContainerID: id, ExitCode: code } = status.ContainerStatus ?? {};
    if (code !== killed || id === undefined || kills.has(task)) continue;
    kills.set(task, (await inspectContainer(engine, id))?.State.OOMKilled === true);
  }
}

/** 128 + SIGKILL. */
const killed = 137;

function seenService(
  service: ServiceFacts,
  tasks: readonly TaskFacts[],
  kills: MemoryKills,
): SeenService {
  const { Spec: spec, UpdateStatus: update } = service;
  const { Condition: condition = 'any', MaxAttempts: attempts = 0 } =
    spec.TaskTemplate.RestartPolicy ?? {};
  return {
    spec: specDigest(service),
    ...(update?.State === undefined
      ? {}
      : { update: { state: update.State, startedAt: update.StartedAt ?? '' } }),
    mode: modeOf(service),
    wanted: wantedOf(service),
    restart: condition === 'none' || condition === 'on-failure' ? condition : 'any',
    attempts,
    tasks: tasks.map((task) => ({
      ...seenTask(task, service),
      ...(kills.get(task.ID) === true ? { outOfMemory: true } : {}),
    })),
  };
}

function modeOf({ Spec: { Mode: mode } }: ServiceFacts): SeenService['mode'] {
  if (mode.Replicated !== undefined) return 'replicated';
  if (mode.ReplicatedJob !== undefined) return 'replicated-job';
  return mode.GlobalJob === undefined ? 'global' : 'global-job';
}

function wantedOf({ Spec: { Mode: mode }, ServiceStatus: status }: ServiceFacts): number {
  if (mode.Replicated !== undefined) return mode.Replicated.Replicas ?? 1;
  if (mode.ReplicatedJob !== undefined) return mode.ReplicatedJob.TotalCompletions ?? 1;
  return status?.DesiredTasks ?? 1;
}

function seenTask(task: TaskFacts, { Spec: spec, JobStatus: job }: ServiceFacts): SeenTask {
  const { Status: status } = task;
  const ofThisRun = task.JobIteration?.Index === job?.JobIteration.Index;
  return {
    ...{ id: task.ID, state: status.State, desired: task.DesiredState, createdAt: task.CreatedAt },
    slot: slotOf(task),
    current: isCurrent(task.Spec, spec.TaskTemplate) && ofThisRun,
    ...endOf(status),
  };
}

/** Tasks of global services have no slot of their own: there is one per node. */
export const slotOf = ({ Slot: slot = 0, NodeID: node = '' }: TaskFacts): string =>
  slot === 0 ? node : String(slot);

function endOf({ Err: error = '', ContainerStatus: container }: TaskFacts['Status']) {
  const exitCode = container?.ExitCode;
  return {
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(error === '' ? {} : { error }),
  };
}
