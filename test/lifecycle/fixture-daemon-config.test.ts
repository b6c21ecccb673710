// Kind `daemon-config` at an engine that a table plays; a real one is in crash-engines.test.ts.

import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { applyFixture, restoreFixture, type Prepared } from '../../src/lifecycle/fixtures.ts';
import { undoFixtures } from '../../src/lifecycle/undo-fixtures.ts';
import type { EngineHome } from '../../src/ports/engines.ts';
import { fakeConfig, makeFakeEngines, type FakeEngines } from './fake-engines.ts';
import {
  Died,
  openFixtureWorld,
  orderOf,
  ports,
  verdictOf,
  type FixtureWorld,
} from './fixture-world.ts';

const worlds: FixtureWorld[] = [];
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

type At = {
  readonly world: FixtureWorld;
  readonly engines: FakeEngines;
  readonly file: string;
  readonly home: EngineHome;
};

async function open(): Promise<At> {
  const world = await openFixtureWorld();
  worlds.push(world);
  const folder = `${world.place.work}/engine-it`;
  const home = { folder, runtime: world.place.runtime, run: world.place.run };
  return { world, engines: makeFakeEngines(), file: `${folder}/daemon.json`, home };
}

const labels = ['seatrial.fixture=it'];
const inputs = {
  set: { '/default-cgroupns-mode': 'private', '/labels': labels },
  reports: { '/Labels': labels },
};
const order = (more: Parameters<typeof orderOf>[2] = {}) => orderOf('daemon-config', inputs, more);

const sessionOf = ({ world, engines }: At) => ({ ...world.session, ports: { ...ports, engines } });
const apply = (at: At, what = order()): Promise<Prepared> =>
  applyFixture(sessionOf(at), what, at.world.place, { number: 1, keep: () => undefined });
const restore = (at: At, prepared: Prepared) =>
  restoreFixture(sessionOf(at), prepared, at.world.place.run);
const recover = ({ world, engines }: At) =>
  undoFixtures({ ...ports, engines }, world.state(), () => Promise.resolve());

/** The file with its mode, and what the engine says of itself. */
async function seen({ file, engines, home }: At) {
  const { info } = await engines.look(home);
  const { mode } = await stat(file);
  return { text: await readFile(file, 'utf8'), mode: mode & 0o777, info };
}

const before = {
  ...{ text: fakeConfig, mode: 0o640 },
  info: { Labels: [], Debug: false, Containers: 3 },
};

test('edited and started again; and back', async () => {
  const at = await open();
  const prepared = await apply(at);
  expect(verdictOf(at.world, 'fixture.it.staged')).toBe('passed');
  expect(await seen(at)).toMatchObject({ mode: 0o640, info: { Labels: labels } });
  expect(JSON.parse((await seen(at)).text)).toMatchObject({ debug: false, labels });
  expect(prepared.applied?.outputs['config']).toBe(at.file);
  expect(await restore(at, prepared)).toEqual({ outcome: 'restored' });
  expect(verdictOf(at.world, 'fixture.it.restored')).toBe('passed');
  expect(await seen(at)).toEqual(before);
  expect(at.engines.starts()).toBe(3);
  expect(at.world.records.map(({ type }) => type).slice(0, 5)).toEqual([
    ...['run.started', 'resource.intended', 'resource.created'],
    ...['undo.registered', 'fixture.applied'],
  ]);
});

test('no engine without a record of what to remove, no edit without one of how to undo it (F1)', async () => {
  const at = await open();
  at.world.dieAfter(0);
  await expect(apply(at)).rejects.toThrow(Died);
  expect(at.engines.starts()).toBe(0);
  const next = await open();
  next.world.dieAfter(2);
  await expect(apply(next)).rejects.toThrow(Died);
  expect(await seen(next)).toEqual(before);
});

const all = process.env['SEATRIAL_CRASH'] === 'all';

test.each(all ? [3, 4, 5, 6, 7, 8, 9] : [3, 4, 7])(
  'dead after record %i, recovered, and again',
  async (position) => {
    const at = await open();
    at.world.dieAfter(position);
    const lived = async () => restore(at, await apply(at));
    await lived().catch((error: unknown) => {
      if (!(error instanceof Died)) throw error;
    });
    for (let times = 0; times < 2; times += 1) {
      expect(await recover(at)).toEqual([]);
      expect(await seen(at)).toEqual(before);
    }
  },
);

test('not applied, or put back too late: red (F17)', async () => {
  const at = await open();
  await restore(at, await apply(at, order({ planted: 'apply-skipped' })));
  expect(verdictOf(at.world, 'fixture.it.staged')).toBe('failed');
  expect(await seen(at)).toEqual(before);
  const late = await open();
  await restore(late, await apply(late, order({ planted: 'undo-skipped' })));
  expect(verdictOf(late.world, 'fixture.it.restored')).toBe('failed');
  expect(await seen(late)).toEqual(before);
});

test('an engine that does not report what it was told: staged is red', async () => {
  const at = await open();
  const what = orderOf('daemon-config', { ...inputs, reports: { '/Labels': ['other'] } });
  await restore(at, await apply(at, what));
  expect(verdictOf(at.world, 'fixture.it.staged')).toBe('failed');
});

test('a configuration that the engine does not start on: staged is an error, and it runs again', async () => {
  const at = await open();
  const prepared = await apply(at, orderOf('daemon-config', { set: { '/unheard-of': 1 } }));
  expect(verdictOf(at.world, 'fixture.it.staged')).toBe('error');
  expect(await restore(at, prepared)).toEqual({ outcome: 'restored' });
  expect(await seen(at)).toEqual(before);
});

test('an engine that somebody ended runs again', async () => {
  const at = await open();
  const prepared = await apply(at);
  at.engines.kill(at.home);
  await restore(at, prepared);
  expect(verdictOf(at.world, 'fixture.it.restored')).toBe('passed');
  expect(await seen(at)).toEqual(before);
});

const host = '"default-cgroupns-mode": "host"';
test.each<[string, (text: string) => string]>([
  ['its own key', (text) => text.replace('"default-cgroupns-mode": "private"', host)],
  ['the whole file, written anew', (text) => JSON.stringify(JSON.parse(text))],
])('the product changed %s: it goes back byte by byte', async (_what, change) => {
  const at = await open();
  const prepared = await apply(at);
  const changed = change((await seen(at)).text);
  expect(changed).not.toBe((await seen(at)).text);
  await writeFile(at.file, changed);
  await restore(at, prepared);
  expect(verdictOf(at.world, 'fixture.it.restored')).toBe('passed');
  expect(await seen(at)).toEqual(before);
});

test('another key that somebody changed is left alone and told (F9)', async () => {
  const at = await open();
  const prepared = await apply(at);
  await writeFile(at.file, (await seen(at)).text.replace('"debug": false', '"debug": true'));
  await restore(at, prepared);
  expect((await seen(at)).text).toBe(fakeConfig.replace('false', 'true'));
  expect(verdictOf(at.world, 'fixture.it.restored')).toBe('failed');
});

test('a file that somebody broke is kept beside it (F8); one that is gone comes back', async () => {
  const at = await open();
  const prepared = await apply(at);
  await writeFile(at.file, '{ "debug": ');
  await restore(at, prepared);
  expect(await seen(at)).toEqual(before);
  expect(verdictOf(at.world, 'fixture.it.restored')).toBe('failed');
  const names = await readdir(at.home.folder);
  expect(names.filter((name) => name.includes('seatrial-conflict'))).toHaveLength(1);
  const gone = await open();
  const again = await apply(gone);
  await rm(gone.file);
  await restore(gone, again);
  expect(await seen(gone)).toEqual(before);
  expect(verdictOf(gone.world, 'fixture.it.restored')).toBe('passed');
});
