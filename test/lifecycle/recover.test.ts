// Dead runs of every kind, made from the records of a run that lived.

import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeLocks } from '../../src/drivers/locks.ts';
import { readRunsList, verifyRunsList } from '../../src/evidence/runs-list.ts';
import { listUnfinished, recoverAll } from '../../src/lifecycle/recover.ts';
import type { World } from '../../src/lifecycle/world.ts';
import { WorldError } from '../../src/ports/world-error.ts';
import { makeBench, reports, type Bench, removeBenches } from './harness.ts';

afterEach(removeBenches);

const context = ({ store }: Bench) => ({ store, project: reports });
const journalOf = ({ store }: Bench, run: string): string =>
  join(store.root, 'runs', run, 'journal.jsonl');

/** A run whose process died after so many records; its list line of the end is gone too. */
async function deadRun(bench: Bench, records: number): Promise<string> {
  const { run } = await bench.run();
  const journal = journalOf(bench, run);
  const lines = (await readFile(journal, 'utf8')).trimEnd().split('\n').slice(0, records);
  await writeFile(journal, lines.map((line) => `${line}\n`).join(''));
  const list = join(bench.store.root, 'runs.jsonl');
  const [started = ''] = (await readFile(list, 'utf8')).split('\n');
  await writeFile(list, `${started}\n`);
  return run;
}

const sealed = async (bench: Bench, run: string): Promise<void> => {
  expect((await verifyRunsList(bench.store)).findings).toEqual([]);
  expect((await bench.verify(run)).findings.filter(({ severity }) => severity === 'error')).toEqual(
    [],
  );
};

test.each([1, 2, 20, 60, 110])('a run that died after record %i', async (records) => {
  const bench = await makeBench();
  const run = await deadRun(bench, records);
  expect(await listUnfinished(bench.world, context(bench))).toMatchObject([
    { run, outcome: 'dead' },
  ]);
  expect(await recoverAll(bench.world, context(bench))).toMatchObject([
    { run, outcome: 'recovered' },
  ]);
  await sealed(bench, run);
  expect((await bench.verify(run)).state).toMatchObject({
    exitCode: 3,
    ended: { outcome: 'recovered' },
  });
  expect(await recoverAll(bench.world, context(bench))).toEqual([]);
});

test('LK-06: after a reboot, with another boot id and no locks, it is cleaned up all the same', async () => {
  const bench = await makeBench();
  const run = await deadRun(bench, 60);
  await bench.world.files.remove(join(bench.root, 'locks'));
  const locks = makeLocks({
    folder: join(bench.root, 'locks'),
    searchPath: process.env['PATH'] ?? '',
  });
  const host = { ...bench.world.host, bootId: 'boot-2' };
  const rebooted = { ...bench.world, host, locks };
  expect(await recoverAll(rebooted, context(bench))).toMatchObject([{ run, outcome: 'recovered' }]);
  expect(bench.fakeWorld.read().apps.size).toBe(0);
  await sealed(bench, run);
});

test('a run that had ended gets its reports, its result and its line in the list', async () => {
  const bench = await makeBench();
  const run = await deadRun(bench, 1000);
  const bundle = join(bench.store.root, 'runs', run);
  await bench.world.files.remove(join(bundle, 'markers.log'));
  await bench.world.files.remove(join(bundle, 'report.html'));
  await writeFile(join(bundle, 'result.json'), '{}');
  const done = await recoverAll(bench.world, context(bench));
  expect(done).toMatchObject([{ run, outcome: 'closed' }]);
  await sealed(bench, run);
  expect(await readdir(bundle)).toContain('report.html');
  expect((await readRunsList(bench.store)).lines.at(-1)).toMatchObject({ verdict: 'passed' });
});

test('a torn last line is cut off, what was half written goes', async () => {
  const bench = await makeBench();
  const run = await deadRun(bench, 30);
  const bundle = join(bench.store.root, 'runs', run);
  await appendFile(journalOf(bench, run), '{"at":"2026-');
  await writeFile(join(bundle, '.seatrial-00ff.tmp'), 'half');
  await recoverAll(bench.world, context(bench));
  await sealed(bench, run);
  expect(await readdir(bundle)).not.toContain('.seatrial-00ff.tmp');
});

test('an edited journal is evidence: not written on, and verify names the record', async () => {
  const bench = await makeBench();
  const run = await deadRun(bench, 40);
  const journal = journalOf(bench, run);
  const lines = (await readFile(journal, 'utf8')).split('\n');
  lines[4] = lines[4]?.replace(/"at":"2026/, '"at":"2025') ?? '';
  const edited = lines.join('\n');
  await writeFile(journal, edited);
  const done = await recoverAll(bench.world, context(bench));
  expect(done).toMatchObject([{ run, outcome: 'unreadable' }]);
  expect(await readFile(journal, 'utf8')).toBe(edited);
  const { ok, findings } = await bench.verify(run);
  expect(ok).toBe(false);
  expect(findings).toContainEqual(
    expect.objectContaining({ file: 'journal.jsonl', code: 'chain-broken' }),
  );
  expect(findings.some(({ seq }) => seq === 5 || seq === 6)).toBe(true);
});

test('a run that died before its first record is closed in the list and leaves no folder', async () => {
  const bench = await makeBench();
  const run = await deadRun(bench, 0);
  const done = await recoverAll(bench.world, context(bench));
  expect(done).toMatchObject([{ run, outcome: 'never-began' }]);
  expect(await readdir(join(bench.store.root, 'runs'))).toEqual([]);
  expect((await verifyRunsList(bench.store)).findings).toEqual([]);
  expect(await recoverAll(bench.world, context(bench))).toEqual([]);
});

test('a bundle that somebody deleted is still missed', async () => {
  const bench = await makeBench();
  const { run } = await bench.run();
  await bench.world.files.remove(join(bench.store.root, 'runs', run));
  await recoverAll(bench.world, context(bench));
  expect((await verifyRunsList(bench.store)).findings).toMatchObject([{ code: 'no-bundle', run }]);
});

test.each([0, 30])('a run whose lock is held after %i records is left alone', async (records) => {
  const bench = await makeBench();
  const run = await deadRun(bench, records);
  const before = await bench.world.files.listing(bench.store.root);
  const { plan } = await bench.plan();
  const lock = await bench.world.locks.acquire(`app-${plan.instance}`, { waitMs: 1000 });
  expect(await recoverAll(bench.world, context(bench))).toMatchObject([{ run, outcome: 'alive' }]);
  const listed = await listUnfinished(bench.world, context(bench));
  expect(listed).toMatchObject([{ run, outcome: 'alive' }]);
  expect(await bench.world.files.listing(bench.store.root)).toEqual(before);
  await lock.release();
});

test('the next run of the instance cleans up first and says so', async () => {
  const bench = await makeBench();
  const dead = await deadRun(bench, 30);
  const { state } = await bench.run();
  expect(state.verdict).toBe('passed');
  expect(state.notes).toMatchObject([{ code: 'recovered-before' }]);
  expect(state.notes[0]?.message).toContain(dead);
  await sealed(bench, dead);
});

/** A dead run may be of a driver that this version or host does not have. */
const withoutDriver = ({ world }: Bench): World => ({
  ...world,
  driverFor: () => {
    throw new WorldError('unavailable', 'there is no such driver here');
  },
});

test('a dead run of another driver keeps nobody from running, and waits for one who can', async () => {
  const bench = await makeBench();
  const dead = await deadRun(bench, 30);
  const { state } = await bench.run({}, withoutDriver(bench));
  expect(state.verdict).toBe('passed');
  expect(state.notes[0]?.message).toMatch(/still there|no such driver/);
  const still = await recoverAll(withoutDriver(bench), context(bench));
  expect(still).toMatchObject([{ run: dead, outcome: 'leftovers' }]);
  expect((await bench.verify(dead)).state?.ended).toBeUndefined();
  const done = await recoverAll(bench.world, context(bench));
  expect(done).toMatchObject([{ run: dead, outcome: 'recovered' }]);
  await sealed(bench, dead);
});

test('a bug in a report ends as a bug, once: the run is listed and the next one starts', async () => {
  const bench = await makeBench();
  const bug = new TypeError('planted');
  const project = () => Promise.reject(bug);
  await expect(bench.run({ run: { project } })).rejects.toBe(bug);
  expect(bench.fakeWorld.read().apps.size).toBe(0);
  expect(await recoverAll(bench.world, context(bench))).toEqual([]);
  expect((await bench.run()).state.verdict).toBe('passed');
});

test('FR-08: told of it instead, the run keeps its verdict and its exit code', async () => {
  const bench = await makeBench();
  const told: string[] = [];
  const project = () => Promise.reject(new TypeError('planted: no report'));
  const onUnwritten = (message: string): void => void told.push(message);
  const { state, run } = await bench.run({ run: { project, onUnwritten } });
  expect(state).toMatchObject({ verdict: 'passed', exitCode: 0 });
  expect(told).toEqual(['planted: no report']);
  expect((await readRunsList(bench.store)).lines.at(-1)).toMatchObject({ verdict: 'passed' });
  expect(await readdir(join(bench.store.root, 'runs', run))).not.toContain('report.html');
  expect(await recoverAll(bench.world, context(bench))).toEqual([]);
});

test('one run that cannot be recovered does not keep the others from it', async () => {
  const bench = await makeBench();
  const first = await deadRun(bench, 30);
  const list = join(bench.store.root, 'runs.jsonl');
  const begun = await readFile(list, 'utf8');
  bench.clock.jump(60_000);
  const other = await bench.run({ plan: { head: '1.0.0' } });
  const lines = (await readFile(list, 'utf8')).split('\n').slice(0, -2);
  await writeFile(list, `${lines.join('\n')}\n`);
  expect(lines.join('\n')).toContain(begun.trim());
  const project: typeof reports = (state) =>
    state?.started.run === first ? Promise.reject(new TypeError('planted')) : reports();
  await expect(recoverAll(bench.world, { ...context(bench), project })).rejects.toThrow('planted');
  expect(await listUnfinished(bench.world, context(bench))).toEqual([]);
  await sealed(bench, other.run);
});
