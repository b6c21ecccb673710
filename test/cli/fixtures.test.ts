// Commands about fixtures of a pack: what is owed, what is prepared, what is kept and what goes.

import { randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Command } from '../../src/cli/command.ts';
import { fixturesCheck } from '../../src/cli/commands/fixtures-check.ts';
import { fixturesGc } from '../../src/cli/commands/fixtures-gc.ts';
import { fixturesList } from '../../src/cli/commands/fixtures-list.ts';
import { fixturesPrepare } from '../../src/cli/commands/fixtures-prepare.ts';
import { evictImages, readFixtureCache } from '../../src/cli/fixtures-cache.ts';
import { openProblemReport } from '../../src/cli/load-manifest.ts';
import { openPack } from '../../src/cli/open-pack.ts';
import { makeSystem } from '../../src/cli/world.ts';
import { markUsed, unpreparedReason } from '../../src/cli/prepared.ts';
import { engineHost } from '../drivers/docker/engine-here.ts';
import { captureTerminal } from './captured-terminal.ts';

let root = '';
let pack = '';
let store = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'seatrial-fixtures-'));
  [pack, store] = [join(root, 'pack'), join(root, 'store')];
  await cp(resolve(import.meta.dirname, '../fixtures/notes-pack'), pack, { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function call(command: Command, args: readonly string[] = [], values: object = {}) {
  const env = { HOME: root, npm_config_cache: join(root, 'npm') };
  const terminal = captureTerminal({ cwd: root, env });
  const code = await command.run({ args, values: { store, ...values } }, terminal);
  return { code, ...terminal.said() };
}

test('each fixture is told with its budget and both checks (F16)', async () => {
  const { code, out } = await call(fixturesCheck, [], { pack, json: true });
  const { fixtures } = JSON.parse(out) as { readonly fixtures: readonly object[] };
  expect(code).toBe(0);
  expect(fixtures).toContainEqual({
    ...{ scenario: 'write-note', fixture: 'settings', kind: 'file', budget: '5s' },
    checks: ['fixture.settings.staged', 'fixture.settings.restored'],
  });
});

test.each([
  ['FX001', 'restore: { budget: 5s },\n        with: { path', 'with: { path'],
  ['FX002', "path: '{home}/settings'", 'path: /etc/settings'],
  ['FX004', 'kind: file', 'kind: files'],
])('%s is told', async (code, from, to) => {
  const file = join(pack, 'scenarios/write-note.yaml');
  const text = await readFile(file, 'utf8');
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
  await expect(call(fixturesCheck, [], { pack })).rejects.toThrow();
  const terminal = captureTerminal({ cwd: root });
  await expect(fixturesCheck.run({ args: [], values: { pack } }, terminal)).rejects.toMatchObject({
    name: 'InvalidInput',
  });
  expect(terminal.said().err).toContain(code);
});

async function withSet(version: string): Promise<void> {
  const folder = join(pack, 'real/empty');
  await mkdir(folder, { recursive: true });
  const about = { name: 'empty', version };
  await writeFile(join(folder, 'package.json'), JSON.stringify(about));
  const lock = { ...about, lockfileVersion: 3, requires: true, packages: { '': about } };
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lock));
  const file = join(pack, 'pack.yaml');
  const text = await readFile(file, 'utf8');
  if (!text.includes('prepared:'))
    await writeFile(file, `${text}prepared: [{ id: packages, folders: { empty: real/empty } }]\n`);
}

const reason = async (id: string): Promise<string | undefined> => {
  const opened = await openPack(pack, openProblemReport(captureTerminal(), false));
  return unpreparedReason({ pack: opened, cache: join(store, 'cache/packs/notes'), id });
};

test('a set is prepared once, and anew when its packages are others', async () => {
  await withSet('1.0.0');
  expect(await reason('other')).toContain('does not describe');
  expect(await reason('packages')).toContain('fixtures prepare packages');
  const first = await call(fixturesPrepare, ['packages'], { pack });
  expect([first.code, first.out.split('\n')[0]]).toEqual([0, 'packages prepared']);
  expect(await reason('packages')).toBeUndefined();
  const again = await call(fixturesPrepare, ['packages'], { pack });
  expect(again.out).toContain('prepared already');
  expect((await call(fixturesList)).out).toBe('notes set packages: empty\n');
  await withSet('1.0.1');
  expect(await reason('packages')).toContain('from other packages');
  expect((await call(fixturesPrepare, ['packages'], { pack })).out).toContain('packages prepared');
  await rm(join(store, 'cache/packs/notes/prepared/packages/empty'), { recursive: true });
  expect(await reason('packages')).toContain('empty is gone');
  await expect(call(fixturesPrepare, ['other'], { pack })).rejects.toThrow('has no set other');
});

test('a cache image goes by its last use, and a name that means another image stays', async () => {
  const folder = join(store, 'cache/packs/notes/images');
  await mkdir(folder, { recursive: true });
  for (const name of ['mine', 'other', 'gone']) {
    const file = join(folder, `${name}.json`);
    await writeFile(
      file,
      JSON.stringify({ tag: `seatrial-cache/${name}:1`, id: `sha256:${name}`, layers: [] }),
    );
    await utimes(file, new Date('2026-01-01T00:00:00Z'), new Date('2026-01-01T00:00:00Z'));
  }
  const { images } = await readFixtureCache(store);
  expect(images.map(({ tag, lastUsed }) => [tag, lastUsed])).toContainEqual([
    'seatrial-cache/mine:1',
    '2026-01-01T00:00:00.000Z',
  ]);
  const ids: Readonly<Record<string, string>> = {
    'seatrial-cache/mine:1': 'sha256:mine',
    'seatrial-cache/other:1': 'sha256:somebody',
  };
  const untagged: string[] = [];
  await evictImages(images, {
    find: (tag) => {
      const id = ids[tag];
      return Promise.resolve(id === undefined ? undefined : { id, labels: {}, layers: [] });
    },
    untag: (tag) => {
      untagged.push(tag);
      return Promise.resolve();
    },
  });
  expect(untagged).toEqual(['seatrial-cache/mine:1']);
  expect((await readFixtureCache(store)).images).toEqual([]);
});

const longAgo = new Date('2026-01-01T00:00:00Z');

test('a prepared set goes by its last use, and a use of it counts', async () => {
  await withSet('1.0.0');
  await call(fixturesPrepare, ['packages'], { pack });
  const folder = join(store, 'cache/packs/notes/prepared');
  await utimes(join(folder, 'packages.json'), longAgo, longAgo);
  await markUsed(join(store, 'cache/packs/notes'), 'packages');
  expect((await call(fixturesGc)).out).toBe('0 removed, 1 kept\n');
  expect(await reason('packages')).toBeUndefined();
  await utimes(join(folder, 'packages.json'), longAgo, longAgo);
  expect((await call(fixturesGc)).out).toBe('removed notes/packages\n1 removed, 0 kept\n');
  expect(await reason('packages')).toContain('not prepared');
  expect(await readdir(folder)).toEqual([]);
});

test.skipIf(engineHost === undefined)('a cache image goes from its engine', async () => {
  const host = engineHost ?? '';
  const { images } = makeSystem(captureTerminal({ env: { SEATRIAL_DOCKER_HOST: host } })).fixtures;
  const tag = `seatrial-cache/gc-${randomUUID()}:1`;
  const base = await images.find('seatrial-fixture/busybox:1');
  await images.tag(base?.id ?? '', tag);
  const folder = join(store, 'cache/packs/notes/images');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'gc.json'), JSON.stringify({ tag, id: base?.id, layers: [] }));
  const gc = async (values: object): Promise<string> => {
    const terminal = captureTerminal({ cwd: root, env: { SEATRIAL_DOCKER_HOST: host } });
    await fixturesGc.run({ args: [], values: { store, ...values } }, terminal);
    return terminal.said().out;
  };
  expect(await gc({})).toBe('0 removed, 1 kept\n');
  expect(await images.find(tag)).toMatchObject({ id: base?.id });
  expect(await gc({ all: true })).toBe(`removed ${tag}\n1 removed, 0 kept\n`);
  expect(await images.find(tag)).toBeUndefined();
  // Only the cache's own name for it.
  expect(await images.find('seatrial-fixture/busybox:1')).toMatchObject({ id: base?.id });
});
