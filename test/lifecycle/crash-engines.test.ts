// Private engines of runs for real: they are started on an edited file, die, come back, and end without a trace; the
// engine beside them notices nothing.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { engineProcesses, lookAtEngine } from '../../src/drivers/fixtures/engines.ts';
import { makeSandboxDriver } from '../../src/drivers/sandbox/driver.ts';
import type { EngineHome } from '../../src/ports/engines.ts';
import { engineHost } from '../drivers/docker/engine-here.ts';
import {
  apply,
  Died,
  openFixtureWorld,
  orderOf,
  recoverFrom,
  restore,
  verdictOf,
  type FixtureWorld,
} from './fixture-world.ts';

const has = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((each) => existsSync(join(each, program)));
const here = process.getuid?.() === 0 && has('dockerd') && engineHost !== undefined;
const all = process.env['SEATRIAL_CRASH'] === 'all';

const worlds: FixtureWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    await end(world);
    await world.close();
  }
}, 60_000);

async function open(): Promise<FixtureWorld> {
  const world = await openFixtureWorld();
  worlds.push(world);
  return world;
}

const order = orderOf('daemon-config', {
  set: { '/default-cgroupns-mode': 'private', '/labels': ['seatrial.fixture=it'] },
  reports: { '/Labels': ['seatrial.fixture=it'] },
});

function homeOf({ state }: FixtureWorld): EngineHome {
  const recorded = state().resources.find(({ kind }) => kind === 'engine');
  if (recorded === undefined) throw new Error('no engine was recorded');
  return recorded.undo as EngineHome;
}

async function pidOf(home: EngineHome): Promise<number> {
  const { process: daemon } = await lookAtEngine(home);
  if (daemon === undefined) throw new Error('the engine does not run');
  return daemon.pid;
}

const driver = makeSandboxDriver({ host: engineHost ?? '' });

async function end(world: FixtureWorld): Promise<readonly string[]> {
  const resources = world
    .state()
    .resources.filter(({ kind }) => kind === 'engine')
    .map(({ kind, name, undo }) => ({ kind, name, undo }));
  const { signal } = new AbortController();
  const removed = await driver.remove(resources, { signal, graceMs: 1000 });
  expect(await driver.find('', resources)).toEqual([]);
  return removed.map(({ outcome }) => outcome);
}

const docker = (host: string, ...args: readonly string[]): string =>
  execFileSync('docker', ['--host', host, ...args], { encoding: 'utf8' }).trim();

/** The engine beside it: who it is, and what it holds of ours. */
const neighbour = (): string =>
  docker(engineHost ?? '', 'info', '--format', '{{.ID}} {{json .Labels}} {{.DockerRootDir}}');

const groups = (): readonly string[] =>
  readdirSync('/sys/fs/cgroup', { recursive: false, encoding: 'utf8' })
    .flatMap((each) => [`/sys/fs/cgroup/${each}`, '/sys/fs/cgroup'])
    .flatMap((each) => (existsSync(each) ? readdirSync(each).map((name) => `${each}/${name}`) : []))
    .filter((each) => each.includes('/seatrial-000aaaaa-'));

describe.skipIf(!here)('a private engine', () => {
  test('dies with a container in it, comes back as it was, and ends with all it had', async () => {
    const world = await open();
    const before = neighbour();
    const prepared = await apply(world, order);
    expect(verdictOf(world, 'fixture.it.staged')).toBe('passed');
    const { host = '', config = '' } = prepared.applied?.outputs ?? {};
    const image = 'seatrial-fixture/busybox:1';
    execFileSync('sh', [
      '-c',
      `docker -H ${engineHost ?? ''} save ${image} | docker -H ${host} load`,
    ]);
    docker(
      host,
      'run',
      '--detach',
      '--stop-timeout',
      '1',
      '--network',
      'none',
      image,
      'sleep',
      '600',
    );
    expect(docker(host, 'info', '--format', '{{.ID}}')).not.toBe(before.split(' ')[0]);
    const home = homeOf(world);
    const daemon = await pidOf(home);
    process.kill(daemon, 'SIGKILL');
    expect(await restore(world, prepared)).toEqual({ outcome: 'restored' });
    expect(verdictOf(world, 'fixture.it.restored')).toBe('passed');
    expect(readFileSync(config, 'utf8')).not.toContain('seatrial.fixture');
    expect(await pidOf(home)).not.toBe(daemon);
    expect(await end(world)).toEqual(['removed']);
    expect(engineProcesses(home)).toEqual([]);
    expect(groups()).toEqual([]);
    expect(neighbour()).toBe(before);
  }, 120_000);

  // Every position in `npm run test:crash`.
  test.each(all ? [1, 2, 3, 4, 5, 6, 7] : [3])(
    'a run that dies after record %i is recovered by its records',
    async (position) => {
      const world = await open();
      world.dieAfter(position);
      const lived = async () => restore(world, await apply(world, order));
      await lived().catch((error: unknown) => {
        if (!(error instanceof Died)) throw error;
      });
      const home = homeOf(world);
      expect(await recoverFrom(world)).toEqual([]);
      const { process: daemon, files } = await lookAtEngine(home);
      if (daemon !== undefined)
        expect(readFileSync(files.config, 'utf8')).not.toContain('seatrial.fixture');
      expect(await end(world)).toEqual(['removed']);
      expect(engineProcesses(home)).toEqual([]);
    },
    120_000,
  );
});
