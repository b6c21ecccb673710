// A scenario whose own undo fails: the run says so, and whoever recovers puts it back, once.

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openProblemReport } from '../../src/cli/load-manifest.ts';
import { openPack } from '../../src/cli/open-pack.ts';
import { openPackRun, type PackRun } from '../../src/cli/run-pack.ts';
import type { RunState } from '../../src/evidence/run-state.ts';
import { recoverAll, type RecoverWorld } from '../../src/lifecycle/recover.ts';
import { runScenario } from '../../src/lifecycle/run-scenario.ts';
import type { ScenarioWorld } from '../../src/lifecycle/world.ts';
import { WorldError } from '../../src/ports/world-error.ts';
import { captureTerminal } from '../cli/captured-terminal.ts';

const notes = resolve(import.meta.dirname, '../fixtures/notes-pack');
let root = '';
let pack = '';
/** Whether what the run has to put back can be changed. */
let stuck: (path: string) => boolean = () => false;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'seatrial-undo-'));
  pack = join(root, 'pack');
  await cp(notes, pack, { recursive: true });
  stuck = () => false;
});
afterEach(() => rm(root, { recursive: true, force: true }));

const refuse = (path: string): Promise<never> =>
  Promise.reject(new WorldError('permission', `planted: ${path} stays`));

function disturbed(world: ScenarioWorld): ScenarioWorld {
  const remove: ScenarioWorld['files']['remove'] = (path) =>
    stuck(path) ? refuse(path) : world.files.remove(path);
  return {
    ...world,
    files: { ...world.files, remove },
    fixtures: { ...world.fixtures, files: { ...world.fixtures.files, remove } },
  };
}

type Change = { readonly asked?: Partial<PackRun>; readonly around?: typeof disturbed };

async function open({ asked = {}, around = disturbed }: Change = {}) {
  const terminal = captureTerminal({ env: { SEATRIAL_LOCKS: join(root, 'locks') } });
  const opened = await openPackRun(
    {
      pack: await openPack(pack, openProblemReport(terminal, false)),
      ...{ scenario: 'write-note', store: join(root, 'store') },
      ...{ waitMs: 30_000, maxLifetimeMs: 120_000, ...asked },
    },
    terminal,
  );
  return { ...opened, world: around(opened.world) };
}

async function runIt(change: Change = {}) {
  const { world, run, options } = await open(change);
  const result = await runScenario(world, run, options);
  const recovering: RecoverWorld = world;
  return { ...result, recover: () => recoverAll(recovering, options) };
}

const verdictOf = ({ checks }: RunState, id: string): string | undefined =>
  checks.find((check) => check.id === id)?.verdict;

test.each([
  ['alone', undefined],
  ['with a planted fault', 'write.lose-note'],
])('a folder that stays is the testbed’s fault, %s', async (_name, mutant) => {
  stuck = (path) => path.startsWith(join(root, 'store', 'work')) && !path.includes('/home');
  const { world } = await open();
  const canary = (await open()).run.pack.canaries.find(({ id }) => id === mutant);
  const { state, run, recover } = await runIt(canary === undefined ? {} : { asked: { canary } });
  expect(verdictOf(state, 'floor.remove.no-leftovers')).toBe('error');
  expect(state.undos).toContainEqual(
    expect.objectContaining({ undo: 'work-folder', outcome: 'failed' }),
  );
  expect(state.exitCode).toBe(mutant === undefined ? 3 : 1);
  expect(await recover()).toMatchObject([{ run, outcome: 'leftovers' }]);
  stuck = () => false;
  expect(await recover()).toMatchObject([{ run, outcome: 'recovered' }]);
  expect(await world.files.stat(state.started.work)).toBeUndefined();
  expect(await recover()).toEqual([]);
});

test('a bug in a fixture that has changed something leaves nothing changed', async () => {
  const bug = new TypeError('planted');
  const put: string[] = [];
  const around = (world: ScenarioWorld): ScenarioWorld => {
    const { fixtures } = world;
    const replace: typeof fixtures.files.replace = async (path, bytes, mode) => {
      await fixtures.files.replace(path, bytes, mode);
      if (!path.endsWith('/home/settings')) return;
      put.push(path);
      throw bug;
    };
    return { ...world, fixtures: { ...fixtures, files: { ...fixtures.files, replace } } };
  };
  const { world, run, options } = await open({ around });
  const ended: unknown[] = [];
  const onRecord: typeof options.onRecord = ({ type, data }) => {
    if (type === 'undo.ended' || type === 'run.ended') ended.push(data);
  };
  await expect(runScenario(world, run, { ...options, onRecord })).rejects.toBe(bug);
  expect(put).toHaveLength(1);
  expect(ended).toMatchObject([
    { undo: 'fixture.settings', outcome: 'restored' },
    { undo: 'work-folder', outcome: 'restored' },
    { undo: 'runtime-folder', outcome: 'restored' },
    { outcome: 'crashed' },
  ]);
});

/** A file that outlives each run. */
async function shared(): Promise<string> {
  const file = join(root, 'shared');
  await writeFile(file, 'as it was');
  const scenario = join(pack, 'scenarios/write-note.yaml');
  const text = await readFile(scenario, 'utf8');
  expect(text).toContain("path: '{home}/settings'");
  await writeFile(scenario, text.replace("path: '{home}/settings'", `path: ${file}, system: true`));
  return file;
}

/** The file cannot be put back. */
const kept =
  (file: string) =>
  (world: ScenarioWorld): ScenarioWorld => {
    const { fixtures } = world;
    let puts = 0;
    const replace: typeof fixtures.files.replace = (path, bytes, mode) => {
      if (path === file) puts += 1;
      return path === file && puts > 1 ? refuse(path) : fixtures.files.replace(path, bytes, mode);
    };
    const copyTree: typeof fixtures.files.copyTree = (from, to) =>
      to.startsWith(file) ? refuse(to) : fixtures.files.copyTree(from, to);
    return { ...world, fixtures: { ...fixtures, files: { ...fixtures.files, replace, copyTree } } };
  };

test('a fixture that an ended run left is undone before another one goes there (F11)', async () => {
  const file = await shared();
  const asked = { allowSystem: true };
  const first = await runIt({ asked, around: kept(file) });
  expect(first.state.ended?.outcome).toBe('completed');
  expect(verdictOf(first.state, 'fixture.settings.restored')).toBe('error');
  expect(await readFile(file, 'utf8')).toBe(`run ${first.run}`);
  const never = (world: ScenarioWorld): ScenarioWorld => {
    const { files } = world.fixtures;
    const [replace, copyTree] = [refuse, (_from: string, to: string) => refuse(to)];
    return { ...world, fixtures: { ...world.fixtures, files: { ...files, replace, copyTree } } };
  };
  const second = await runIt({ asked, around: never });
  expect(second.state.ended).toMatchObject({ outcome: 'stopped', cause: 'resource-busy' });
  expect(second.state.exitCode).toBe(3);
  const third = await runIt({ asked });
  expect(third.state.reasons).toEqual([]);
  expect(third.state.notes).toMatchObject([{ code: 'recovered-before' }]);
  expect(third.state.notes[0]?.message).toContain(first.run);
  expect(await readFile(file, 'utf8')).toBe('as it was');
  // Once: what came after that is nobody's to undo.
  await writeFile(file, 'mine');
  expect(await third.recover()).toEqual([]);
  expect((await runIt({ asked })).state.notes).toEqual([]);
  expect(await readFile(file, 'utf8')).toBe('mine');
});

/** Limits of those lengths are over at that moment. */
function timed(over: readonly number[], { at, said }: { at: string; said: string[] }) {
  const wakes: (() => void)[] = [];
  return (world: ScenarioWorld): ScenarioWorld => {
    const { clock, driver, locks, fixtures } = world;
    const spend = (where: string): void => {
      if (where === at) for (const wake of wakes) wake();
    };
    return {
      ...world,
      clock: {
        ...clock,
        sleep: (milliseconds, signal) => {
          if (!over.includes(milliseconds)) return clock.sleep(milliseconds, signal);
          said.push(`limit ${String(milliseconds)}`);
          return new Promise((resolve) => wakes.push(resolve));
        },
      },
      locks: {
        ...locks,
        acquire: (name, wait) => {
          if (name.startsWith('fixture-')) said.push('fixture lock');
          return locks.acquire(name, wait);
        },
      },
      fixtures: {
        ...fixtures,
        files: {
          ...fixtures.files,
          replace: (...put) => {
            spend('apply');
            return fixtures.files.replace(...put);
          },
        },
      },
      driver: {
        ...driver,
        remove: (...asked) => {
          spend('cleanup');
          return driver.remove(...asked);
        },
      },
    };
  };
}

test.each([
  ['cleanup', 'completed', undefined],
  ['apply', 'stopped', 'max-lifetime'],
])('budget and lifetime that end during %s: %s', async (at, outcome, cause) => {
  const [budgetMs, lifetimeMs] = [61_000, 123_456];
  const scenario = join(pack, 'scenarios/write-note.yaml');
  const text = await readFile(scenario, 'utf8');
  await writeFile(scenario, text.replace('budget: 1m', 'budget: 61s'));
  const said: string[] = [];
  const around = timed([lifetimeMs, budgetMs], { at, said });
  const { state } = await runIt({ asked: { maxLifetimeMs: lifetimeMs }, around });
  expect([state.ended?.outcome, state.ended?.cause]).toEqual([outcome, cause]);
  // Waiting for somebody else's fixture is not the scenario's time.
  expect(said.slice(0, said.indexOf(`limit ${String(budgetMs)}`) + 1)).toEqual([
    `limit ${String(lifetimeMs)}`,
    'fixture lock',
    'fixture lock',
    `limit ${String(budgetMs)}`,
  ]);
});
