// What images of fixtures are made from, when they are made anew, and what is said of them.

import { writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { systemFiles } from '../../src/drivers/files.ts';
import { makeImages } from '../../src/drivers/fixtures/images.ts';
import type { FixtureOrder } from '../../src/lifecycle/fixtures.ts';
import type { JsonObject } from '../../src/ports/json.ts';
import { engineHost } from '../drivers/docker/engine-here.ts';
import {
  apply,
  openFixtureWorld,
  orderOf,
  ports,
  restore,
  verdictOf,
  type FixtureWorld,
} from './fixture-world.ts';
import { imageOrder, imageTag, setUpRecipe } from './image-subject.ts';

const worlds: FixtureWorld[] = [];
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

async function open(): Promise<FixtureWorld> {
  const world = await openFixtureWorld();
  worlds.push(world);
  await setUpRecipe(world);
  return world;
}

/** With a key that no other test's recipe has: names of the cache go with these tests. */
function orderHere(world: FixtureWorld): FixtureOrder {
  const order = imageOrder(world);
  return { ...order, inputs: { ...order.inputs, args: { TEST: 'images' } } };
}

async function build(
  world: FixtureWorld,
  order = orderHere(world),
): Promise<JsonObject & { readonly key: string }> {
  const prepared = await apply(world, order);
  expect(verdictOf(world, 'fixture.it.staged')).toBe('passed');
  await restore(world, prepared);
  expect(verdictOf(world, 'fixture.it.restored')).toBe('passed');
  const { key, ...told } = prepared.applied?.details ?? {};
  return { ...told, key: typeof key === 'string' ? key : '' };
}

/** Each of a world has one check of each id, so a second fixture needs a second world on the same recipe. */
async function again(first: FixtureWorld): Promise<FixtureWorld> {
  const world = await open();
  const place = { ...world.place, cache: first.place.cache };
  return { ...world, place };
}

test.skipIf(engineHost === undefined)(
  'an image that was not made is missed where no version is wanted of it',
  async () => {
    const world = await open();
    const { inputs, ...order } = orderHere(world);
    const bare = Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== 'version'));
    const prepared = await apply(world, { ...order, inputs: bare, planted: 'apply-skipped' });
    expect(verdictOf(world, 'fixture.it.staged')).toBe('failed');
    await restore(world, prepared);
  },
);

describe.skipIf(engineHost === undefined)('images', () => {
  test('are built once, and anew when the cached name lies', async () => {
    const world = await open();
    const one = await build(world);
    expect(one).toMatchObject({ component: 'thing', version: '1.2.3', content: 'abc' });
    const second = await again(world);
    expect(await build(second)).toMatchObject({ cache: 'hit', image: one['image'] });
    const cached = `seatrial-cache/it:${one.key.slice(0, 16)}`;
    for (const lie of ['{"layers": ["sha256:other"]}', '{"layers": ["sha', 'null']) {
      await writeFile(`${world.place.cache}/images/${one.key}.json`, lie);
      const anew = await build(await again(world));
      expect([lie, anew]).toEqual([
        lie,
        expect.objectContaining({ cache: 'poisoned', key: one.key }),
      ]);
    }
    await ports.images.untag(cached);
  });

  test('have another key with another argument, base or file', async () => {
    const keys = new Set<unknown>();
    for (const more of [
      {},
      { args: { RELEASE: 'new', TEST: 'images' } },
      { base: 'seatrial-fixture/node:20' },
    ]) {
      const world = await open();
      const order = orderHere(world);
      const version = { argv: ['cat', '/told'], matches: '^told by a test' };
      const inputs = { ...order.inputs, version, ...more };
      const { key } = await build(world, { ...order, inputs });
      keys.add(key);
      await ports.images.untag(`seatrial-cache/it:${key.slice(0, 16)}`);
    }
    expect(keys.size).toBe(3);
  });

  test('go back to what a name meant before', async () => {
    const world = await open();
    const before = await ports.images.find('seatrial-fixture/busybox:1');
    await ports.images.tag(before?.id ?? '', imageTag(world));
    await build(world);
    expect((await ports.images.find(imageTag(world)))?.id).toBe(before?.id);
    await ports.images.untag(imageTag(world));
  });

  test.each([
    ['a base that is not here', { base: 'seatrial-fixture/nothing:1' }, 'error'],
    ['a step that fails', { recipe: 'broken' }, 'error'],
    ['another version inside', { version: { argv: ['cat', '/told'], matches: 'new' } }, 'failed'],
  ])('with %s: nothing is staged, nothing stays', async (_name, more, verdict) => {
    const world = await open();
    await ports.files.makeDirectory(`${world.root}/pack/broken`);
    const broken = 'FROM seatrial-fixture/busybox:1\nRUN false\n';
    await writeFile(`${world.root}/pack/broken/Dockerfile`, broken);
    const { inputs } = imageOrder(world);
    const prepared = await apply(world, orderOf('image-build', { ...inputs, ...more }));
    expect(verdictOf(world, 'fixture.it.staged')).toBe(verdict);
    await restore(world, prepared);
    expect(await ports.images.find(imageTag(world))).toBeUndefined();
  });
});

test('without an engine nothing is done, and that is said', async () => {
  const world = await open();
  const images = makeImages({ files: systemFiles, host: '/no-engine' });
  const without = { ...world.session, ports: { ...ports, images } };
  await expect(apply({ ...world, session: without }, imageOrder(world))).rejects.toThrow('gone');
});
