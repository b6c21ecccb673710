// A scenario whose own undo fails: the run says so, and whoever recovers puts it back, once.

import { cp, mkdtemp, rm } from 'node:fs/promises';
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
