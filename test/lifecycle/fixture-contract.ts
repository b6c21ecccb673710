// What every kind of fixture does, whenever the run dies: it bites, it comes back, and its two checks can be red.

import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FixturePlace } from '../../src/lifecycle/fixture-kind.ts';
import type { FixtureOrder } from '../../src/lifecycle/fixtures.ts';
import { systemFiles } from '../../src/drivers/files.ts';
import {
  apply,
  Died,
  ports,
  recoverFrom,
  restore,
  verdictOf,
  type FixtureWorld,
} from './fixture-world.ts';

export type Subject = {
  readonly name: string;
  /** Makes what is there before. */
  readonly setUp: (world: FixtureWorld) => Promise<void>;
  readonly order: (world: FixtureWorld) => FixtureOrder;
  readonly place?: (place: FixturePlace, world: FixtureWorld) => FixturePlace;
  /** What can be seen of it beside files and listeners. */
  readonly also?: (world: FixtureWorld) => Promise<string>;
  /** What somebody else does to the target meanwhile; absent where it belongs to the product. */
  readonly meddle?: (world: FixtureWorld) => Promise<void>;
};

type Open = () => Promise<FixtureWorld>;

export const placeOf = ({ place }: Subject, world: FixtureWorld): FixturePlace =>
  place === undefined ? world.place : place(world.place, world);

/** Everything that can be seen of the home: names, kinds, modes, owners, bytes, links; and who listens. */
export async function seen(world: FixtureWorld, { also }: Subject): Promise<string> {
  const { home, place } = world;
  const entries = [
    ...(await systemFiles.listing(home)),
    ...(await systemFiles.listing(place.work)),
  ];
  const lines = entries.map(({ path, kind, mode, uid, gid, sha256, target }) =>
    JSON.stringify([path, kind, mode, uid, gid, sha256 ?? target]),
  );
  const listens = ports.servers.addressOf(`listener ${place.work}/${place.id}`);
  const text = [...lines, listens ?? 'nothing listens', await also?.(world)].join('\n');
  return createHash('sha256').update(text).digest('hex');
}

export async function ready(subject: Subject, open: Open) {
  const world = await open();
  await subject.setUp(world);
  return { world, place: placeOf(subject, world), before: await seen(world, subject) };
}

async function live(world: FixtureWorld, order: FixtureOrder, place: FixturePlace): Promise<void> {
  try {
    await restore(world, await apply(world, order, place));
  } catch (error) {
    if (!(error instanceof Died)) throw error;
  }
}

/** Called inside a `describe` of the kind. */
export function fixtureContract(subject: Subject, open: Open): void {
  test('bites and comes back', async () => {
    const { world, place, before } = await ready(subject, open);
    const prepared = await apply(world, subject.order(world), place);
    expect(verdictOf(world, 'fixture.it.staged')).toBe('passed');
    expect(await seen(world, subject)).not.toBe(before);
    expect(await restore(world, prepared)).toEqual({ outcome: 'restored' });
    expect(verdictOf(world, 'fixture.it.restored')).toBe('passed');
    expect(await seen(world, subject)).toBe(before);
    expect(await readdir(join(world.root, 'store')).catch(() => [])).not.toContain('undo/it');
    expect(world.records.map(({ type }) => type)).toEqual([
      ...['run.started', 'undo.registered', 'fixture.applied', 'check.started', 'check.ended'],
      ...['undo.ended', 'fixture.restored', 'check.started', 'check.ended'],
    ]);
  });

  test('the undo is registered before anything changes (F1)', async () => {
    const { world, place, before } = await ready(subject, open);
    world.dieAfter(0);
    await expect(apply(world, subject.order(world), place)).rejects.toThrow(Died);
    expect(await seen(world, subject)).toBe(before);
  });

  test.each([1, 2, 3, 4, 5, 6, 7])(
    'dead after record %i, recovered, and again',
    async (position) => {
      const { world, place, before } = await ready(subject, open);
      world.dieAfter(position);
      await live(world, subject.order(world), place);
      expect(await recoverFrom(world)).toEqual([]);
      expect(await seen(world, subject)).toBe(before);
      expect(await recoverFrom(world)).toEqual([]);
      expect(await seen(world, subject)).toBe(before);
    },
  );

  test('not applied: staged is red (F17)', async () => {
    const { world, place, before } = await ready(subject, open);
    const order = { ...subject.order(world), planted: 'apply-skipped' as const };
    const prepared = await apply(world, order, place);
    expect(verdictOf(world, 'fixture.it.staged')).toBe('failed');
    await restore(world, prepared);
    expect(await seen(world, subject)).toBe(before);
  });

  test('put back too late: restored is red (F17)', async () => {
    const { world, place, before } = await ready(subject, open);
    const order = { ...subject.order(world), planted: 'undo-skipped' as const };
    const prepared = await apply(world, order, place);
    expect(verdictOf(world, 'fixture.it.staged')).toBe('passed');
    await restore(world, prepared);
    expect(verdictOf(world, 'fixture.it.restored')).toBe('failed');
    expect(await seen(world, subject)).toBe(before);
  });

  test('nothing to undo any more', async () => {
    const { world, place } = await ready(subject, open);
    const prepared = await apply(world, subject.order(world), place);
    await rm(world.home, { recursive: true });
    await mkdir(world.home);
    expect((await restore(world, prepared)).outcome).toBe('restored');
  });
}
