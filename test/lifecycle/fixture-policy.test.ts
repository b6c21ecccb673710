// The kind `policy`: what becomes of the live policy, whoever else changes it.

import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { fixtureContract } from './fixture-contract.ts';
import { apply, openFixtureWorld, restore, verdictOf, type FixtureWorld } from './fixture-world.ts';
import {
  livePolicy,
  policyBefore,
  policyFile,
  policyFileOrder,
  policyFileText,
  policyOrder,
  preset,
  setLive,
  setUpPolicy,
  withPolicy,
} from './policy-order.ts';

const worlds: FixtureWorld[] = [];
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

async function open(): Promise<FixtureWorld> {
  const world = await openFixtureWorld();
  worlds.push(world);
  return world;
}

describe('as every kind', () => {
  const subject = { setUp: setUpPolicy, order: policyOrder, place: withPolicy };
  fixtureContract({ name: 'policy', ...subject }, open);
});

async function applied() {
  const world = await open();
  await setUpPolicy(world);
  const place = withPolicy(world.place, world);
  return { world, place, prepared: await apply(world, policyOrder(), place) };
}

const conflictsOf = async ({ session: { undoRoot } }: FixtureWorld): Promise<readonly string[]> =>
  (await readdir(undoRoot)).filter((name) => name.includes('.seatrial-conflict-'));

test('paths and presets are added to what is there', async () => {
  const { world } = await applied();
  expect(verdictOf(world, 'fixture.it.staged')).toBe('passed');
  expect(await livePolicy(world)).toEqual({
    network_policies: { ...policyBefore.network_policies, ...preset.network_policies },
    filesystem_policy: { read_only: ['/usr'], read_write: ['/sandbox', '/dev', '/dev/shm'] },
  });
});

test('a product that forgets paths: staged is red', async () => {
  const world = await open();
  await setUpPolicy(world);
  const place = withPolicy(world.place, world);
  if (place.policy === undefined) throw new Error('no policy');
  const forgets = { ...place.policy, set: ['true', '{file}'] as [string, string] };
  await apply(world, policyOrder(), { ...place, policy: forgets });
  expect(verdictOf(world, 'fixture.it.staged')).toBe('failed');
});

test('changed by somebody else: their version is kept, ours goes, restored is red (F8)', async () => {
  const { world, prepared } = await applied();
  await setLive(world, { ...policyBefore, network_policies: {} });
  await restore(world, prepared);
  expect(verdictOf(world, 'fixture.it.restored')).toBe('failed');
  expect(await livePolicy(world)).toEqual(policyBefore);
  const [kept = ''] = await conflictsOf(world);
  expect(await readFile(`${world.session.undoRoot}/${kept}`, 'utf8')).toContain(
    'network_policies: {}',
  );
});

test('a sandbox that is gone needs nothing, and is no policy that came back', async () => {
  const { world, prepared } = await applied();
  await rm(`${world.home}/live.yaml`);
  expect(await restore(world, prepared)).toEqual({ outcome: 'restored' });
  expect(verdictOf(world, 'fixture.it.restored')).toBe('failed');
});

test('a product that does not answer is no sandbox that is gone', async () => {
  const { world, prepared } = await applied();
  const asking = (prepared.before.pre['asking'] ?? {}) as { get: string[] };
  asking.get.splice(0, asking.get.length, 'false');
  expect(await restore(world, prepared)).toMatchObject({ outcome: 'failed' });
  expect(verdictOf(world, 'fixture.it.restored')).toBe('error');
});

const writeText = (world: FixtureWorld, text: string): Promise<void> =>
  writeFile(policyFile(world), text);

describe('in the file that policies are made from, as every kind', () => {
  const subject = {
    setUp: (world: FixtureWorld) => writeText(world, policyFileText),
    order: policyFileOrder,
  };
  fixtureContract({ name: 'policy', ...subject }, open);
});

test('in a file, only the list that grows is another', async () => {
  const world = await open();
  await writeText(world, policyFileText);
  await apply(world, policyFileOrder(world));
  expect(await readFile(policyFile(world), 'utf8')).toBe(
    policyFileText.replace('[/sandbox]', '["/sandbox","/dev","/dev/shm"]'),
  );
});

test('what is allowed already cannot be shown to go: it is refused', async () => {
  const world = await open();
  await setUpPolicy(world);
  await setLive(world, {
    ...policyBefore,
    filesystem_policy: { read_only: [], read_write: ['/dev'] },
  });
  const place = withPolicy(world.place, world);
  await expect(apply(world, policyOrder(), place)).rejects.toThrow('/dev is in read_write already');
  await writeText(world, policyFileText.replace('/sandbox', '/dev/shm'));
  await expect(apply(world, policyFileOrder(world))).rejects.toThrow('/dev/shm is in read_write');
});
