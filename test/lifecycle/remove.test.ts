import { afterEach, expect, test } from 'vitest';
import { recoverAll } from '../../src/lifecycle/recover.ts';
import { WorldError } from '../../src/ports/world-error.ts';
import { makeBench, removeBenches, reports } from './harness.ts';

afterEach(removeBenches);

/** A folder that cannot be removed as long as `stuck.now` holds. */
async function stuckBench() {
  const stuck = { now: true };
  const bench = await makeBench({
    files: (files) => ({
      ...files,
      remove: (path) =>
        stuck.now && path.includes('/work/')
          ? Promise.reject(new WorldError('permission', `planted: ${path} stays`))
          : files.remove(path),
    }),
  });
  return { bench, stuck };
}

test('a work folder that stays is the testbed’s fault, said by a check and by the undo', async () => {
  const { bench, stuck } = await stuckBench();
  const { state, run } = await bench.run();
  expect(state).toMatchObject({ verdict: 'error', exitCode: 3, ended: { outcome: 'completed' } });
  const check = state.checks.find(({ id }) => id === 'floor.remove.no-leftovers');
  expect(check).toMatchObject({ verdict: 'error' });
  expect(check?.message).toContain('stays');
  expect(state.undos).toMatchObject([{ undo: 'work-folder', outcome: 'failed' }]);
  expect((await bench.verify(run)).ok).toBe(true);

  const context = { store: bench.store, project: reports };
  expect(await recoverAll(bench.world, context)).toMatchObject([{ run, outcome: 'leftovers' }]);
  stuck.now = false;
  expect(await recoverAll(bench.world, context)).toMatchObject([{ run, outcome: 'recovered' }]);
  expect(await bench.world.files.stat(state.started.work)).toBeUndefined();
  expect(await recoverAll(bench.world, context)).toEqual([]);
});

test.each([
  ['remove-fails', 'error', 3],
  ['remove-forced', 'failed', 1],
  ['leftover-volume', 'failed', 1],
] as const)('%s: %s, exit %i', async (fault, verdict, exitCode) => {
  const bench = await makeBench({ faults: [fault] });
  expect((await bench.run()).state).toMatchObject({ verdict, exitCode });
});

test('the removal does not share the signal of the run', async () => {
  const bench = await makeBench();
  const stop = new AbortController();
  const onRecord = ({ seq }: { readonly seq: number }): void => {
    if (seq === 20) stop.abort({ cause: 'SIGTERM', message: 'enough' });
  };
  const { state } = await bench.run({ run: { signal: stop.signal, onRecord } });
  expect(state).toMatchObject({ exitCode: 143, ended: { outcome: 'interrupted' } });
  expect(state.operations.at(-1)).toMatchObject({ name: 'remove', outcome: 'done' });
  expect(bench.fakeWorld.read().apps.size).toBe(0);
});

test('a run that was stopped before it began still ends in order', async () => {
  const bench = await makeBench();
  const planned = await bench.plan();
  const lock = await bench.world.locks.acquire(`app-${planned.plan.instance}`, { waitMs: 1000 });
  const stopped = bench.execute(planned, {
    signal: AbortSignal.abort({ cause: 'SIGINT', message: 'enough' }),
  });
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  await lock.release();
  expect(await bench.world.files.stat(`${bench.store.root}/runs.jsonl`)).toBeUndefined();
});
