// Fixtures whose bite is the kernel's: launchers under Landlock, and pairs of paths across which nothing is renamed.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import type { FixtureOrder } from '../../src/lifecycle/fixtures.ts';
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

const perl = (script: string): string =>
  spawnSync('perl', ['-e', script], { encoding: 'utf8' }).stdout;
const hasLandlock = Number(perl('print 0 + syscall(444, 0, 0, 1)')) >= 2;
const mayMount =
  spawnSync('unshare', ['--mount', 'sh', '-c', 'mount -t tmpfs x /mnt'], { encoding: 'utf8' })
    .status === 0;
if (!hasLandlock) process.stderr.write('SKIPPED: this kernel has no Landlock 2\n');
if (!mayMount) process.stderr.write('SKIPPED: nothing may be mounted here\n');

const worlds: FixtureWorld[] = [];
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

async function open(): Promise<FixtureWorld> {
  const world = await openFixtureWorld();
  worlds.push(world);
  return world;
}

const crossDevice = (cause: string): FixtureOrder => orderOf('cross-device', { cause });
const landlock = (abi: number): FixtureOrder => orderOf('landlock', { abi, read: ['/'] });

const subjects = [
  { name: 'landlock 1', order: landlock(1), isPossible: hasLandlock },
  { name: 'landlock 2', order: landlock(2), isPossible: hasLandlock },
  {
    name: 'landlock 1 that allows the place it lies in',
    order: orderOf('landlock', { abi: 1, read: ['/'], write: [tmpdir()] }),
    isPossible: hasLandlock,
  },
  { name: 'mount', order: crossDevice('mount'), isPossible: mayMount },
  { name: 'bind', order: crossDevice('bind'), isPossible: mayMount },
  { name: 'lower-layer', order: crossDevice('lower-layer'), isPossible: mayMount },
  { name: 'landlock', order: crossDevice('landlock'), isPossible: hasLandlock },
  { name: 'control', order: crossDevice('control'), isPossible: true },
];

const mountsOf = ({ root }: FixtureWorld): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(root));

async function seen(world: FixtureWorld): Promise<readonly string[]> {
  return [...mountsOf(world), ...(await readdir(world.place.work))];
}

describe.each(subjects)('$name', ({ order, isPossible }) => {
  test.skipIf(!isPossible)('bites and leaves nothing', async () => {
    const world = await open();
    const prepared = await apply(world, order);
    expect(verdictOf(world, 'fixture.it.staged')).toBe('passed');
    expect(await seen(world)).not.toEqual([]);
    expect(await restore(world, prepared)).toEqual({ outcome: 'restored' });
    expect(verdictOf(world, 'fixture.it.restored')).toBe('passed');
    expect(await seen(world)).toEqual([]);
  });

  test.skipIf(!isPossible)('dead after it was applied: recovered, and again', async () => {
    const world = await open();
    world.dieAfter(1);
    await expect(apply(world, order)).rejects.toThrow(Died);
    expect(await seen(world)).not.toEqual([]);
    expect(await recoverFrom(world)).toEqual([]);
    expect(await seen(world)).toEqual([]);
    expect(await recoverFrom(world)).toEqual([]);
  });

  test.skipIf(!isPossible)('not applied, or put back too late: red (F17)', async () => {
    const skipped = await open();
    const never = await apply(skipped, { ...order, planted: 'apply-skipped' });
    expect(verdictOf(skipped, 'fixture.it.staged')).toBe('failed');
    await restore(skipped, never);
    const late = await open();
    await restore(late, await apply(late, { ...order, planted: 'undo-skipped' }));
    expect(verdictOf(late, 'fixture.it.restored')).toBe('failed');
    expect(await seen(late)).toEqual([]);
  });
});

test.skipIf(!mayMount)('half made, or half undone: undone all the same (F3)', async () => {
  const world = await open();
  const prepared = await apply(world, crossDevice('bind'));
  const base = `${world.place.work}/fixture-it`;
  expect(spawnSync('umount', [`${base}/target`]).status).toBe(0);
  expect(await restore(world, prepared)).toEqual({ outcome: 'restored' });
  expect(await seen(world)).toEqual([]);
});

test('on the host only what is of the run is renamed', async () => {
  const world = await open();
  const order = orderOf('cross-device', { cause: 'control', source: `${world.home}/x` });
  await expect(apply(world, order)).rejects.toThrow('FX002');
  expect(world.records).toHaveLength(1);
});

test.skipIf(!hasLandlock)('a launched program has what is granted and no more', async () => {
  const world = await open();
  const [inside, outside] = [`${world.root}/inside`, `${world.root}/outside`];
  await Promise.all([mkdir(inside), mkdir(outside)]);
  await writeFile(`${world.root}/secret`, 'text');
  const rules = { abi: 2, read: ['/usr', '/lib', '/lib64', '/bin', '/nowhere'], write: [inside] };
  const { applied } = await apply(world, orderOf('landlock', rules));
  const launch = applied?.outputs['path'] ?? '';
  const run = (script: string) =>
    spawnSync(launch, ['sh', '-c', script], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } });
  expect(run(`echo x > ${inside}/f && echo written`).stdout).toBe('written\n');
  expect(run(`echo x > ${outside}/f`)).toMatchObject({ status: 2 });
  expect(run(`read x < ${world.root}/secret`)).toMatchObject({ status: 2 });
  // Rules are inherited: a child of the child has no more.
  expect(run(`sh -c 'echo x > ${outside}/f'`).status).not.toBe(0);
  expect(spawnSync(launch, ['no-such-program']).status).toBe(126);
});
