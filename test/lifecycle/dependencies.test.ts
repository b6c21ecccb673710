// Apps beside the app: deployed before it in the same run, told to its hooks and checks, counted, and never the
// reason of a verdict on it.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { restartUnits } from '../../src/drivers/fake/http.ts';
import type { PlanRequest } from '../../src/lifecycle/plan-request.ts';
import type { OverlayFacts, OverlayRunner } from '../../src/ports/overlays.ts';
import type { ReleaseSources } from '../../src/ports/release.ts';
import type { RunState } from '../../src/evidence/run-state.ts';
import {
  makeBench,
  manifestOf,
  memoryOverlays,
  memoryReleases,
  overlay,
  removeBenches,
} from './harness.ts';

afterEach(removeBenches);

type Dependencies = NonNullable<PlanRequest['dependencies']>;

const beside = (
  as: string,
  releases: ReleaseSources = memoryReleases(['7.0.0']),
  more = '',
): Dependencies[number] => {
  const manifest = { ...manifestOf(more), app: 'sso', env: { ZONE: 'example.org' } };
  const { probes, health, backup, data, timeouts } = manifest;
  const parts = { probes, health, backup, data, timeouts };
  const settings = JSON.parse(JSON.stringify(parts)) as Dependencies[number]['settings'];
  return { as, given: ['ZONE'], manifest, folder: '/nowhere', settings, releases };
};

const verdicts = (state: RunState) =>
  Object.fromEntries(state.checks.map(({ id, verdict }) => [id, verdict]));

test('a whole life beside two others: three deployments, and nothing left of any', async () => {
  const asked: OverlayFacts[] = [];
  const { run } = memoryOverlays();
  const overlays: OverlayRunner = {
    discover: () => Promise.resolve([]),
    run: (selection, facts, options) => {
      asked.push(facts);
      return run(selection, facts, options);
    },
  };
  const bench = await makeBench({ overlays });
  const dependencies = [beside('idp'), beside('mail')];
  const hook = `case "$SEATRIAL_DEPS" in *'"ZONE":"example.org"'*) ;; *) exit 4 ;; esac\n`;
  await writeFile(join(bench.folder, 'prepare.sh'), hook);
  const manifest = manifestOf('hooks: { prepare: { file: prepare.sh } }');
  const plan = { dependencies, overlays: [overlay('upgrade', 'asks')] };
  const planned = await bench.plan({ manifest, plan });
  const { state, run: id } = await bench.execute(planned);
  expect(state.reasons).toEqual([]);
  expect(state).toMatchObject({ verdict: 'passed', deployments: 3, exitCode: 0 });
  const deployed = state.resources.filter(({ kind }) => kind === 'deployment');
  const [idp, mail] = planned.dependencies ?? [];
  expect(deployed.map(({ name }) => name)).toEqual([
    ...[idp?.plan.instance, mail?.plan.instance, planned.plan.instance],
  ]);
  expect(new Set(deployed.map(({ name }) => name)).size).toBe(3);
  expect(state.resources.every((resource) => resource.state === 'removed')).toBe(true);
  expect(bench.fakeWorld.read()).toMatchObject({ apps: new Map(), litter: [] });
  const instance = idp?.plan.instance ?? '';
  const url = `http://${instance}.${id.toLowerCase()}.invalid`;
  const told = { app: 'sso', instance, url, env: { ZONE: 'example.org' } };
  expect(asked[0]?.deps).toEqual({
    idp: told,
    mail: expect.objectContaining({ app: 'sso' }) as object,
  });
  expect((await bench.verify(id)).ok).toBe(true);
});

test.each([
  ['does not come up', beside('idp', memoryReleases(['7.0.0-crash'])), /ended with code 3/],
  [
    'does not answer as it should',
    beside('idp', undefined, 'health: { contains: something else }\n'),
    /does not contain/,
  ],
  [
    'cannot be prepared for',
    {
      ...beside('idp'),
      manifest: { ...beside('idp').manifest, hooks: { prepare: { file: 'prepare.sh' } } },
    },
    /hook prepare/,
  ],
])('one that %s is an error, and the app is not judged', async (_title, first, why) => {
  const bench = await makeBench();
  await writeFile(join(bench.folder, 'prepare.sh'), 'exit 4\n');
  const dependencies = [{ ...first, folder: bench.folder }, beside('mail')];
  const { state } = await bench.run({ plan: { dependencies } });
  expect(state).toMatchObject({ verdict: 'error', exitCode: 3 });
  expect(state.operations[0]).toMatchObject({ outcome: 'error', cause: 'dependency' });
  const done = state.checks.find(({ id }) => id === 'floor.install.done');
  expect(done).toMatchObject({ verdict: 'error' });
  expect(done?.message).toMatch(/dependency idp is not to be had/);
  expect(done?.message).toMatch(why);
  const { 'floor.remove.done': removed, 'floor.upgrade.done': upgraded, ...all } = verdicts(state);
  expect([removed, upgraded]).toEqual(['passed', 'not-run']);
  expect(Object.values(all)).not.toContain('failed');
  expect(bench.fakeWorld.read().apps.size).toBe(0);
});

test('FG-21: a second installation is one too many beside others as well', async () => {
  const bench = await makeBench({ faults: ['second-install'] });
  const { state } = await bench.run({ plan: { dependencies: [beside('idp')] } });
  expect(verdicts(state)['run.deployment.once']).toBe('failed');
});

test('one that changes by itself is told, since it may be why the app fails', async () => {
  const bench = await makeBench({
    overlays: {
      discover: () => Promise.resolve([]),
      run: (selection, facts, options) => {
        const apps = [...bench.fakeWorld.read().apps.values()];
        const found = apps.find(({ instance }) => instance === facts.deps['idp']?.['instance']);
        if (found !== undefined) restartUnits(bench.fakeWorld, found);
        return memoryOverlays().run(selection, facts, options);
      },
    },
  });
  const plan = { dependencies: [beside('idp')], overlays: [overlay('upgrade', 'asks')] };
  const { state } = await bench.run({ plan });
  const notes = state.notes.filter(({ code }) => code === 'dependency-changed');
  expect(notes).toMatchObject([{ severity: 'warning', message: /idp.*after backup/ }]);
  expect(state.verdict).toBe('passed');
});
