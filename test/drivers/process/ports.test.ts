import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { makeLocks } from '../../../src/drivers/locks.ts';
import {
  allocatePort,
  firstPort,
  isPortFree,
  lastPort,
} from '../../../src/drivers/process/ports.ts';
import type { Lock, Locks } from '../../../src/ports/locks.ts';

const searchPath = process.env['PATH'] ?? '';
let folder = '';
let locks: Locks;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seatrial-ports-'));
  locks = makeLocks({ folder, searchPath });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('ports', () => {
  it('are ours until released, and in the range', async () => {
    const lease = await allocatePort({ locks });
    expect(lease.port).toBeGreaterThanOrEqual(firstPort);
    expect(lease.port).toBeLessThanOrEqual(lastPort);
    expect(lease.lock.name).toBe(`port-tcp-${String(lease.port)}`);
    expect(await locks.tryAcquire(lease.lock.name)).toBeUndefined();
    await lease.lock.release();
    const again = await locks.tryAcquire(lease.lock.name);
    expect(again).toBeDefined();
    await again?.release();
  });

  it.each(['127.0.0.1', '0.0.0.0', '::'])(
    'that somebody listens on at %s are not free',
    async (host) => {
      const { port, lock } = await allocatePort({ locks });
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(port, host, resolve));
      expect(await isPortFree(port)).toBe(false);
      await new Promise((resolve) => server.close(resolve));
      expect(await isPortFree(port)).toBe(true);
      await lock.release();
    },
  );

  it('run out at last', async () => {
    const none: Locks = {
      tryAcquire: () => Promise.resolve(undefined),
      acquire: (): Promise<Lock> => Promise.reject(new Error('not asked')),
    };
    await expect(allocatePort({ locks: none })).rejects.toMatchObject({ code: 'resource-busy' });
  });

  it('are never given twice: twenty each to two processes at once', async () => {
    const url = (path: string): string =>
      new URL(`../../../src/drivers/${path}`, import.meta.url).href;
    const script = `import { makeLocks } from ${JSON.stringify(url('locks.ts'))};
      import { allocatePort } from ${JSON.stringify(url('process/ports.ts'))};
      const locks = makeLocks(${JSON.stringify({ folder, searchPath })});
      const leases = await Promise.all(Array.from({ length: 20 }, () => allocatePort({ locks, startAt: 7000 })));
      console.log(leases.map(({ port }) => port).join(' '));
      process.stdin.once('data', () => process.exit(0));`;
    const children = [1, 2].map(() =>
      spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    );
    const ports = await Promise.all(
      children.map(
        (child) =>
          new Promise<string[]>((resolve) =>
            child.stdout.once('data', (bytes: Buffer) => {
              resolve(bytes.toString().trim().split(' '));
            }),
          ),
      ),
    );
    for (const child of children) child.stdin.end('\n');
    expect(new Set(ports.flat()).size).toBe(40);
  }, 20_000);
});
