// install, upgrade and rebuild: everything that will be made is recorded before the first call.

import type { Resource } from '../../ports/app-driver.ts';
import type { PreparedRelease } from '../../ports/release.ts';
import type { Stack } from '../../ports/stack.ts';
import { WorldError } from '../../ports/world-error.ts';
import { recordAnonymous } from './anonymous.ts';
import { listContainers } from './containers.ts';
import { durationMs } from './duration.ts';
import type { NetworkFacts, SwarmFile } from './facts.ts';
import { pullImages } from './images.ts';
import type { Instance, Stage } from './instance.ts';
import { labels, namesOf } from './names.ts';
import type { Orchestrator } from './orchestrator.ts';
import { lease } from './lease.ts';
import { placeStack, readStack } from './place-stack.ts';
import { isSwarm } from './remove.ts';
import { canonical, undoOf } from './shape.ts';
import { findVolume } from './volumes.ts';

type Step = {
  readonly release: PreparedRelease;
  readonly stage?: Stage;
  readonly signal: AbortSignal;
};

export async function install(
  instance: Instance,
  orchestrator: Orchestrator,
  { release, stage = 'base', signal }: Step,
): Promise<void> {
  const { context } = instance;
  const stack = await readStack(instance, release, stage);
  await lease(instance, stack, signal);
  await assertFresh(instance, stack);
  await pullImages(instance, stack, signal);
  await intend(instance, stack, [
    {
      kind: 'deployment',
      name: context.instance,
      undo: {
        ...{ ...undoOf(context), stack: stack.name, graceMs: longestStopMs(stack) },
        ...(orchestrator.byStackName === undefined ? {} : { byStackName: true }),
      },
    },
  ]);
  const placed = placeStack(instance, stack);
  instance.state.deployed = { stack: placed, stage, release };
  await orchestrator.deploy(instance, placed, { signal });
  await context.resources.created('deployment', context.instance, { stack: stack.name });
}

/** That a service of the stack asks for; 0 where none does. */
export const longestStopMs = ({ services }: Stack): number =>
  Math.max(0, ...Object.values(services).map((each) => durationMs(each.stop_grace_period) ?? 0));

/** In place: services, volumes, secrets and ports that both releases have stay the same ones. */
export async function upgrade(
  instance: Instance,
  orchestrator: Orchestrator,
  { release, signal }: Step,
): Promise<void> {
  const stack = await readStack(instance, release, 'head');
  const before = instance.state.deployed?.stack;
  if (before !== undefined && before.name !== stack.name)
    throw new WorldError('refused', `the stack would change its name to ${stack.name}`);
  await pullImages(instance, stack, signal);
  await recordAnonymous(instance, orchestrator);
  await intend(instance, stack, []);
  await lease(instance, stack, signal);
  const placed = placeStack(instance, stack);
  if (before !== undefined && canonical(before) === canonical(placed)) {
    instance.state.deployed = { stack: placed, stage: 'head', release };
    return;
  }
  instance.state.deployed = { stack: placed, stage: 'head', release };
  await orchestrator.deploy(instance, placed, { signal });
}

/** New containers and networks; volumes, secrets and configs are kept. */
export async function rebuild(
  instance: Instance,
  orchestrator: Orchestrator,
  { release, signal }: Step,
): Promise<void> {
  await recordAnonymous(instance, orchestrator);
  await orchestrator.takeDown(instance, signal);
  const placed = placeStack(instance, await readStack(instance, release, 'head'));
  instance.state.deployed = { stack: placed, stage: 'head', release };
  await orchestrator.deploy(instance, placed, { signal });
}

/** One durable record for all that one call will make: a deployment that was refused half-way has made some of it. */
async function intend(
  { context, state }: Instance,
  stack: Stack,
  first: readonly Resource[],
): Promise<void> {
  const known = new Set(
    state.deployed === undefined
      ? []
      : namesOf(state.deployed.stack).map(({ kind, name }) => `${kind} ${name}`),
  );
  const undo = undoOf(context);
  const rest = namesOf(stack)
    .filter(({ kind, name }) => !known.has(`${kind} ${name}`))
    .map(({ kind, name }) => ({ kind, name, undo }));
  if (first.length + rest.length > 0) await context.resources.intended([...first, ...rest]);
}

async function noteSwarm(
  { engine }: Instance,
  note: (kind: string, name: string) => void,
): Promise<void> {
  if (!(await isSwarm(engine))) return;
  for (const kind of ['service', 'config', 'secret']) {
    const { value } = await engine.call({ path: `/${kind}s` });
    for (const { Spec } of value as unknown as readonly SwarmFile[]) note(kind, Spec.Name);
  }
}

/** Throws `resource-busy` when a name is taken: it would not be ours to remove. */
async function assertFresh(instance: Instance, stack: Stack): Promise<void> {
  const { engine } = instance;
  const names = new Map(namesOf(stack).map(({ kind, name }) => [`${kind} ${name}`, name]));
  const taken: string[] = [];
  const note = (kind: string, name: string): void => {
    if (names.has(`${kind} ${name}`)) taken.push(`${kind} ${name}`);
  };
  const networks = await engine.call({ path: '/networks' });
  for (const { Name: name } of networks.value as unknown as readonly NetworkFacts[])
    note('network', name);
  for (const { kind, name } of namesOf(stack).filter((each) => each.kind === 'volume'))
    if ((await findVolume(instance, name)) !== undefined) note(kind, name);
  await noteSwarm(instance, note);
  for (const label of ['com.docker.compose.project', 'com.docker.stack.namespace'])
    if ((await listContainers(engine, [`${label}=${stack.name}`])).length > 0)
      taken.push(`stack ${stack.name}`);
  if (taken.length > 0)
    throw new WorldError(
      'resource-busy',
      `already in the engine: ${taken.slice(0, 5).join(', ')}`,
      {
        hint: `If a dead run left it: seatrial recover. Labels ${labels.run} tell whose it is.`,
      },
    );
}
