// What belongs to a stack of the run by its name, and does not carry the run's mark: made by the app
// itself or by somebody's hand. It is told as a leftover, and goes by force.

import type { Leftover } from '../../ports/app-driver.ts';
import { listContainers, removeContainer } from './containers.ts';
import { type Engine, query } from './engine.ts';
import type { Labels, NetworkFacts, SwarmFile, VolumeFacts } from './facts.ts';
import { labels } from './names.ts';

export type Stray = {
  readonly kind: Extract<
    Leftover['kind'],
    'service' | 'container' | 'network' | 'config' | 'secret' | 'volume'
  >;
  readonly name: string;
  readonly id: string;
};

const stackLabels = ['com.docker.stack.namespace', 'com.docker.compose.project'];

type Found = Stray & { readonly labels: Labels | null };

/** `stacks`: names under which the run deployed; parts of `unmarked` ones are no strays. One of another run's is never a stray. */
export async function findStrays(
  engine: Engine,
  stacks: readonly string[],
  { swarm, unmarked }: { readonly swarm: boolean; readonly unmarked: readonly string[] },
): Promise<readonly Stray[]> {
  if (stacks.length === 0) return [];
  const found = [
    ...(swarm ? await inSwarm(engine) : []),
    ...(await containersOf(engine, stacks)),
    ...(await networks(engine)),
    ...(await volumes(engine)),
  ];
  return found
    .filter((each) => isOf(each, stacks, unmarked))
    .map(({ kind, name, id }): Stray => ({ kind, name, id }));
}

function isOf(
  { kind, name, labels: own }: Found,
  stacks: readonly string[],
  unmarked: readonly string[],
): boolean {
  if (own?.[labels.run] !== undefined) return false;
  const stack = stackLabels.map((label) => own?.[label]).find((value) => value !== undefined);
  if (stack !== undefined) return stacks.includes(stack) && !unmarked.includes(stack);
  // Volumes alone go by name: an app can make one with no label at all.
  return kind === 'volume' && stacks.some((each) => name.startsWith(`${each}_`));
}

async function inSwarm(engine: Engine): Promise<readonly Found[]> {
  const all: Found[] = [];
  for (const kind of ['service', 'config', 'secret'] as const) {
    const { value } = await engine.call({ path: `/${kind}s` });
    for (const { ID: id, Spec: spec } of value as unknown as readonly SwarmFile[])
      all.push({ kind, name: spec.Name, id, labels: spec.Labels });
  }
  return all;
}

/** Of an unmarked service of the stack, and of hands: tasks of marked ones are marked themselves. */
async function containersOf(engine: Engine, stacks: readonly string[]): Promise<readonly Found[]> {
  const all: Found[] = [];
  for (const stack of stacks)
    for (const label of stackLabels)
      for (const found of await listContainers(engine, [`${label}=${stack}`]))
        all.push({
          kind: 'container',
          name: found.Names[0]?.replace(/^\//, '') ?? found.Id,
          id: found.Id,
          labels: found.Labels,
        });
  return all;
}

async function networks(engine: Engine): Promise<readonly Found[]> {
  const { value } = await engine.call({ path: '/networks' });
  return (value as unknown as readonly NetworkFacts[]).map(
    ({ Id: id, Name: name, Labels: own }): Found => ({ kind: 'network', name, id, labels: own }),
  );
}

async function volumes(engine: Engine): Promise<readonly Found[]> {
  const { value } = await engine.call({ path: '/volumes' });
  const { Volumes: all } = value as unknown as { Volumes: readonly VolumeFacts[] | null };
  return (all ?? []).map(({ Name: name, Labels: own }): Found => ({
    kind: 'volume',
    name,
    id: name,
    labels: own,
  }));
}

/** Absent is success; 409 is one in use, which the next look at what is left will tell. */
export async function removeStrays(
  engine: Engine,
  strays: readonly Stray[],
  kinds: readonly Stray['kind'][],
): Promise<void> {
  for (const { kind, id } of strays.filter((each) => kinds.includes(each.kind))) {
    if (kind === 'container') await removeContainer(engine, id);
    else
      await engine.call({
        method: 'DELETE',
        path: `/${kind}s/${encodeURIComponent(id)}${kind === 'volume' ? query({ force: true }) : ''}`,
        allow: [403, 404, 409],
      });
  }
}
