import { existsSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';

import { enginePlace } from '../../scripts/docker-place.ts';
import { ping, removeEngine } from '../../scripts/docker-engine.ts';
import { sweepEngine } from '../../scripts/docker-sweep.ts';
import { makeEngine } from '../../src/drivers/docker/engine.ts';
import { engineHost } from '../drivers/docker/engine-here.ts';
import { canStartEngines, openPrivateEngine } from '../drivers/docker/private-engine.ts';

const busybox = 'seatrial-fixture/busybox:1';

test('the usual engine keeps its place', () => {
  expect(enginePlace({})).toEqual({
    name: 'seatrial',
    data: '/var/lib/seatrial-docker',
    run: '/run/seatrial-docker',
    socket: '/run/seatrial-docker/docker.sock',
    host: { link: 'seatrial0', address: '10.213.77.1' },
    engine: { link: 'seatrial1', address: '10.213.77.2' },
  });
});

test('engines of other names share nothing with it or with each other', () => {
  const names = [undefined, 'a', 'b', 'st-test-upgrade-4711', 'x'.repeat(32)];
  const places = names.map((name) => enginePlace({ SEATRIAL_DOCKER_NAME: name }));
  const parts = places.flatMap(({ name, data, run, host, engine }) => [
    ...[name, data, run, host.link, host.address, engine.link, engine.address],
  ]);
  expect(new Set(parts).size).toBe(parts.length);
  for (const { host, engine } of places) {
    expect(host.address).toMatch(/^10\.213\.\d+\.\d+$/);
    expect(Math.max(host.link.length, engine.link.length)).toBeLessThanOrEqual(15);
  }
});

test.each(['', 'A', '../x', '-x', 'x'.repeat(33)])('%j is no name', (name) => {
  expect(() => enginePlace({ SEATRIAL_DOCKER_NAME: name })).toThrow('not a name');
});

test('the usual engine is never removed', async () => {
  await expect(removeEngine({})).rejects.toThrow('SEATRIAL_DOCKER_NAME');
});

describe.skipIf(!canStartEngines)('a private engine', () => {
  it('has images, survives its own death, and leaves nothing', async () => {
    const daemon = { labels: ['seatrial.purpose=test'] };
    const own = await openPrivateEngine('self', [busybox], { daemon, swarm: false });
    const engine = makeEngine(own.host);
    try {
      const info = await engine.call({ path: '/info' });
      expect(info.value).toMatchObject({ Labels: ['seatrial.purpose=test'] });
      const json = { Image: busybox, Cmd: ['sleep', '600'], HostConfig: { Init: true } };
      await engine.call({ method: 'POST', path: '/containers/create?name=kept', json });
      await engine.call({ method: 'POST', path: '/containers/kept/start' });
      const Labels = { 'seatrial.run': 'dead' };
      await engine.call({
        method: 'POST',
        path: '/volumes/create',
        json: { Name: 'left', Labels },
      });
      const Mounts = [{ Type: 'volume', Source: 'left', Target: '/left' }];
      const left = { ...json, Labels, HostConfig: { Mounts } };
      await engine.call({ method: 'POST', path: '/containers/create?name=left', json: left });
      await engine.call({ method: 'POST', path: '/containers/left/start' });
      await own.kill();
      await expect(engine.call({ path: '/info' })).rejects.toMatchObject({ code: 'unavailable' });
      expect(await ping((engineHost ?? '').replace('unix://', ''))).toBeDefined();
      await own.start();
      const kept = await engine.call({ path: '/containers/kept/json' });
      expect(kept.value).toMatchObject({ Name: '/kept' });
      expect(await sweepEngine(own.host.replace('unix://', ''))).toBe(2);
      const there = await engine.call({ path: '/containers/json?all=1' });
      expect(there.value).toMatchObject([{ Names: ['/kept'] }]);
      expect((await engine.call({ path: '/volumes' })).value).toMatchObject({ Volumes: [] });
      await own.kill();
    } finally {
      engine.close();
      await own.remove();
    }
    expect(existsSync(own.host.replace('unix://', '').replace('/docker.sock', ''))).toBe(false);
  });
});
