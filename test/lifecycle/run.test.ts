import { readdir } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { readRunsList, verifyRunsList } from '../../src/evidence/runs-list.ts';
import type { RunState } from '../../src/evidence/run-state.ts';
import type { PlanRequest } from '../../src/lifecycle/plan-request.ts';
import { makeBench, manifestOf, memoryReleases, overlay, removeBenches } from './harness.ts';

afterEach(removeBenches);

const verdictOf = (state: RunState, id: string) =>
  state.checks.find((check) => check.id === id)?.verdict;
const reason = 'the data of this app live elsewhere';

test('a whole run: every operation once, one deployment, nothing left, a bundle that verifies', async () => {
  const bench = await makeBench();
  const { state, run } = await bench.run();
  expect(state.reasons).toEqual([]);
  expect(state).toMatchObject({ verdict: 'passed', exitCode: 0, deployments: 1 });
  expect(state.operations.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    ...['install done', 'upgrade done', 'backup done', 'restore done', 'rebuild done'],
    ...['custom skipped', 'remove done'],
  ]);
  expect(state.resources.every((resource) => resource.state === 'removed')).toBe(true);
  expect(state.undos).toMatchObject([{ undo: 'work-folder', outcome: 'restored' }]);
  expect(bench.fakeWorld.read()).toMatchObject({ apps: new Map(), litter: [] });
  expect(await readdir(`${bench.store.root}/work`)).toEqual([]);
  expect((await bench.verify(run)).ok).toBe(true);
  const { reading, findings } = await verifyRunsList(bench.store);
  expect(findings).toEqual([]);
  expect(reading.lines.map((line) => line.state)).toEqual(['started', 'ended']);
});

test('two runs of one instance one after the other: both pass, each with one deployment', async () => {
  const bench = await makeBench();
  const planned = await bench.plan();
  const both = await Promise.all([bench.execute(planned), bench.execute(planned)]);
  for (const { state } of both)
    expect(state).toMatchObject({ verdict: 'passed', deployments: 1, exitCode: 0 });
  const [first, second] = both
    .map(({ state }) => state)
    .sort((a, b) => (a.lastAt < b.lastAt ? -1 : 1));
  expect(first?.started.instance).toBe(second?.started.instance);
  const order = (await readRunsList(bench.store)).lines.map((line) => line.state);
  expect(order).toEqual(['started', 'ended', 'started', 'ended']);
});

test('runs of different heads do not wait for each other', async () => {
  const bench = await makeBench({ releases: memoryReleases(['1.0.0', '1.1.0', '1.2.0']) });
  const plans = await Promise.all(
    ['1.1.0', '1.2.0'].map((head) => bench.plan({ plan: { head, base: '1.0.0' } })),
  );
  expect(plans[0]?.plan.instance).not.toBe(plans[1]?.plan.instance);
  const runs = await Promise.all(plans.map((planned) => bench.execute(planned)));
  expect(runs.map(({ state }) => state.verdict)).toEqual(['passed', 'passed']);
  const order = (await readRunsList(bench.store)).lines.map((line) => line.state);
  expect(order).toEqual(['started', 'started', 'ended', 'ended']);
});

test('a plan leaves nothing: no run, no journal, no lock that is held', async () => {
  const bench = await makeBench();
  const before = await readdir(bench.root, { recursive: true });
  const { plan } = await bench.plan();
  expect(await readdir(bench.root, { recursive: true })).toEqual(before);
  const lock = await bench.world.locks.tryAcquire(`app-${plan.instance}`);
  expect(lock).toBeDefined();
  await lock?.release();
});

test('FG-19: without any expected check nothing is proven', async () => {
  const bench = await makeBench();
  const planned = await bench.plan();
  const { state } = await bench.execute({ ...planned, plan: { ...planned.plan, expected: [] } });
  expect(state).toMatchObject({ verdict: 'inconclusive', exitCode: 3 });
  expect(state.reasons).toEqual(['No expected check of the app was left to judge.']);
});

test('FR-07: a base that does not come up: its own words are the first reason, and head is not judged', async () => {
  const bench = await makeBench({ faults: ['crash-after-install'] });
  const { state } = await bench.run();
  expect(state).toMatchObject({ verdict: 'not-run', exitCode: 3 });
  expect(state.reasons.slice(0, 2)).toEqual([
    expect.stringMatching(
      /^Check floor\.install\.done: inconclusive: base-broken: install failed: /,
    ),
    expect.stringMatching(/^Check floor\.install\.converged: inconclusive: base-broken: crash: /),
  ]);
  expect(state.reasons).toHaveLength(new Set(state.reasons).size);
  expect(verdictOf(state, 'floor.install.identity')).toBe('inconclusive');
});

test('skipFloor all: what is left is judged, and the rest stands in the records as skipped', async () => {
  const bench = await makeBench();
  const manifest = manifestOf(`skipFloor: { all: '${reason}' }`);
  const { state } = await bench.run({ manifest });
  const asked = state.checks.filter(({ verdict }) => verdict !== 'skipped').map(({ id }) => id);
  expect(asked.filter((id) => id.startsWith('floor.'))).toEqual([
    ...['floor.remove.done', 'floor.remove.gone', 'floor.remove.no-leftovers'],
    'floor.remove.images-kept',
  ]);
  const skipped = state.checks.filter(({ id }) => id === 'floor.upgrade.identity');
  expect(skipped).toMatchObject([{ verdict: 'skipped', message: reason }]);
});

describe('checks that a green run asked and the next one does not', () => {
  const overlays = [overlay('upgrade', 'kept'), overlay('upgrade', 'removed')];
  const less = overlays.slice(0, 1);
  const table: readonly {
    readonly title: string;
    readonly manifest?: string;
    readonly plan: Partial<PlanRequest>;
    readonly kept: string;
    readonly exitCode: number;
  }[] = [
    { title: 'the same', plan: { overlays }, kept: 'passed', exitCode: 0 },
    { title: 'FG-13: an overlay less', plan: { overlays: less }, kept: 'failed', exitCode: 1 },
    {
      title: 'an overlay less, accepted',
      plan: { overlays: less, acceptShrunk: 'moved to the unit tests' },
      kept: 'skipped',
      exitCode: 0,
    },
    {
      title: 'an operation less',
      manifest: `notApplicable: { rebuild: '${reason}' }`,
      plan: { overlays },
      kept: 'failed',
      exitCode: 1,
    },
    {
      title: 'the whole floor set aside',
      manifest: `skipFloor: { all: '${reason}' }`,
      plan: { overlays },
      kept: 'failed',
      exitCode: 1,
    },
  ];
  test.each(table)('$title', async ({ manifest, plan, kept, exitCode }) => {
    const bench = await makeBench();
    const first = await bench.run({ plan: { overlays } });
    expect(verdictOf(first.state, 'run.expected.kept')).toBe('skipped');
    const { state } = await bench.run({ manifest: manifestOf(manifest), plan });
    expect(verdictOf(state, 'run.expected.kept'), state.reasons.join('\n')).toBe(kept);
    expect(state.exitCode).toBe(exitCode);
  });

  test('a run that was not green is no measure', async () => {
    const bench = await makeBench({ faults: ['upgrade-fails'] });
    await bench.run({ plan: { overlays } });
    const { state } = await bench.run({ plan: { overlays: less } }, bench.makeWorld([]));
    expect(verdictOf(state, 'run.expected.kept')).toBe('skipped');
    expect(state.verdict).toBe('passed');
  });
});

test('FR-07: an operation with a failing check on base ends the run: it says nothing about head', async () => {
  const bench = await makeBench({ faults: ['wrong-status'] });
  const { state } = await bench.run();
  expect(state).toMatchObject({ verdict: 'not-run', exitCode: 3, deployments: 1 });
  expect(verdictOf(state, 'floor.install.serving')).toBe('inconclusive');
});
