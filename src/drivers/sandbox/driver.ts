// Removes what a run of a pack's scenario left: processes with its mark, and of the engine whatever has the run's
// suffix in its name, and engines of the run's own. The product itself deploys; this driver deploys nothing.

import { setTimeout as sleep } from 'node:timers/promises';
import type { AppDriver, Leftover, RemovedResource, Resource } from '../../ports/app-driver.ts';
import type { Json } from '../../ports/json.ts';
import { WorldError } from '../../ports/world-error.ts';
import { makeEngine, query, type Engine } from '../docker/engine.ts';
import { engineProcesses, removeEngine } from '../fixtures/engines.ts';
import { findMarked, killTree } from '../process/kill-tree.ts';
import { sendSignal } from '../process/launched.ts';
import { describeProcess } from '../process/proc.ts';

/** What a run intends before its first effect; see `runResources`. */
type Kind = 'process' | 'container' | 'image' | 'volume' | 'network';

export function makeSandboxDriver({ host }: { readonly host: string }): AppDriver {
  const refuse = (): Promise<never> =>
    Promise.reject(new WorldError('unavailable', 'products of packs deploy themselves'));
  return {
    ...{ kind: 'sandbox', version: '1', fake: false },
    capabilities: refuse,
    open: refuse,
    remove: async (resources, { graceMs }) => {
      const removed: RemovedResource[] = [];
      // Processes first: a gateway makes containers anew.
      for (const resource of inOrder(resources))
        removed.push(await removeOne(host, resource, graceMs));
      return removed;
    },
    find: async (_run, resources) => {
      const left: Leftover[] = [];
      for (const resource of inOrder(resources)) left.push(...(await findLeft(host, resource)));
      return left;
    },
  };
}

/** A private engine first, which then ends its own containers. */
const order: readonly string[] = ['engine', 'process', 'container', 'image', 'network', 'volume'];

const inOrder = (resources: readonly Resource[]): readonly Resource[] =>
  resources.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));

const pollMs = 50;

async function removeOne(
  host: string,
  resource: Resource,
  graceMs: number,
): Promise<RemovedResource> {
  const { kind, name } = resource;
  try {
    if (kind === 'process') return await endProcesses(resource, graceMs);
    if (kind === 'engine') return await endEngine(resource);
    const engine = makeEngine(host);
    for (const each of await listed(engine, resource))
      await destroy(engine, kind as Exclude<Kind, 'process'>, each.id);
    return { kind, name, outcome: 'removed' };
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return { kind, name, outcome: 'failed', message: error.message };
  }
}

async function endEngine({ kind, name, undo }: Resource): Promise<RemovedResource> {
  const left = await removeEngine(homeOf(undo));
  return left.length === 0
    ? { kind, name, outcome: 'removed' }
    : { kind, name, outcome: 'failed', message: `still there: ${left.join(', ').slice(0, 500)}` };
}

function homeOf(undo: Resource['undo']) {
  const home = {
    ...{ folder: textOf(undo['folder']), runtime: textOf(undo['runtime']) },
    run: textOf(undo['run']),
  };
  // What names too little would find the engines of others.
  if (Object.values(home).some((each) => each.length < 8))
    throw new WorldError('refused', 'an engine of no run');
  return home;
}

async function endProcesses(
  { kind, name, undo }: Resource,
  graceMs: number,
): Promise<RemovedResource> {
  const marks = marksOf(undo);
  const deadline = performance.now() + graceMs;
  for (const { pid } of findMarked(marks)) sendSignal(pid, 'SIGTERM');
  while (findMarked(marks).length > 0 && performance.now() < deadline) await sleep(pollMs);
  const { killed, left } = await killTree(marks);
  if (left.length > 0)
    return { kind, name, outcome: 'failed', message: `still there: ${told(left)}` };
  return killed.length === 0
    ? { kind, name, outcome: 'removed' }
    : { kind, name, outcome: 'forced', message: told(killed) };
}

const told = (processes: readonly { readonly command: string }[]): string =>
  processes
    .map(({ command }) => command)
    .join(', ')
    .slice(0, 500);

const marksOf = (undo: Resource['undo']) => ({ marker: textOf(undo['marker']) });
const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

function findEngine({ kind, undo }: Resource): readonly Leftover[] {
  return engineProcesses(homeOf(undo)).map(({ pid }) => ({
    ...{ kind, name: String(pid), details: describeProcess(pid) },
  }));
}

type Listed = { readonly id: string; readonly name: string };

const paths: Readonly<Record<Exclude<Kind, 'process'>, string>> = {
  container: `/containers/json${query({ all: true })}`,
  image: '/images/json',
  volume: '/volumes',
  network: '/networks',
};

/** By the suffix in the name: the product gives names, and puts it into each. */
async function listed(engine: Engine, { kind, undo }: Resource): Promise<readonly Listed[]> {
  const suffix = textOf(undo['suffix']);
  if (suffix.length < 8) throw new WorldError('refused', 'a suffix of no run');
  const { value } = await engine.call({ path: paths[kind as Exclude<Kind, 'process'>] });
  const all = Array.isArray(value) ? value : ((value as { Volumes?: Json } | null)?.Volumes ?? []);
  return (all as readonly Named[]).flatMap(namesOf).filter(({ name }) => name.includes(suffix));
}

type Named = {
  readonly Id?: string;
  readonly Name?: string;
  readonly Names?: readonly string[];
  readonly RepoTags?: readonly string[] | null;
};

/** An image is known by each of its tags, and goes with the last of them. */
function namesOf({ Id = '', Name, Names = [], RepoTags }: Named): readonly Listed[] {
  if (RepoTags !== undefined) return (RepoTags ?? []).map((tag) => ({ id: tag, name: tag }));
  return [{ id: Id === '' ? (Name ?? '') : Id, name: Name ?? Names.join(' ') }];
}

async function destroy(engine: Engine, kind: Exclude<Kind, 'process'>, id: string): Promise<void> {
  await engine.call({ method: 'DELETE', path: placeOf(kind, id), allow: [404, 409] });
}

function placeOf(kind: Exclude<Kind, 'process'>, id: string): string {
  if (kind === 'container') return `/containers/${id}${query({ v: true, force: true })}`;
  // Layers without a name stay with the engine: another run may be building on them at this moment.
  if (kind === 'image') return `/images/${encodeURI(id)}${query({ noprune: true })}`;
  return `/${kind}s/${encodeURIComponent(id)}`;
}

async function findLeft(host: string, resource: Resource): Promise<readonly Leftover[]> {
  const { kind, undo } = resource;
  if (kind === 'engine') return findEngine(resource);
  if (kind === 'process')
    return findMarked(marksOf(undo)).map(({ pid }) => ({
      ...{ kind, name: String(pid), details: describeProcess(pid) },
    }));
  return (await listed(makeEngine(host), resource)).map(({ id, name }) => ({
    ...{ kind, name, details: id.slice(0, 12) },
  }));
}
