// Kind `container` on a real engine: the contract of all kinds, and what is its own.

import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { makeEngine } from '../../src/drivers/docker/engine.ts';
import { engineHost } from '../drivers/docker/engine-here.ts';
import { fixtureContract, placeOf, type Subject } from './fixture-contract.ts';
import {
  apply,
  openFixtureWorld,
  orderOf,
  ports,
  restore,
  verdictOf,
  type FixtureWorld,
} from './fixture-world.ts';

const image = 'seatrial-fixture/busybox:1';
const host = engineHost ?? '';

const worlds: FixtureWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    // Whatever a test left: by the name that the run gives.
    await makeEngine(host).call({
      ...{ method: 'DELETE', path: `/containers/${nameIn(world)}?force=true&v=true` },
      allow: [404, 409],
    });
    await world.close();
  }
});

async function open(): Promise<FixtureWorld> {
  const world = await openFixtureWorld();
  worlds.push(world);
  return world;
}

const nameIn = ({ place }: FixtureWorld): string => `seatrial-it-${place.run.slice(-8)}`;

const asked = {
  ...{ image, user: '7:7', labels: { 'openshell.ai/sandbox-name': 'it' } },
  env: { MODEL: "it's = 'x'", EMPTY: '' },
  command: ['sh', '-c', 'sleep 600'],
};

const subject: Subject = {
  name: 'container',
  setUp: async ({ place }) => {
    await mkdir(`${place.work}/shared`);
    await writeFile(`${place.work}/shared/x`, 'x');
  },
  order: ({ place }) =>
    orderOf('container', {
      ...asked,
      mounts: [{ source: `${place.work}/shared`, target: '/shared' }, { target: '/memory' }],
    }),
  place: (place) => ({ ...place, env: { ...place.env, DOCKER_HOST: host } }),
  also: async (world) =>
    (await ports.containers(host).look(nameIn(world)))?.id ?? 'there is no container',
};

const containers = ports.containers(host);

describe.skipIf(engineHost === undefined)('container', () => {
  fixtureContract(subject, open);

  test('has no network, the labels of its run, and what it was asked for', async () => {
    const world = await open();
    await subject.setUp(world);
    const { applied } = await apply(world, subject.order(world), placeOf(subject, world));
    const { value } = await makeEngine(host).call({ path: `/containers/${nameIn(world)}/json` });
    expect(value).toMatchObject({
      Config: { Labels: { 'seatrial.run': world.place.run, 'seatrial.fixture-id': 'it' } },
      HostConfig: { NetworkMode: 'none' },
      Id: applied?.outputs['id'],
    });
    expect(await containers.startedWith(nameIn(world))).toMatchObject(asked.env);
  });

  test.each([
    ['an image that is not here', { image: 'seatrial-fixture/none:1' }],
    ['a program that is not in it', { image, command: ['/none'] }],
    ['a build that fails', { image, build: ['/bin/sh', '-c', 'echo no >&2; exit 3'] }],
  ])('%s: staged is an error or red, nothing is left', async (_name, inputs) => {
    const world = await open();
    await restore(world, await apply(world, orderOf('container', inputs), placeOf(subject, world)));
    expect(['error', 'failed']).toContain(verdictOf(world, 'fixture.it.staged'));
    expect(verdictOf(world, 'fixture.it.restored')).toBe('passed');
    expect(await containers.look(nameIn(world))).toBeUndefined();
  });

  test('a place of the host is mounted to be read only (F13)', async () => {
    const world = await open();
    const order = orderOf('container', { image, mounts: [{ source: '/etc', target: '/etc' }] });
    await expect(apply(world, order, placeOf(subject, world))).rejects.toThrow('FX002');
  });

  test('the container of somebody else is left alone, and told', async () => {
    const world = await open();
    const prepared = await apply(
      world,
      orderOf('container', { image, command: ['sleep', '600'] }),
      placeOf(subject, world),
    );
    const name = nameIn(world);
    const docker = (...args: string[]) =>
      spawnSync('docker', args, { env: { ...process.env, DOCKER_HOST: host } });
    docker('rm', '--force', name);
    docker('run', '--detach', '--name', name, '--network', 'none', image, 'sleep', '600');
    expect((await restore(world, prepared)).outcome).toBe('restored');
    expect(verdictOf(world, 'fixture.it.restored')).toBe('failed');
    expect((await containers.look(name))?.labels['seatrial.run']).toBeUndefined();
  });
});
