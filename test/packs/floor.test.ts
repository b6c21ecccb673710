// The floor's own pack, run whole: each planted fault must be noticed by the check that it is meant for, and
// no check of the floor may be without one.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { floorChecks, runChecks } from '../../src/checks/floor.ts';
import { runCanary, type CanaryResult } from '../../src/cli/canaries.ts';
import { canariesRun } from '../../src/cli/commands/canaries-run.ts';
import { decodeSource } from '../../src/diagnostics/source.ts';
import { systemFiles } from '../../src/drivers/files.ts';
import { loadCanaries, type Canary } from '../../src/scenario/canaries.ts';
import { captureTerminal } from '../cli/captured-terminal.ts';

const pack = 'packs/floor';
const path = `${pack}/canaries/canaries.yaml`;
const { canaries = [] } = loadCanaries(decodeSource(path, await systemFiles.read(path)).source);

const everyCheck = [
  ...floorChecks.flatMap(({ name, operations }) =>
    operations.map((operation) => `floor.${operation}.${name}`),
  ),
  ...runChecks.map(({ id }) => id),
];

let store = '';
beforeAll(async () => {
  store = await mkdtemp(join(tmpdir(), 'seatrial-floor-'));
});
afterAll(async () => {
  await rm(store, { recursive: true, force: true });
});

// Whole runs, most of which only wait for the disk or for a process; on an idle machine 20 s.
describe('canaries of the floor', { timeout: 300_000 }, () => {
  let exitCode: number;
  let told: { readonly results: readonly CanaryResult[]; readonly unproven: readonly string[] };
  beforeAll(async () => {
    const terminal = captureTerminal();
    const values = { store, json: true, parallel: '6' };
    exitCode = await canariesRun.run({ args: ['floor'], values }, terminal);
    told = JSON.parse(terminal.said().out) as typeof told;
  }, 300_000);

  test('DG7: are all red', () => {
    expect(told.results.filter(({ outcome }) => outcome !== 'red')).toEqual([]);
    expect(told.results.map(({ id }) => id)).toEqual(canaries.map(({ id }) => id));
    expect(exitCode).toBe(0);
  });

  // The pack of Co-op Cloud plants the same on a real Swarm, and `npm run acceptance:coop-cloud` runs all of it.
  test.each([
    ['FG-01', 'install-other-release', 'floor.install.identity'],
    ['FG-02', 'old-release-stays', 'floor.upgrade.identity'],
    ['FG-06', 'rolled-back', 'floor.upgrade.applied'],
    ['FG-07', 'orphan', 'floor.upgrade.no-orphans'],
    ['FG-09', 'mute-after-upgrade', 'floor.upgrade.serving'],
    ['FG-13', 'check-dropped', 'run.expected.kept'],
    ['FG-14', 'backup-misses-file', 'floor.backup.covers'],
    ['FG-14', 'stale-artifact', 'floor.backup.artifact'],
    ['FG-15', 'backup-hook-fails', 'floor.backup.hooks'],
    ['FG-15', 'backup-empty-scope', 'floor.backup.scope'],
    ['FG-16', 'restore-does-nothing', 'floor.restore.markers-back'],
    ['FG-17', 'destroy-does-nothing', 'floor.restore.emptied'],
    ['FG-21', 'second-install', 'run.deployment.once'],
    ['FG-21', 'counter-dies-when-asked', 'floor.custom.stable'],
    ['LK-05', 'leftover-file', 'floor.remove.no-leftovers'],
    ['LK-05', 'remove-prunes', 'floor.remove.images-kept'],
    ['LK-10', 'secret-in-log', 'run.secrets.absent'],
  ])('%s: %s is noticed by %s', (_row, fault, check) => {
    expect(told.results.find(({ id }) => id === fault)?.killed).toContain(check);
  });

  test('leave no check that they ask unproven', () => {
    expect(told.unproven).toEqual([]);
  });

  test('kill every check that the floor has', () => {
    const killed = new Set(told.results.flatMap((result) => result.killed));
    expect(everyCheck.filter((id) => !killed.has(id))).toEqual([]);
    expect(everyCheck.length).toBeGreaterThan(40);
  });
});

const idle: Canary = {
  id: 'idle',
  scenario: 'fresh',
  manifest: 'apps/fake/seatrial.yaml',
  plant: { env: { NOTHING: 'wrong' } },
  kills: ['floor.install.done'],
  spares: [],
};
const context = () => ({ pack, store, terminal: captureTerminal() });

test('canary: a fault that does nothing is told from one that is noticed', async () => {
  const result = await runCanary(idle, context());
  expect(result).toMatchObject({ outcome: 'green', killed: [] });
  expect(result.message).toBe('floor.install.done is passed');
});

test('canary: a fault that hurts more than it should is no proof', async () => {
  const wide: Canary = {
    ...idle,
    id: 'wide',
    plant: { fake: ['install-fails'] },
    spares: ['floor.install.converged'],
  };
  expect(await runCanary(wide, context())).toMatchObject({
    outcome: 'green',
    message: 'floor.install.converged should be spared but is not-run',
  });
});

test('canary: a check that a run does not ask is not killed', async () => {
  const absent: Canary = { ...idle, id: 'absent', kills: ['floor.upgrade.done'] };
  const result = await runCanary(absent, context());
  expect(result).toMatchObject({ outcome: 'green', killed: [] });
  expect(result.message).toBe('floor.upgrade.done is not expected');
});
