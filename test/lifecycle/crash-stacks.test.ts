// A run on a real engine is killed with SIGKILL in each of its phases: nothing that it made survives
// `recover`, and a neighbour's stack is what it was. With SEATRIAL_CRASH=all at every record.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Engine, makeEngine } from '../../src/drivers/docker/engine.ts';
import { cliConfig, engineHost } from '../drivers/docker/engine-here.ts';
import { canStartEngines, openPrivateEngine } from '../drivers/docker/private-engine.ts';
import {
  command,
  leftOf,
  type RealApp,
  removeRealApps,
  runsOf,
  start,
  stateOf,
} from './real-run.ts';
import {
  deployNeighbour,
  heldBy,
  makeStackApp,
  markOf,
  type Neighbour,
  type StackKind,
} from './stack-app.ts';

const timeout = 300_000;
const all = process.env['SEATRIAL_CRASH'] === 'all';
const fixture = (name: string): string => join(import.meta.dirname, '../fixtures', name);

type Death = {
  readonly title: string;
  readonly preload: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether the engine holds something of the run at that moment, whatever the timing. */
  readonly holds?: boolean;
};

const on = (record: string, afterMs: number, holds?: boolean): Death => ({
  title: `${String(afterMs)} ms after ${record}`,
  preload: fixture('kill-on.mjs'),
  env: { KILL_ON: record, KILL_AFTER_MS: String(afterMs) },
  ...(holds === undefined ? {} : { holds }),
});

const phases: Readonly<Record<StackKind, readonly Death[]>> = {
  swarm: [
    on('resource.intended deployment', 0, false),
    on('resource.intended service', 700),
    on('operation.started upgrade', 1500, true),
    on('operation.started restore', 4000, true),
  ],
  compose: [
    on('resource.intended service', 700),
    on('resource.created deployment', 0, true),
    on('operation.started rebuild', 1500),
  ],
};

/** More than a run has; what lies beyond its end is skipped. */
const recordsMax = 160;
const positions: readonly Death[] = Array.from({ length: recordsMax }, (_, at) => ({
  title: `after record ${String(at)}`,
  preload: fixture('kill-at.mjs'),
  env: { KILL_AT: String(at), KILL_TORN: at % 2 === 1 ? '1' : '0' },
}));

const deaths = (['swarm', 'compose'] as const).flatMap((kind) =>
  (all ? positions : phases[kind]).map((death) => ({ kind, ...death })),
);

describe.skipIf(engineHost === undefined)('death on a real engine', () => {
  let engine: Engine;
  let neighbour: Neighbour;
  beforeAll(async () => {
    engine = makeEngine(engineHost ?? '');
    neighbour = await deployNeighbour(engine, `stn-${String(process.pid)}`);
  });
  afterAll(async () => {
    await neighbour.remove();
    await removeRealApps();
    engine.close();
  });

  describe.concurrent('of a run', () => {
    test.for(deaths)('LK-01: $kind: $title', { timeout }, async (death, { skip }) => {
      const index = deaths.indexOf(death);
      const name = `cr${String(index)}-${String(process.pid)}`;
      const app = await makeStackApp(death.kind, name, {
        host: engineHost ?? '',
        config: cliConfig,
      });
      const before = await neighbour.digest();
      const { preload, env } = death;
      const ended = await start(app, ['run'], { preload, env }).ended;
      if (all && ended.signal === null) skip('this run had fewer records');
      expect(ended.signal, ended.err).toBe('SIGKILL');
      const [run = ''] = await runsOf(app);
      if (death.holds !== undefined)
        expect((await heldBy(engine, markOf(run))).length > 0).toBe(death.holds);
      await expectGone(engine, app, run);
      expect(await neighbour.digest()).toBe(before);
    });
  });
});

describe.skipIf(!canStartEngines)('death of the engine', () => {
  afterAll(removeRealApps);

  test(
    'FR-04: in the middle of an upgrade: no verdict, and nothing is left once it is back',
    { timeout },
    async () => {
      const own = await openPrivateEngine('upgrade', ['seatrial-fixture/busybox:1']);
      const engine = makeEngine(own.host);
      try {
        const app = await makeStackApp('swarm', 'mid', { host: own.host, config: cliConfig });
        const running = start(app, ['run']);
        let killed: Promise<void> | undefined;
        let said = '';
        running.child.stderr?.on('data', (text: Buffer) => {
          said += text.toString('utf8');
          if (/upgrade started/.test(said)) killed ??= pause(1500).then(own.kill);
        });
        expect(await running.ended).toMatchObject({ code: 3 });
        await killed;
        const [run = ''] = await runsOf(app);
        const upgrade = (await stateOf(app, run))?.operations.find(
          ({ name }) => name === 'upgrade',
        );
        expect(upgrade).toMatchObject({ outcome: 'error' });
        expect((await command(app, 'recover')).code).toBe(3);
        await own.start();
        expect(await heldBy(engine, markOf(run))).not.toEqual([]);
        await expectGone(engine, app, run);
      } finally {
        engine.close();
        await own.remove();
      }
    },
  );
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function expectGone(engine: Engine, app: RealApp, run: string): Promise<void> {
  const recovered = await command(app, 'recover');
  expect(recovered.code, recovered.out).toBe(0);
  const state = await stateOf(app, run);
  const instance = state?.started.instance ?? 'none';
  expect(await heldBy(engine, markOf(run))).toEqual([]);
  for (const label of ['com.docker.stack.namespace', 'com.docker.compose.project'])
    expect(await heldBy(engine, `${label}=${instance}`)).toEqual([]);
  for (const { kind, name } of state?.resources ?? [])
    if (kind === 'volume') {
      const path = `/volumes/${encodeURIComponent(name)}`;
      expect((await engine.call({ path, allow: [404] })).status, name).toBe(404);
    }
  expect(await leftOf(app, state)).toEqual([]);
}
