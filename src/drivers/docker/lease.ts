// What an engine has once only and several runs may want: ports of the host, and names that a stack
// does not put its own in front of. Each is a kernel lock, so that a run that dies gives it back.

import { createServer } from 'node:net';

import type { Resource } from '../../ports/app-driver.ts';
import type { Lock } from '../../ports/locks.ts';
import type { Stack } from '../../ports/stack.ts';
import { WorldError } from '../../ports/world-error.ts';
import type { Instance } from './instance.ts';
import { namesOf } from './names.ts';
import { sha256, undoOf } from './shape.ts';

export const portKey = (service: string, target: number, protocol = 'tcp'): string =>
  `${service}/${String(target)}/${protocol}`;

type Wanted = { readonly lock: string; readonly resource: Resource; readonly what: string };

/**
 * Once per port and name for the life of the instance. Those that the stack names are taken in the order of their
 * locks, so that two runs never wait for each other. Throws `resource-busy` when another run keeps one too long.
 */
export async function lease(instance: Instance, stack: Stack, signal: AbortSignal): Promise<void> {
  const { state, context } = instance;
  const named = [...namedPorts(instance, stack), ...sharedNames(instance, stack)]
    .filter(({ lock }) => !state.leased.has(lock))
    .sort((a, b) => (a.lock < b.lock ? -1 : 1));
  const open = openPorts(stack).filter(({ key }) => state.ports[key] === undefined);
  const made: Resource[] = [];
  for (const wanted of named) {
    keep(instance, wanted.lock, await take(instance, wanted, signal));
    made.push(wanted.resource);
  }
  for (const { key, protocol } of open) {
    const { port, lock } = await takeAny(instance, protocol);
    keep(instance, lockOf(protocol, port), lock);
    state.ports = { ...state.ports, [key]: port };
    made.push(portResource(instance, protocol, port));
  }
  if (made.length > 0) await context.resources.intended(made);
}

function keep({ state }: Instance, name: string, lock: Lock): void {
  state.locks = [...state.locks, lock];
  state.leased.add(name);
}

const lockOf = (protocol: string, port: number): string => `port-${protocol}-${String(port)}`;

const portResource = ({ context }: Instance, protocol: string, port: number): Resource => ({
  kind: 'port',
  name: `${protocol}-${String(port)}`,
  undo: { ...undoOf(context), port },
});

const portsOf = (stack: Stack) =>
  Object.entries(stack.services).flatMap(([service, { ports = [] }]) =>
    ports.map(({ target, published, protocol = 'tcp' }) => ({
      ...{ key: portKey(service, target, protocol), published, protocol },
    })),
  );

const openPorts = (stack: Stack) =>
  portsOf(stack).filter(({ published }) => published === undefined);

function namedPorts(instance: Instance, stack: Stack): readonly Wanted[] {
  const found = portsOf(stack).flatMap(({ key, published, protocol }) =>
    published === undefined ? [] : [{ key, published, protocol }],
  );
  for (const { key, published } of found)
    instance.state.ports = { ...instance.state.ports, [key]: published };
  const unique = new Map(found.map((port) => [lockOf(port.protocol, port.published), port]));
  return [...unique].map(([lock, { published, protocol }]) => ({
    lock,
    resource: portResource(instance, protocol, published),
    what: `port ${String(published)}/${protocol}`,
  }));
}

/** A recipe may give its volume or network a name that knows nothing of the instance. */
function sharedNames({ context }: Instance, stack: Stack): readonly Wanted[] {
  return namesOf(stack)
    .filter(({ name }) => !name.startsWith(`${stack.name}_`))
    .map(({ kind, name }) => ({
      // The name itself may hold what a lock's name may not.
      lock: `name-${kind}-${sha256(name).slice(0, 16)}`,
      resource: { kind: 'lease', name: `${kind} ${name}`, undo: undoOf(context) },
      what: `the name ${name} of a ${kind}`,
    }));
}

/** Waits at most as long as the run may, and never beyond the time that a deployment has. */
async function take(
  { options, context, settings }: Instance,
  { lock: name, what }: Wanted,
  signal: AbortSignal,
): Promise<Lock> {
  const free = await options.locks.tryAcquire(name);
  if (free !== undefined) return free;
  const waitMs = Math.min(context.waitMs ?? 0, settings.timeouts.deploy * 1000);
  await context.note(
    'resource-wait',
    `another run has ${what}; waiting at most ${String(waitMs / 1000)} s`,
  );
  if (waitMs > 0)
    try {
      return await options.locks.acquire(name, { waitMs, signal });
    } catch (cause) {
      if (!(cause instanceof WorldError) || cause.code !== 'resource-busy') throw cause;
    }
  throw new WorldError('resource-busy', `${what} is leased to another run`);
}

const [firstPort, lastPort] = [20_000, 29_999];
const attempts = 200;

async function takeAny({ options }: Instance, protocol: string) {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const random = Number.parseInt(options.ids.nonce(4), 16);
    const port = firstPort + (random % (lastPort - firstPort + 1));
    const lock = await options.locks.tryAcquire(lockOf(protocol, port));
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
