// Removing what a run made, by its label alone: names never decide, so that nothing of anybody else
// is touched. Each step waits until the engine shows nothing more of its kind.

import type { Leftover, RemovedResource, Resource } from '../../ports/app-driver.ts';
import type { Clock } from '../../ports/clock.ts';
import { WorldError } from '../../ports/world-error.ts';
import { listContainers, removeContainer } from './containers.ts';
import { type Engine, query } from './engine.ts';
import type { NetworkFacts, SwarmFile, TaskFacts, VolumeFacts } from './facts.ts';
import { waitUntil } from './instance.ts';
import { labels } from './names.ts';

type Limits = { readonly clock: Clock; readonly timeoutMs: number };

/** After a service is gone its tasks get this long beyond their own grace before containers go by force. */
const taskExtraMs = 10_000;
const goneMs = 30_000;

/** What had to be forced, by kind; throws a WorldError for what is still there at the end. */
export async function removeRun(
  engine: Engine,
  run: string,
  options: {
    readonly clock: Clock;
    readonly graceMs: number;
    /** Recorded because they carry no label. */
    readonly anonymous: readonly string[];
  },
): Promise<readonly string[]> {
  const { clock, graceMs } = options;
  const mark = [`${labels.run}=${run}`];
  const forced: string[] = [];
  if (await isSwarm(engine)) {
    await removeServices(engine, mark);
    const limits = { clock, timeoutMs: graceMs + taskExtraMs };
    const ended = await tasksEnded(engine, run, limits).then(
      () => true,
      () => false,
    );
    if (!ended) forced.push('tasks did not end in time');
  }
  await removeContainers(engine, mark, { clock, graceMs });
  const limits = { clock, timeoutMs: goneMs };
  await removeNetworks(engine, mark, limits);
  if (await isSwarm(engine))
    for (const kind of ['configs', 'secrets'] as const) await removeFiles(engine, kind, mark);
  await removeVolumes(engine, mark, { ...limits, anonymous: options.anonymous });
  return forced;
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
  for (const { ID: id } of value as unknown as readonly { readonly ID: string }[])
    await engine.call({ method: 'DELETE', path: `/services/${id}`, allow: [404] });
}

const endedStates = new Set(['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned']);

async function tasksEnded(engine: Engine, run: string, limits: Limits): Promise<void> {
  await waitUntil(
    { clock: limits.clock },
    { timeoutMs: limits.timeoutMs, what: 'the end of tasks' },
    async () =>
      (await tasksOf(engine, [`${labels.run}=${run}`])).every(({ Status: { State: state } }) =>
        endedStates.has(state),
      ),
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
  const running = (await listContainers(engine, label)).filter(({ State: is }) => is === 'running');
  const seconds = Math.ceil(graceMs / 1000);
  await Promise.all(
    running.map(({ Id: id }) =>
      engine.call({
        method: 'POST',
        path: `/containers/${id}/stop${query({ t: seconds })}`,
        timeoutMs: graceMs + goneMs,
        allow: [304, 404],
      }),
    ),
  );
  const timeoutMs = goneMs;
  await waitUntil({ clock }, { timeoutMs, what: 'the removal of containers' }, async () => {
    const left = await listContainers(engine, label);
    for (const { Id: id } of left) await removeContainer(engine, id);
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
    for (const { Id: id } of left)
      await engine.call({ method: 'DELETE', path: `/networks/${id}`, allow: [403, 404, 409, 500] });
    return left.length === 0;
  });
}

async function removeFiles(
  engine: Engine,
  kind: 'configs' | 'secrets',
  label: readonly string[],
): Promise<void> {
  const { value } = await engine.call({ path: `/${kind}${query({ filters: { label } })}` });
  for (const { ID: id } of value as unknown as readonly SwarmFile[])
    await engine.call({ method: 'DELETE', path: `/${kind}/${id}`, allow: [404] });
}

/** A dead task's container may still hold a volume for some seconds: 409 until then. */
async function removeVolumes(
  engine: Engine,
  label: readonly string[],
  { clock, timeoutMs, anonymous }: Limits & { readonly anonymous: readonly string[] },
): Promise<void> {
  await waitUntil({ clock }, { timeoutMs, what: 'the removal of volumes' }, async () => {
    const left = [...(await volumesOf(engine, label)), ...(await present(engine, anonymous))];
    for (const name of left)
      await engine.call({
        method: 'DELETE',
        path: `/volumes/${encodeURIComponent(name)}`,
        allow: [404, 409],
      });
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
  const label = [`${labels.run}=${run}`];
  const found: Leftover[] = (await listContainers(engine, label)).map(
    ({ Id: id, Names: [name], Status: status }) => ({
      ...{ kind: 'container', name: name?.replace(/^\//, '') ?? id, details: status },
    }),
  );
  const networks = await engine.call({ path: `/networks${query({ filters: { label } })}` });
  for (const { Name: name, Id: id } of networks.value as unknown as readonly NetworkFacts[])
    found.push({ kind: 'network', name, details: id });
  const recorded = resources.filter(({ kind }) => kind === 'volume').map(({ name }) => name);
  const volumes = [...(await volumesOf(engine, label)), ...(await present(engine, recorded))];
  for (const name of new Set(volumes))
    found.push({ kind: 'volume', name, details: 'in the engine' });
  return (await isSwarm(engine)) ? [...found, ...(await findInSwarm(engine, label))] : found;
}

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

/** One outcome for every resource: the removal is by label, so all share its fate. */
export async function removeResources(
  engine: Engine,
  resources: readonly Resource[],
  options: { readonly clock: Clock; readonly graceMs: number },
): Promise<readonly RemovedResource[]> {
  const runs = new Set(
    resources.flatMap(({ undo: { run } }) => (typeof run === 'string' ? [run] : [])),
  );
  const failures = new Map<string, string>();
  const forced = new Map<string, string>();
  for (const run of runs) {
    const own = resources.filter(({ undo }) => undo['run'] === run);
    const anonymous = own
      .filter(({ kind, undo }) => kind === 'volume' && undo['anonymous'] === true)
      .map(({ name }) => name);
    try {
      const said = await removeRun(engine, run, { ...options, anonymous });
      if (said.length > 0) forced.set(run, said.join('; '));
    } catch (error) {
      if (!(error instanceof WorldError)) throw error;
      failures.set(run, error.message);
    }
  }
  return resources.map(({ kind, name, undo }) => {
    const run = typeof undo['run'] === 'string' ? undo['run'] : undefined;
    if (run === undefined)
      return { kind, name, outcome: 'failed', message: 'the record does not say how to undo it' };
    const failure = failures.get(run);
    if (failure !== undefined) return { kind, name, outcome: 'failed', message: failure };
    const message = forced.get(run);
    return message === undefined
      ? { kind, name, outcome: 'removed' }
      : { kind, name, outcome: 'forced', message };
  });
}
