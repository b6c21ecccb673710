// From the stack that a release describes to the one that is deployed here: free ports leased, and
// what this engine cannot do rewritten, in base and head alike.

import { createServer } from 'node:net';

import type { PreparedRelease } from '../../ports/release.ts';
import type { Stack, StackNetwork, StackService } from '../../ports/stack.ts';
import { WorldError } from '../../ports/world-error.ts';
import type { Instance, Stage } from './instance.ts';
import { assertNames } from './names.ts';

export const portKey = (service: string, target: number, protocol = 'tcp'): string =>
  `${service}/${String(target)}/${protocol}`;

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
  const stack = await withNetworks(instance, await options.stacks.stackOf(release, request));
  if (Object.keys(stack.services).length === 0)
    throw new WorldError('refused', `${release.release.ref} has no services`);
  assertNames(stack);
  return stack;
}

/** The network that recipes share with their proxy. */
const proxyNetwork = 'proxy';

/**
 * Networks of others must be there. Without a proxy on this engine its network has nobody else on it: a
 * network of the stack's own serves as well, and goes with it.
 */
async function withNetworks(instance: Instance, stack: Stack): Promise<Stack> {
  if (stack.networks === undefined) return stack;
  const networks: Record<string, StackNetwork> = {};
  for (const [key, network] of Object.entries(stack.networks)) {
    const name = network.name ?? key;
    const own = network.external === true && (await isMissing(instance, name));
    networks[key] = own ? {} : network;
  }
  return { ...stack, networks };
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
  await context.note('proxy-missing', 'no proxy here: its network is one of the stack alone');
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

const [firstPort, lastPort] = [20_000, 29_999];
const attempts = 200;

/** Leases what the stack leaves open and what it names, once per port for the life of the instance. */
export async function leasePorts(instance: Instance, stack: Stack): Promise<void> {
  const { state, options, context } = instance;
  const asked = Object.entries(stack.services).flatMap(([service, { ports = [] }]) =>
    ports.map((port) => ({ ...port, key: portKey(service, port.target, port.protocol) })),
  );
  const fresh = asked.filter(({ key }) => state.ports[key] === undefined);
  for (const { key, published } of fresh) {
    const { port, lock } =
      published === undefined
        ? await leaseAny(instance)
        : { port: published, lock: await options.locks.tryAcquire(lockName(published)) };
    if (lock === undefined)
      throw new WorldError('resource-busy', `port ${String(port)} is leased to another run`);
    state.locks = [...state.locks, lock];
    state.ports = { ...state.ports, [key]: port };
  }
  if (fresh.length === 0) return;
  const leases = fresh.map(({ key }) => ({
    kind: 'port' as const,
    name: `tcp-${String(state.ports[key])}`,
    undo: { run: context.run, port: state.ports[key] ?? 0 },
  }));
  await context.resources.intended(leases);
}

const lockName = (port: number): string => `port-tcp-${String(port)}`;

async function leaseAny({ options }: Instance) {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const random = Number.parseInt(options.ids.nonce(4), 16);
    const port = firstPort + (random % (lastPort - firstPort + 1));
    const lock = await options.locks.tryAcquire(lockName(port));
    if (lock === undefined) continue;
    if (await isFree(port)) return { port, lock };
    await lock.release();
  }
  throw new WorldError('resource-busy', 'no free port was found');
}

/** On this host; an engine in a namespace of its own has its ports to itself, and the locks keep those apart. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '0.0.0.0', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
