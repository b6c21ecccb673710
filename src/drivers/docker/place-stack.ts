// From the stack that a release describes to the one that is deployed here: free ports leased, and
// what this engine cannot do rewritten, in base and head alike.

import type { PreparedRelease } from '../../ports/release.ts';
import type { Stack, StackNetwork, StackService } from '../../ports/stack.ts';
import { WorldError } from '../../ports/world-error.ts';
import { standInFor, withDomain } from './beside.ts';
import { proxyNetwork } from './ingress.ts';
import type { Instance, Stage } from './instance.ts';
import { portKey } from './lease.ts';
import { assertNames } from './names.ts';
import { rewritePorts } from './rewrite-ports.ts';

/** The stack as written by the release, names checked; nothing is leased for it. */
export async function readStack(
  instance: Instance,
  release: PreparedRelease,
  stage: Stage,
): Promise<Stack> {
  const { context, options } = instance;
  const env = { ...context.env, ...(stage === 'head' ? context.upgradeEnv : {}) };
  const { app, instance: name, settings } = context;
  const request = { stage, app, instance: name, env, settings };
  const read = await options.stacks.stackOf(release, request);
  const stack = await withNetworks(instance, await withPorts(instance, read));
  if (Object.keys(stack.services).length === 0)
    throw new WorldError('refused', `${release.release.ref} has no services`);
  assertNames(stack);
  return stack;
}

/** Each rewritten port is told once. */
async function withPorts({ settings, state, context }: Instance, stack: Stack): Promise<Stack> {
  const { stack: placed, rewritten } = rewritePorts(stack, settings.ports ?? {});
  for (const [port, rule] of Object.entries(rewritten)) {
    if (state.rewritten.has(port)) continue;
    state.rewritten.add(port);
    const how = rule === 'drop' ? 'is not published' : 'is published under a leased number';
    await context.note('port-rewritten', `port ${port} ${how}, as the manifest says`, {
      port,
      rule,
    });
  }
  return placed;
}

/**
 * Networks of others must be there. Without a proxy on this engine its network has only the apps of
 * this run on it: one that the first of their stacks makes serves as well, and goes with it.
 */
async function withNetworks(instance: Instance, stack: Stack): Promise<Stack> {
  if (stack.networks === undefined) return stack;
  const networks: Record<string, StackNetwork> = {};
  for (const [key, network] of Object.entries(stack.networks)) {
    const name = network.name ?? key;
    const own = network.external === true && (await isMissing(instance, name));
    networks[key] = own ? standInFor(instance, stack, key) : network;
  }
  return withDomain(instance, { ...stack, networks });
}

async function isMissing({ engine, state, context }: Instance, name: string): Promise<boolean> {
  if (state.missingNetworks.has(name)) return true;
  // What base found is what head gets: nobody makes a network between the two of them.
  if (name === proxyNetwork && state.deployed !== undefined) return false;
  const path = `/networks/${encodeURIComponent(name)}`;
  if ((await engine.call({ path, allow: [404] })).status !== 404) return false;
  if (name !== proxyNetwork)
    throw new WorldError('unavailable', `network ${name} is not in the engine`, {
      hint: `The recipe shares it with others: docker network create -d overlay --attachable ${name}`,
    });
  await context.note('proxy-missing', 'no proxy here: its network is one of this run alone');
  state.missingNetworks = new Set([...state.missingNetworks, name]);
  return true;
}

/** With the ports that were leased; one that is not yet leased stays unpublished (0). */
export function placeStack({ state }: Instance, stack: Stack): Stack {
  const place = (name: string, service: StackService): StackService =>
    service.ports === undefined
      ? service
      : {
          ...service,
          ports: service.ports.map((port) => ({
            ...port,
            published:
              port.published ?? state.ports[portKey(name, port.target, port.protocol)] ?? 0,
          })),
        };
  return {
    ...stack,
    services: Object.fromEntries(
      Object.entries(stack.services).map(([name, service]) => [name, place(name, service)]),
    ),
  };
}
