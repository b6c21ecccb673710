// TCP ports for apps, without races between runs: a port belongs to whoever holds its lock.

import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

import type { Lock, Locks } from '../../ports/locks.ts';
import { WorldError } from '../../ports/world-error.ts';

type PortLease = { readonly port: number; readonly lock: Lock };

export const firstPort = 20_000;
export const lastPort = 29_999;

/** From this range the kernel gives ports to outgoing connections, so a free port may not stay so. */
function ephemeralRange(): readonly [number, number] {
  try {
    const text = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
    const [low = 0, high = 0] = text.trim().split(/\s+/).map(Number);
    return [low, high];
  } catch {
    return [32_768, 60_999];
  }
}

/** Whether nobody listens on a loopback port now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

const portCandidates = (): readonly number[] => {
  const [low, high] = ephemeralRange();
  const all = Array.from({ length: lastPort - firstPort + 1 }, (_, index) => firstPort + index);
  return all.filter((port) => port < low || port > high);
};

const triesMax = 200;

/**
 * A free port on 127.0.0.1 and the lock `port-tcp-<n>` that keeps it ours until it is released. Starts at a
 * random port, so that parallel runs seldom meet. Throws `resource-busy` when 200 in a row are taken.
 */
export async function allocatePort({
  locks,
  startAt = randomInt(lastPort - firstPort + 1),
}: {
  readonly locks: Locks;
  /** Where to begin in the range, from 0. */
  readonly startAt?: number;
}): Promise<PortLease> {
  const candidates = portCandidates();
  if (candidates.length === 0)
    throw new WorldError(
      'unavailable',
      'The kernel gives out all ports from 20000 to 29999 itself.',
      {
        hint: 'Narrow net.ipv4.ip_local_port_range.',
      },
    );
  for (let index = 0; index < Math.min(triesMax, candidates.length); index += 1) {
    const port = candidates[(startAt + index) % candidates.length] ?? firstPort;
    if (!(await isPortFree(port))) continue;
    const lock = await locks.tryAcquire(`port-tcp-${String(port)}`);
    if (lock === undefined) continue;
    // Between the first look and the lock somebody without locks may have come.
    if (await isPortFree(port)) return { port, lock };
    await lock.release();
  }
  throw new WorldError('resource-busy', `${String(triesMax)} ports in a row are taken.`);
}
