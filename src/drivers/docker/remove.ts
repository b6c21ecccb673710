// Removing what a run made, by its label alone: names never decide, so that nothing of anybody else
// is touched. Each step waits until the engine shows nothing more of its kind.

import type { Leftover, RemovedResource, Resource } from '../../ports/app-driver.ts';
import type { Clock } from '../../ports/clock.ts';
import { WorldError } from '../../ports/world-error.ts';
import { listContainers, removeContainer, stopContainers, stopSoon } from './containers.ts';
import { type Engine, query } from './engine.ts';
import type { NetworkFacts, SwarmFile, TaskFacts, VolumeFacts } from './facts.ts';
import { waitUntil } from './instance.ts';
import { labels } from './names.ts';
import { findStrays, removeStrays, type Stray } from './strays.ts';

type Limits = { readonly clock: Clock; readonly timeoutMs: number };

/** After a service is gone its tasks get this long beyond their own grace before containers go by force. */
const taskExtraMs = 10_000;
const goneMs = 30_000;

type RunParts = {
  readonly clock: Clock;
  /** What is to go; the whole run where it is absent. */
  readonly instance?: string;
  readonly graceMs: number;
  /** Recorded because they carry no label. */
  readonly anonymous: readonly string[];
  /** What was deployed under these names belongs to the run, marked or not. */
  readonly stacks: readonly string[];
  /** Those of them that nobody could mark: their parts go as marked ones do. */
  readonly unmarked: readonly string[];
  /** Secrets of these stacks, which carry no label at all. */
  readonly secrets: readonly string[];
};

type Removed = {
  /** What had to be forced. */
  readonly forced: readonly string[];
  /** What is still there: each step is tried, whatever became of the one before. */
  readonly failures: readonly string[];
  readonly strays: readonly Stray[];
};

async function removeRun(engine: Engine, run: string, parts: RunParts): Promise<Removed> {
  const { clock, graceMs, anonymous, stacks, unmarked, instance } = parts;
  const marks = marksFor(run, unmarked, instance);
  const failures: string[] = [];
  const attempt = async (work: Promise<unknown>): Promise<void> => {
    await work.catch((error: unknown) => {
      if (!(error instanceof WorldError)) throw error;
      failures.push(error.message);
    });
  };
  const swarm = await isSwarm(engine);
  const strays = await findStrays(engine, stacks, { swarm, unmarked });
  const ended = !swarm || (await endServices(engine, marks, { clock, timeoutMs: graceMs }));
  await attempt(removeStrays(engine, strays, ['service', 'container']));
  const limits = { clock, timeoutMs: goneMs };
  for (const mark of marks) {
    await attempt(removeContainers(engine, mark, { clock, graceMs }));
    await attempt(removeNetworks(engine, mark, limits));
    if (swarm)
      for (const kind of ['configs', 'secrets'] as const)
        await attempt(removeFiles(engine, kind, mark));
    await attempt(removeVolumes(engine, mark, { ...limits, anonymous }));
  }
  for (const name of parts.secrets) await attempt(removeSecret(engine, name));
  await attempt(removeStrays(engine, strays, ['network', 'config', 'secret', 'volume']));
  return { forced: ended ? [] : ['tasks did not end in time'], failures, strays };
}

type Mark = readonly string[];

/** The engine asks for all labels of a filter at once. */
const marksFor = (run: string, unmarked: readonly string[], instance?: string): readonly Mark[] => [
  [`${labels.run}=${run}`, ...(instance === undefined ? [] : [`${labels.instance}=${instance}`])],
  ...unmarked.map((stack): Mark => [`com.docker.stack.namespace=${stack}`]),
];

const removeSecret = (engine: Engine, name: string): Promise<unknown> =>
  engine.call({ method: 'DELETE', path: `/secrets/${encodeURIComponent(name)}`, allow: [404] });

/** Whether all their tasks ended by themselves. */
async function endServices(
  engine: Engine,
  marks: readonly Mark[],
  limits: Limits,
): Promise<boolean> {
  for (const mark of marks) await removeServices(engine, mark);
  const stopped = marks.map((mark) => stopSoon(engine, mark, limits.timeoutMs));
  const ended = await tasksEnded(engine, marks, {
    ...limits,
    timeoutMs: limits.timeoutMs + taskExtraMs,
  }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof WorldError && error.code === 'timeout') return false;
      throw error;
    },
  );
  await Promise.all(stopped);
  return ended;
}

export async function isSwarm(engine: Engine): Promise<boolean> {
  const { value } = await engine.call({ path: '/info' });
  const { Swarm: swarm } = value as {
    Swarm?: { LocalNodeState?: string; ControlAvailable?: boolean };
  };
  return swarm?.LocalNodeState === 'active' && swarm.ControlAvailable === true;
}

async function removeServices(engine: Engine, label: readonly string[]): Promise<void> {
  const { value } = await engine.call({ path: `/services${query({ filters: { label } })}` });
  await Promise.all(
    (value as unknown as readonly { readonly ID: string }[]).map(({ ID: id }) =>
      engine.call({ method: 'DELETE', path: `/services/${id}`, allow: [404] }),
    ),
  );
}

const endedStates = new Set(['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned']);

async function tasksEnded(engine: Engine, marks: readonly Mark[], limits: Limits): Promise<void> {
  const left = async (): Promise<readonly TaskFacts[]> =>
    (await Promise.all(marks.map((mark) => tasksOf(engine, mark)))).flat();
  await waitUntil(
    { clock: limits.clock },
    { timeoutMs: limits.timeoutMs, what: 'the end of tasks' },
    async () => (await left()).every(({ Status: { State: state } }) => endedStates.has(state)),
  );
}

async function tasksOf(engine: Engine, label: readonly string[]): Promise<readonly TaskFacts[]> {
  const { value } = await engine.call({ path: `/tasks${query({ filters: { label } })}` });
  return value as unknown as readonly TaskFacts[];
}

/** Stopped politely where they still run, all at once; removed until none is listed. */
async function removeContainers(
  engine: Engine,
  label: readonly string[],
  { clock, graceMs }: { readonly clock: Clock; readonly graceMs: number },
): Promise<void> {
  await stopContainers(engine, label, graceMs);
  const timeoutMs = goneMs;
  await waitUntil({ clock }, { timeoutMs, what: 'the removal of containers' }, async () => {
    const left = await listContainers(engine, label);
    await Promise.all(left.map(({ Id: id }) => removeContainer(engine, id)));
    return left.length === 0;
  });
}

export async function removeNetworks(
  engine: Engine,
  label: readonly string[],
  { clock, timeoutMs }: Limits,
): Promise<void> {
  await waitUntil({ clock }, { timeoutMs, what: 'the removal of networks' }, async () => {
    const { value } = await engine.call({ path: `/networks${query({ filters: { label } })}` });
    const left = value as unknown as readonly NetworkFacts[];
    // 403: endpoints are still being taken off it.
    const allow = [403, 404, 409, 500];
    await Promise.all(
      left.map(({ Id: id }) => engine.call({ method: 'DELETE', path: `/networks/${id}`, allow })),
    );
    return left.length === 0;
  });
}

async function removeFiles(
  engine: Engine,
  kind: 'configs' | 'secrets',
  label: readonly string[],
): Promise<void> {
  const { value } = await engine.call({ path: `/${kind}${query({ filters: { label } })}` });
  await Promise.all(
    (value as unknown as readonly SwarmFile[]).map(({ ID: id }) =>
      engine.call({ method: 'DELETE', path: `/${kind}/${id}`, allow: [404] }),
    ),
  );
}

/** A dead task's container may still hold a volume for some seconds: 409 until then. */
async function removeVolumes(
  engine: Engine,
  label: readonly string[],
  { clock, timeoutMs, anonymous }: Limits & { readonly anonymous: readonly string[] },
): Promise<void> {
  await waitUntil({ clock }, { timeoutMs, what: 'the removal of volumes' }, async () => {
    const left = [...(await volumesOf(engine, label)), ...(await present(engine, anonymous))];
    const pathOf = (name: string): string => `/volumes/${encodeURIComponent(name)}`;
    await Promise.all(
      left.map((name) => engine.call({ method: 'DELETE', path: pathOf(name), allow: [404, 409] })),
    );
    return left.length === 0;
  });
}

async function volumesOf(engine: Engine, label: readonly string[]): Promise<readonly string[]> {
  const { value } = await engine.call({ path: `/volumes${query({ filters: { label } })}` });
  const { Volumes: volumes } = value as unknown as { Volumes: readonly VolumeFacts[] | null };
  return (volumes ?? []).map(({ Name: name }) => name);
}

async function present(engine: Engine, names: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of names) {
    const path = `/volumes/${encodeURIComponent(name)}`;
    if ((await engine.call({ path, allow: [404] })).status !== 404) found.push(name);
  }
  return found;
}

/** Everything in the engine that carries the run's label, or that was recorded and is still there. */
export async function findRun(
  engine: Engine,
  run: string,
  resources: readonly Resource[],
): Promise<readonly Leftover[]> {
  const unmarked = unmarkedOf(resources);
  const found: Leftover[] = [];
  for (const mark of marksFor(run, unmarked)) found.push(...(await findMarked(engine, mark)));
  const recorded = resources.filter(({ kind }) => kind === 'volume').map(({ name }) => name);
  const known = new Set(found.filter(({ kind }) => kind === 'volume').map(({ name }) => name));
  for (const name of (await present(engine, recorded)).filter((each) => !known.has(each)))
    found.push({ kind: 'volume', name, details: 'in the engine' });
  const swarm = await isSwarm(engine);
  for (const name of swarm ? secretsOf(resources) : []) {
    const path = `/secrets/${encodeURIComponent(name)}`;
    if ((await engine.call({ path, allow: [404] })).status !== 404)
      found.push({ kind: 'secret', name, details: 'in the engine' });
  }
  for (const { kind, name, id } of await findStrays(engine, stacksOf(resources), {
    ...{ swarm, unmarked },
  }))
    found.push({ kind, name, details: `${id}, without the mark of the run` });
  return found;
}

async function findMarked(engine: Engine, label: Mark): Promise<readonly Leftover[]> {
  const found: Leftover[] = (await listContainers(engine, label)).map(
    ({ Id: id, Names: [name], Status: status }) => ({
      ...{ kind: 'container', name: name?.replace(/^\//, '') ?? id, details: status },
    }),
  );
  const networks = await engine.call({ path: `/networks${query({ filters: { label } })}` });
  for (const { Name: name, Id: id } of networks.value as unknown as readonly NetworkFacts[])
    found.push({ kind: 'network', name, details: id });
  for (const name of await volumesOf(engine, label))
    found.push({ kind: 'volume', name, details: 'in the engine' });
  return (await isSwarm(engine)) ? [...found, ...(await findInSwarm(engine, label))] : found;
}

/** As the intent of a deployment tells them. */
const stacksOf = (resources: readonly Resource[]): readonly string[] => [
  ...new Set(resources.flatMap(({ undo: { stack } }) => (typeof stack === 'string' ? stack : []))),
];

const unmarkedOf = (resources: readonly Resource[]): readonly string[] =>
  stacksOf(resources.filter(({ undo: { byStackName } }) => byStackName === true));

/** Nothing but their record tells whose they are, so it counts only where a stack has no marks. */
const secretsOf = (resources: readonly Resource[]): readonly string[] =>
  unmarkedOf(resources).length === 0
    ? []
    : resources.filter(({ kind }) => kind === 'secret').map(({ name }) => name);

/** The longest that a service of the run may take to stop; the caller's where none said so. */
const graceOf = (resources: readonly Resource[], graceMs: number): number =>
  Math.max(
    graceMs,
    ...resources.map(({ undo: { graceMs: own } }) => (typeof own === 'number' ? own : 0)),
  );

async function findInSwarm(engine: Engine, label: readonly string[]): Promise<readonly Leftover[]> {
  const found: Leftover[] = [];
  const filter = query({ filters: { label } });
  const services = await engine.call({ path: `/services${filter}` });
  for (const { ID: id, Spec } of services.value as unknown as readonly SwarmFile[])
    found.push({ kind: 'service', name: Spec.Name, details: id });
  for (const kind of ['config', 'secret'] as const) {
    const { value } = await engine.call({ path: `/${kind}s${filter}` });
    for (const { ID: id, Spec } of value as unknown as readonly SwarmFile[])
      found.push({ kind, name: Spec.Name, details: id });
  }
  return found;
}

/**
 * One outcome for every resource: the removal is by label, so all share its fate. Of several deployments of a run the
 * one whose resources come first goes first, and the next begins when it is gone.
 */
export async function removeResources(
  engine: Engine,
  resources: readonly Resource[],
  options: Options,
): Promise<readonly RemovedResource[]> {
  const ends = new Map<string, Removed>();
  for (const [run, own] of byRun(resources))
    ends.set(run, await removeInstances(engine, run, { own, options }));
  const strays = [...ends.values()].flatMap((end) => end.strays.map((stray) => told(stray, end)));
  return [...resources.map((resource) => outcomeOf(resource, ends)), ...strays];
}

async function removeInstances(
  engine: Engine,
  run: string,
  { own, options }: { readonly own: readonly Resource[]; readonly options: Options },
): Promise<Removed> {
  const instances = instancesOf(own);
  const ends: Removed[] = [];
  for (const instance of instances.length > 1 ? instances : []) {
    const parts = { ...partsOf(ofInstance(own, instance), options), instance };
    ends.push(await removeRun(engine, run, parts).catch(allFailed));
  }
  const whole = await removeRun(engine, run, partsOf(own, options)).catch(allFailed);
  const all = [...ends, whole];
  return {
    forced: [...new Set(all.flatMap(({ forced }) => forced))],
    // What did not go with its instance was tried once more.
    failures: whole.failures,
    strays: all.flatMap(({ strays }) => strays),
  };
}

type Options = { readonly clock: Clock; readonly graceMs: number };

/** In the order of what is to go. */
const instancesOf = (resources: readonly Resource[]): readonly string[] => [
  ...new Set(
    resources.flatMap(({ undo: { instance } }) => (typeof instance === 'string' ? instance : [])),
  ),
];

const ofInstance = (resources: readonly Resource[], instance: string): readonly Resource[] =>
  resources.filter(({ undo }) => undo['instance'] === instance);

const partsOf = (own: readonly Resource[], { clock, graceMs }: Options): RunParts => ({
  clock,
  graceMs: graceOf(own, graceMs),
  anonymous: own
    .filter(({ kind, undo }) => kind === 'volume' && undo['anonymous'] === true)
    .map(({ name }) => name),
  ...{ stacks: stacksOf(own), unmarked: unmarkedOf(own), secrets: secretsOf(own) },
});

function allFailed(error: unknown): Removed {
  if (!(error instanceof WorldError)) throw error;
  return { forced: [], failures: [error.message], strays: [] };
}

function byRun(resources: readonly Resource[]): ReadonlyMap<string, readonly Resource[]> {
  const runs = new Map<string, Resource[]>();
  for (const resource of resources) {
    const { run } = resource.undo;
    if (typeof run === 'string') runs.set(run, [...(runs.get(run) ?? []), resource]);
  }
  return runs;
}

function outcomeOf(
  { kind, name, undo: { run } }: Resource,
  ends: ReadonlyMap<string, Removed>,
): RemovedResource {
  const end = typeof run === 'string' ? ends.get(run) : undefined;
  if (end === undefined)
    return { kind, name, outcome: 'failed', message: 'the record does not say how to undo it' };
  if (end.failures.length > 0)
    return { kind, name, outcome: 'failed', message: end.failures.join('; ') };
  return end.forced.length === 0
    ? { kind, name, outcome: 'removed' }
    : { kind, name, outcome: 'forced', message: end.forced.join('; ') };
}

const told = ({ kind, name }: Stray, { failures }: Removed): RemovedResource =>
  failures.length === 0
    ? { kind, name, outcome: 'forced', message: 'nothing that the run made: it had no mark' }
    : { kind, name, outcome: 'failed', message: failures.join('; ') };
