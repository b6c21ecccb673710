// One contract for all kinds of fixture: they bite, they come back, whenever the run dies.

import { spawnSync } from 'node:child_process';
import { chmod, link, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { FixturePlace } from '../../src/lifecycle/fixture-kind.ts';
import { fixtureContract, ready as prepare, seen, type Subject } from './fixture-contract.ts';
import {
  apply,
  openFixtureWorld,
  orderOf,
  restore,
  verdictOf,
  type FixtureWorld,
} from './fixture-world.ts';
import { imageSubjects } from './image-subject.ts';
import { assetsOrder, endpointOrder, setUpAssets } from './server-orders.ts';

const worlds: FixtureWorld[] = [];
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

async function open(): Promise<FixtureWorld> {
  const world = await openFixtureWorld();
  worlds.push(world);
  return world;
}

const blueprint = '# versions\nmin: 2026.5.22 # keep\r\nother: {a: 1}\r\n';
const registry = JSON.stringify(
  { sandboxes: { kept: { agent: 'x' }, old: { agent: 'y' } } },
  null,
  2,
);

const staging = (world: FixtureWorld): FixturePlace['staging'] => ({
  registry: {
    ...{ file: `${world.home}/registry.json`, entries: '/sandboxes', mode: '0600' },
    lock: `${world.home}/registry.json.lock`,
    list: ['cat', `${world.home}/registry.json`],
  },
});
const stagingPlace = (place: FixturePlace, world: FixtureWorld) => ({
  ...place,
  staging: staging(world),
});

const subjects: readonly Subject[] = [
  {
    name: 'file, that is there',
    setUp: async ({ home }) => {
      await writeFile(`${home}/f`, 'before', { mode: 0o600 });
      await chmod(`${home}/f`, 0o640);
    },
    order: ({ home }) => orderOf('file', { path: `${home}/f`, content: 'after', mode: '0755' }),
    meddle: ({ home }) => writeFile(`${home}/f`, 'theirs'),
  },
  {
    name: 'file, that is not there',
    setUp: () => Promise.resolve(),
    order: ({ home }) => orderOf('file', { path: `${home}/f`, content: 'after' }),
    meddle: ({ home }) => writeFile(`${home}/f`, 'theirs'),
  },
  {
    name: 'file, in place',
    setUp: async ({ home }) => {
      await writeFile(`${home}/f`, 'one, two');
      await link(`${home}/f`, `${home}/g`);
    },
    order: ({ home }) =>
      orderOf('file', { path: `${home}/f`, replace: [{ find: 'two', with: '2' }], inPlace: true }),
    meddle: ({ home }) => writeFile(`${home}/f`, 'theirs'),
  },
  {
    name: 'directory, that is there',
    setUp: async ({ home, root }) => {
      await mkdir(`${home}/d/deep`, { recursive: true });
      await writeFile(`${home}/d/deep/x`, 'before', { mode: 0o600 });
      await symlink('deep/x', `${home}/d/link`);
      await mkdir(`${root}/pack/new`);
      await writeFile(`${root}/pack/new/y`, 'after');
    },
    order: ({ home }) => orderOf('directory', { path: `${home}/d`, from: 'new' }),
    meddle: ({ home }) => writeFile(`${home}/d/z`, 'theirs'),
  },
  {
    name: 'directory, that is not there',
    setUp: async ({ root }) => {
      await mkdir(`${root}/pack/new`);
      await writeFile(`${root}/pack/new/y`, 'after');
    },
    order: ({ home }) => orderOf('directory', { path: `${home}/d`, from: 'new' }),
    meddle: ({ home }) => writeFile(`${home}/d/z`, 'theirs'),
  },
  {
    name: 'key',
    setUp: ({ home }) => writeFile(`${home}/b.yaml`, blueprint, { mode: 0o600 }),
    order: ({ home }) =>
      orderOf('key', {
        file: `${home}/b.yaml`,
        set: { '/min': '2026.3.11', '/new': [1] },
        remove: ['/other/a'],
      }),
    meddle: async ({ home }) => {
      const text = await readFile(`${home}/b.yaml`, 'utf8');
      await writeFile(`${home}/b.yaml`, text.replace('2026.3.11', '1.0.0'));
    },
  },
  {
    name: 'state-staging, beside others',
    setUp: async ({ home, root }) => {
      await writeFile(`${home}/registry.json`, registry, { mode: 0o600 });
      await writeFile(
        `${root}/pack/old.json`,
        '{"old": {"agent": "{home}"}, "new": {"agent": "z"}}',
      );
    },
    order: () => orderOf('state-staging', { registry: 'old.json' }),
    place: stagingPlace,
  },
  {
    name: 'state-staging, in no file',
    setUp: () => Promise.resolve(),
    order: () => orderOf('state-staging', { registry: { new: { agent: 'z' } } }),
    place: stagingPlace,
  },
];

const deep: Subject = {
  name: 'state-staging, in no folder',
  setUp: () => Promise.resolve(),
  order: () => orderOf('state-staging', { registry: { new: { agent: 'z' } } }),
  place: (place, { home }) => ({
    ...place,
    staging: {
      registry: { file: `${home}/a/b/r.json`, entries: '/s', mode: '0600', lock: `${home}/a/b/l` },
    },
  }),
};

const stubs: Subject = {
  name: 'path-stub',
  setUp: () => Promise.resolve(),
  order: () =>
    orderOf('path-stub', {
      commands: {
        uname: [
          { args: ['-m'], stdout: 'arm64\n' },
          { stderr: "it's 'x'", exit: 3 },
        ],
      },
    }),
};

const endpoint: Subject = {
  name: 'http-endpoint',
  setUp: () => Promise.resolve(),
  order: endpointOrder,
};

const assets: Subject = { name: 'asset-server', setUp: setUpAssets, order: assetsOrder };

test('a stub answers by its arguments, and tells who called', async () => {
  const world = await open();
  const { applied } = await apply(world, stubs.order(world));
  const { path = '', log = '' } = applied?.outputs ?? {};
  const run = (...args: string[]) => spawnSync(`${path}/uname`, args, { encoding: 'utf8' });
  expect(run('-m')).toMatchObject({ status: 0, stdout: 'arm64\n' });
  expect(run('-m', '')).toMatchObject({ status: 3, stderr: "it's 'x'" });
  expect(await readFile(log, 'utf8')).toBe('uname\t-m\nuname\t-m \n');
});

describe.each([...subjects, deep, stubs, endpoint, assets, ...imageSubjects])(
  '$name',
  (subject) => {
    fixtureContract(subject, open);
  },
);

const ready = (subject: Subject) => prepare(subject, open);

const meddled = subjects.filter(({ meddle }) => meddle !== undefined);

test.each(meddled)('$name: changed by somebody else (F8)', async (subject) => {
  const { world, place, before } = await ready(subject);
  const prepared = await apply(world, subject.order(world), place);
  await subject.meddle?.(world);
  await restore(world, prepared);
  expect(verdictOf(world, 'fixture.it.restored')).toBe('failed');
  const kept = (await readdir(world.home)).filter((name) => name.includes('.seatrial-conflict-'));
  expect(kept).toHaveLength(1);
  await rm(join(world.home, kept[0] ?? ''), { recursive: true });
  expect(await seen(world, subject)).toBe(before);
});

test('another key, changed meanwhile, is left alone and told (F9)', async () => {
  const subject = subjects.find(({ name }) => name === 'key');
  if (subject === undefined) throw new Error('no key');
  const { world } = await ready(subject);
  const prepared = await apply(world, subject.order(world));
  const file = `${world.home}/b.yaml`;
  await writeFile(file, `${await readFile(file, 'utf8')}mine: 1\r\n`);
  await restore(world, prepared);
  expect(await readFile(file, 'utf8')).toBe(`${blueprint}mine: 1\r\n`);
  expect(verdictOf(world, 'fixture.it.restored')).toBe('failed');
});

test('an entry that the product changed goes back, one that it made stays', async () => {
  const subject = subjects.find(({ name }) => name === 'state-staging, beside others');
  if (subject === undefined) throw new Error('no staging');
  const { world, place } = await ready(subject);
  const prepared = await apply(world, subject.order(world), place);
  const file = `${world.home}/registry.json`;
  const now = JSON.parse(await readFile(file, 'utf8')) as { sandboxes: Record<string, object> };
  now.sandboxes['old'] = { agent: 'rebuilt' };
  now.sandboxes['made'] = { agent: 'own' };
  await writeFile(file, JSON.stringify(now));
  await restore(world, prepared);
  expect(verdictOf(world, 'fixture.it.restored')).toBe('passed');
  const after = JSON.parse(await readFile(file, 'utf8')) as { sandboxes: object };
  expect(after.sandboxes).toEqual({
    kept: { agent: 'x' },
    old: { agent: 'y' },
    made: { agent: 'own' },
  });
});

test.each([
  ['a link', (home: string) => symlink('else', `${home}/f`)],
  [
    'a second name',
    async (home: string) => {
      await writeFile(`${home}/f`, '');
      await link(`${home}/f`, `${home}/g`);
    },
  ],
])('%s is refused unless it is changed in place (F12)', async (_name, make) => {
  const world = await open();
  await writeFile(`${world.home}/else`, 'linked');
  await make(world.home);
  const order = orderOf('file', { path: `${world.home}/f`, content: 'x' });
  await expect(apply(world, order)).rejects.toThrow('FX002');
  expect(world.records).toHaveLength(1);
});

test('the lock of a product that died is taken, that of a living one is not', async () => {
  const subject = subjects.find(({ name }) => name === 'state-staging, beside others');
  if (subject === undefined) throw new Error('no staging');
  const { world, place } = await ready(subject);
  const lock = `${world.home}/registry.json.lock`;
  await mkdir(lock);
  await writeFile(`${lock}/owner.json`, '{"pid": 1, "startTime": 999999999}');
  await apply(world, subject.order(world), place);
  expect(verdictOf(world, 'fixture.it.staged')).toBe('passed');
});
