// Runs beside each other on one real engine: of one head, of different apps, on one port; and what
// else happens to a run while its stack is up.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

import { type Engine, makeEngine } from '../../src/drivers/docker/engine.ts';
import { makeLocks } from '../../src/drivers/locks.ts';
import type { RunState } from '../../src/evidence/run-state.ts';
import { cliConfig, engineHost } from '../drivers/docker/engine-here.ts';
import {
  command,
  leftOf,
  type RealApp,
  removeRealApps,
  runsOf,
  start,
  stateOf,
} from './real-run.ts';
import { heldBy, makeStackApp, markOf, type StackAppOptions, type StackKind } from './stack-app.ts';

const timeout = 240_000;
const here = { host: engineHost ?? '', config: cliConfig };
/** Only a part of a life, so that the file takes seconds: it still deploys and removes. */
const install = ['run', '--ops', 'install'];
let made = 0;
const makeOne = (kind: StackKind, options: StackAppOptions = {}): Promise<RealApp> => {
  made += 1;
  return makeStackApp(kind, `tg${String(made)}-${String(process.pid)}`, here, options);
};

async function statesOf(app: RealApp): Promise<readonly RunState[]> {
  const states = await Promise.all((await runsOf(app)).map((run) => stateOf(app, run)));
  return states
    .flatMap((state) => state ?? [])
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

const notesOf = ({ store }: RealApp, { started: { run } }: RunState): readonly string[] =>
  readFileSync(join(store, 'runs', run, 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; data: { code?: string } })
    .flatMap(({ type, data }) => (type === 'note' ? (data.code ?? '') : []));

/** After install: the first hook of an app goes on when both are there. */
const meeting = (folder: string): StackAppOptions => ({
  manifest: 'hooks: { prepare: { file: hooks/prepare.sh } }\n',
  files: {
    'hooks/prepare.sh': `mkdir -p ${folder}
touch "${folder}/$SEATRIAL_RUN"
while [ "$(ls ${folder} | wc -l)" -lt 2 ]; do sleep 0.1; done
`,
  },
});

const engine: Engine = makeEngine(here.host);
afterAll(async () => {
  await removeRealApps();
  engine.close();
});

async function expectSound(app: RealApp, state: RunState): Promise<void> {
  expect(state.reasons).toEqual([]);
  expect(state).toMatchObject({ deployments: 1, ended: { outcome: 'completed' } });
  await expectNothingOf(app, state);
}

async function expectNothingOf(app: RealApp, state: RunState | undefined): Promise<void> {
  expect(await heldBy(engine, markOf(state?.started.run ?? 'none'))).toEqual([]);
  expect(await leftOf(app, state)).toEqual([]);
}

const onEngine = describe.skipIf(engineHost === undefined);

onEngine('beside each other on one engine', () => {
  describe.concurrent('runs', () => {
    test('FR-05: of one head: the second does all of it after the first', { timeout }, async () => {
      const app = await makeOne('compose');
      const both = [start(app, install), start(app, install)];
      for (const { ended } of both) expect((await ended).code, (await ended).err).toBe(0);
      const [first, second] = await statesOf(app);
      if (first === undefined || second === undefined) throw new Error('two runs were started');
      expect(first.started.instance).toBe(second.started.instance);
      expect(first.lastAt <= second.startedAt).toBe(true);
      for (const state of [first, second]) await expectSound(app, state);
    });

    test('FR-05: of two apps: neither waits for the other', { timeout }, async () => {
      const met = join('/tmp', `seatrial-meeting-${String(process.pid)}`);
      const apps = [await makeOne('swarm', meeting(met)), await makeOne('compose', meeting(met))];
      const runs = apps.map((app) => start(app, install));
      for (const { ended } of runs) expect((await ended).code, (await ended).err).toBe(0);
      execFileSync('rm', ['-r', met]);
      for (const app of apps)
        for (const state of await statesOf(app)) await expectSound(app, state);
    });

    test('FR-05: of two apps on one port: they take turns', { timeout }, async () => {
      const port = 30_000 + (process.pid % 2000);
      const apps = [await makeOne('swarm', { port }), await makeOne('swarm', { port })];
      // Of one host, as runs of one host are: its locks are what they share.
      const locks = { SEATRIAL_LOCKS: apps[0]?.env['SEATRIAL_LOCKS'] ?? '' };
      const runs = apps.map((app) => start(app, install, { env: locks }));
      for (const { ended } of runs) expect((await ended).code, (await ended).err).toBe(0);
      const states = (await Promise.all(apps.map(statesOf))).flat();
      expect(states).toHaveLength(2);
      for (const state of states) expect(state).toMatchObject({ deployments: 1, reasons: [] });
      const waited = await Promise.all(
        apps.map(async (app) => (await statesOf(app)).flatMap((state) => notesOf(app, state))),
      );
      expect(waited.flat().filter((code) => code === 'resource-wait')).toHaveLength(1);
    });

    test('a port that is not given back in time: the testbed is busy', { timeout }, async () => {
      const port = 32_000 + (process.pid % 2000);
      const other = await makeOne('compose', { port });
      const folder = other.env['SEATRIAL_LOCKS'] ?? '';
      const locks = makeLocks({ folder, searchPath: process.env['PATH'] ?? '' });
      const held = await locks.acquire(`port-tcp-${String(port)}`, { waitMs: 1000 });
      const { code, err } = await start(other, [...install, '--wait', '1']).ended;
      await held.release();
      expect(code, err).toBe(3);
      const [state] = await statesOf(other);
      expect(state?.operations[0]).toMatchObject({ outcome: 'error', cause: 'resource-busy' });
      await expectNothingOf(other, state);
    });
  });
});

onEngine('while its stack is up', () => {
  describe.concurrent('a run', () => {
    test.for(['compose', 'swarm'] as const)(
      'DG4: with one of everything passes all of its life on %s',
      { timeout },
      async (kind) => {
        const app = await makeOne(kind);
        const { code, err } = await start(app, ['run']).ended;
        expect(code, err).toBe(0);
        const [state] = await statesOf(app);
        if (state === undefined) throw new Error('a run was started');
        const done = state.operations.filter(({ outcome }) => outcome === 'done');
        expect(done.map(({ name }) => name)).toEqual([
          ...['install', 'upgrade', 'backup', 'restore', 'rebuild', 'remove'],
        ]);
        await expectSound(app, state);
      },
    );

    test('LK-02: that is told to stop in its upgrade leaves nothing', { timeout }, async () => {
      const app = await makeOne('swarm');
      const running = start(app, ['run']);
      let said = '';
      let told: NodeJS.Timeout | undefined;
      running.child.stderr?.on('data', (text: Buffer) => {
        said += text.toString('utf8');
        // Once: a signal that comes after the end of the cleanup ends the process as it ends any other.
        if (/upgrade started/.test(said))
          told ??= setTimeout(() => running.child.kill('SIGTERM'), 1500);
      });
      expect((await running.ended).code).toBe(143);
      const [state] = await statesOf(app);
      expect(state).toMatchObject({ ended: { outcome: 'interrupted' }, deployments: 1 });
      await expectNothingOf(app, state);
    });

    test('LK-06: is left alone by somebody who recovers beside it', { timeout }, async () => {
      const app = await makeOne('compose');
      const running = start(app, install);
      await until(async () => (await statesOf(app))[0]?.deployments === 1);
      expect((await command(app, 'recover')).code).toBe(0);
      expect((await running.ended).code, (await running.ended).err).toBe(0);
      for (const state of await statesOf(app)) await expectSound(app, state);
    });

    test(
      'LK-06: that died is cleaned up once, also by two at the same time',
      { timeout },
      async () => {
        const app = await makeOne('swarm');
        const running = start(app, install);
        await until(async () => (await statesOf(app))[0]?.deployments === 1);
        running.child.kill('SIGKILL');
        await running.ended;
        const both = await Promise.all([
          start(app, ['recover']).ended,
          start(app, ['recover']).ended,
        ]);
        expect(both.map(({ code }) => code)).toEqual([0, 0]);
        const [state] = await statesOf(app);
        expect(state?.ended?.outcome).toBe('recovered');
        await expectNothingOf(app, state);
        expect((await command(app, 'verify')).code).toBe(0);
      },
    );
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 100));
}
