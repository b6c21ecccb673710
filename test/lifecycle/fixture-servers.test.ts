// What fixtures that listen answer, and what their logs tell.

import { createHash } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import type { FixtureOrder } from '../../src/lifecycle/fixtures.ts';
import type { JsonObject } from '../../src/ports/json.ts';
import {
  apply,
  openFixtureWorld,
  orderOf,
  restore,
  verdictOf,
  type FixtureWorld,
} from './fixture-world.ts';
import { assetsOrder, endpointOrder, setUpAssets } from './server-orders.ts';

const worlds: FixtureWorld[] = [];
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

async function start(world: FixtureWorld, order: FixtureOrder) {
  const { applied } = await apply(world, order);
  const log = (): readonly JsonObject[] => applied?.live?.log?.() ?? [];
  return { url: applied?.outputs['url'] ?? '', log };
}

async function open(): Promise<FixtureWorld> {
  const world = await openFixtureWorld();
  worlds.push(world);
  return world;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('an asset server serves files, their digests and its faults, and tells who asked', async () => {
  const world = await open();
  await setUpAssets(world);
  const { url, log } = await start(world, assetsOrder());
  const before = log().length;
  const get = (name: string) => fetch(`${url}/v1/${name}`, { redirect: 'manual' });
  expect(await (await get('one.bin')).text()).toBe('one');
  expect(await (await get('sums.txt')).text()).toBe(
    `${sha256('one')}  one.bin\n${sha256('the asset wrong')}  wrong\n`,
  );
  expect((await get('gone')).status).toBe(404);
  expect((await get('never')).status).toBe(404);
  expect(sha256(await (await get('wrong')).text())).not.toBe(sha256('the asset wrong'));
  expect(await (await get('short')).text()).toBe('the ass');
  expect((await get('moved')).headers.get('location')).toBe('/v1/one.bin');
  await expect(get('cut').then((answer) => answer.text())).rejects.toThrow();
  const asked = log().slice(before);
  expect(asked).toHaveLength(8);
  expect(asked[0]).toEqual({
    ...{ nonce: 'none', from: 'host-cli', method: 'GET', path: '/v1/one.bin' },
    ...{ client: 'node', bytes: 0, status: 200 },
  });
});

test('an asset server tells which build it serves, by the digest of the file that will run', async () => {
  const world = await open();
  await setUpAssets(world);
  const build = { component: 'server', version: '1.2.3', executable: 'one.bin' };
  const assets = { '/one.bin': { from: 'one.bin' } };
  const { applied } = await apply(world, orderOf('asset-server', { assets, build }));
  expect(applied?.details).toEqual({
    ...{ nonce: world.place.nonce, component: 'server', version: '1.2.3' },
    content: sha256('one'),
  });
});

test('a model says its question backwards; the request has the nonce of the run', async () => {
  const world = await open();
  const { url, log } = await start(world, endpointOrder());
  const ours = () => log().filter(({ nonce }) => nonce === world.place.nonce);
  expect(ours()).toEqual([]);
  const ask = (body: unknown) =>
    fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
  const messages = [
    { role: 'user', content: [{ type: 'text', text: `say ${world.place.nonce}` }] },
  ];
  const answer = await ask({ model: 'small', messages });
  const { choices } = (await answer.json()) as { choices: [{ message: { content: string } }] };
  expect(choices[0].message.content).toBe('9876543210fedcba yas');
  expect(answer.headers.get('seatrial-nonce')).toBe(world.place.nonce);
  expect((await ask({ model: 'large', messages })).status).toBe(404);
  expect((await ask({ model: 'small' })).status).toBe(400);
  expect(ours().map(({ path, status }) => [path, status])).toEqual([
    ['/v1/chat/completions', 200],
    ['/v1/chat/completions', 404],
  ]);
});

test('an endpoint answers as it was told, faults included', async () => {
  const world = await open();
  const { url } = await start(world, endpointOrder());
  expect((await fetch(`${url}/made`, { method: 'POST' })).headers.get('x-made')).toBe('yes');
  expect((await fetch(`${url}/down`)).status).toBe(503);
  await expect((await fetch(`${url}/v1/models`)).json()).rejects.toThrow();
});

test('a body that is too large is refused', async () => {
  const world = await open();
  const { url } = await start(world, endpointOrder());
  const body = 'x'.repeat(1024 * 1024 + 1);
  const asked = fetch(`${url}/made`, { method: 'POST', body });
  expect(await asked.then(({ status }) => status)).toBe(413);
});

test.each([
  ['a list of what is not served', { checksums: { '/s': ['/b'] } }],
  ['a fault of what is not served', { faults: [{ path: '/b', fault: 'not-found' }] }],
  ['nothing left to cut off', { faults: [{ path: '/a', fault: { closeAt: 3 } }] }],
  [
    'a build that is not there',
    { build: { component: 'server', version: '1.2.3', executable: 'absent' } },
  ],
  ['a file out of the pack', { assets: { '/a': { from: '/etc/passwd' } } }],
])('assets with %s: staged is an error, nothing listens', async (_name, more) => {
  const world = await open();
  const order = orderOf('asset-server', { assets: { '/a': { content: 'abc' } }, ...more });
  await restore(world, await apply(world, order));
  expect(verdictOf(world, 'fixture.it.staged')).toBe('error');
  expect(verdictOf(world, 'fixture.it.restored')).toBe('passed');
});
