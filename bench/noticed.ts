// How long after the engine shows a service as up the Swarm driver knows it: a second program asks the
// engine for its tasks without a pause, and the driver is to answer soon after it saw them run.
// npm run docker -- up && npm run bench -- noticed [rounds]

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { enginePlace } from '../scripts/docker-place.ts';
import { systemClock } from '../src/drivers/clock.ts';
import { makeDockerDriver } from '../src/drivers/docker/driver.ts';
import { makeEngine, query } from '../src/drivers/docker/engine.ts';
import { systemFiles } from '../src/drivers/files.ts';
import { systemIds } from '../src/drivers/ids.ts';
import { makeLocks } from '../src/drivers/locks.ts';
import { makeProcesses } from '../src/drivers/process/run.ts';
import { swarmOrchestrator } from '../src/drivers/swarm/orchestrator.ts';
import type { Resource } from '../src/ports/app-driver.ts';
import { median, say } from './timed.ts';

const rounds = Number(process.argv[2] ?? 7);
const limitMs = 300;
const host = process.env['SEATRIAL_DOCKER_HOST'] ?? `unix://${enginePlace(process.env).socket}`;
const searchPath = process.env['PATH'] ?? '';
const work = mkdtempSync(join(tmpdir(), 'seatrial-bench-noticed-'));
const signal = new AbortController().signal;
const nothing = (): Promise<void> => Promise.resolve();

const driver = makeDockerDriver(swarmOrchestrator, {
  ...{ host, files: systemFiles, clock: systemClock, ids: systemIds },
  processes: makeProcesses({ searchPath }),
  locks: makeLocks({ folder: join(work, 'locks'), searchPath }),
  stacks: {
    stackOf: (_release, { instance: name }) =>
      Promise.resolve({
        name,
        services: {
          app: {
            ...{ image: 'seatrial-fixture/busybox:1', init: true, command: ['sleep', '3600'] },
            stop_grace_period: '1s',
          },
        },
      }),
  },
});

const release = {
  release: { origin: 'directory', ref: 'dir:1', version: '1' },
  ...{ root: work, digest: '0'.repeat(64), cached: false },
} as const;

/** Milliseconds between the two. */
async function once(round: number): Promise<number> {
  const instance = `stb-${String(process.pid)}-${String(round)}`;
  const intended: Resource[] = [];
  const deployment = await driver.open({
    ...{ run: instance, app: 'noticed', instance, work, env: {}, upgradeEnv: {}, note: nothing },
    settings: {
      ...{ health: { none: 'bench' }, backup: { capable: 'auto' }, resolveImage: 'never' },
      timeouts: { deploy: 60, hook: 10, backup: 60, restore: 60 },
    },
    resources: {
      ...{ created: nothing, removed: nothing },
      intended: (all) => {
        intended.push(...all);
        return Promise.resolve();
      },
    },
    onOutput: () => undefined,
  });
  try {
    await deployment.install(release, 'base', signal);
    const answered = deployment
      .settled({ settleMs: 0, timeoutMs: 60_000, signal })
      .then(({ state }) => ({ state, at: performance.now() }));
    const shown = await shownAt(instance);
    const { state, at } = await answered;
    if (state !== 'converged') throw new Error(`it did not come up: ${state}`);
    return Math.max(0, at - shown);
  } finally {
    await driver.remove(intended, { signal, graceMs: 2000 });
  }
}

async function shownAt(stack: string): Promise<number> {
  const engine = makeEngine(host);
  const filters = { label: [`com.docker.stack.namespace=${stack}`] };
  for (;;) {
    const { value } = await engine.call({ path: `/tasks${query({ filters })}` });
    const tasks = value as unknown as readonly { readonly Status: { readonly State: string } }[];
    if (tasks.some(({ Status: { State: state } }) => state === 'running')) break;
    await sleep(5);
  }
  engine.close();
  return performance.now();
}

const delays: number[] = [];
try {
  for (let round = 0; round < rounds; round += 1) delays.push(await once(round));
} finally {
  rmSync(work, { recursive: true, force: true });
}
const middle = median(delays);
say(
  `noticed: ${middle.toFixed(0)} ms after the engine shows it, at most ${Math.max(...delays).toFixed(0)} ms (limit ≤ ${String(limitMs)} ms)`,
);
process.exitCode = middle <= limitMs ? 0 : 1;
