// Every call of the driver port that fails or never returns: the run still ends within its budgets,
// cleans up, and says that the testbed was at fault.

import { afterAll, describe, expect, test } from 'vitest';
import { everyFakeFault, type FakeFault } from '../../src/drivers/fake/faults.ts';
import { recoverAll } from '../../src/lifecycle/recover.ts';
import { makeBench, removeBenches } from './harness.ts';

afterAll(removeBenches);

const callFaults = everyFakeFault.filter((fault) => /^(hang|world-error):/.test(fault));
const callOf = (fault: string): string => fault.replace(/^.*:/, '');
/** Asked before a run begins; asked by nobody in a run; and those that keep the removal from working. */
const apart = new Set(['capabilities', 'exec', 'remove']);
const budgetMs = 30 * 60_000;

describe.concurrent('a call that fails or hangs', () => {
  test.each(callFaults.filter((fault) => !apart.has(callOf(fault))))('%s', async (fault) => {
    const bench = await makeBench({ faults: [fault] });
    const startedMs = bench.clock.monotonicMs();
    const { state, run } = await bench.run();
    expect(state.exitCode, state.reasons.join('\n')).toBe(3);
    expect(['error', 'inconclusive']).toContain(state.verdict);
    expect(state.ended?.outcome).toBe('completed');
    expect(bench.clock.monotonicMs() - startedMs).toBeLessThan(budgetMs);
    expect(bench.fakeWorld.read()).toMatchObject({ apps: new Map(), litter: [] });
    expect((await bench.verify(run)).ok).toBe(true);
  });

  test.each<FakeFault>(['world-error:find', 'hang:find'])(
    '%s: what was removed is told as removed, and what is left as not seen',
    async (fault) => {
      const { state } = await (await makeBench({ faults: [fault] })).run();
      const { verdict, message } = state.checks.find(({ id }) => id === 'floor.remove.gone') ?? {};
      expect({ verdict, message }).toEqual({
        verdict: 'not-run',
        message: 'the removal took place, but nobody could look at what it left',
      });
      expect(state.resources.every((each) => each.state === 'removed')).toBe(true);
    },
  );

  test.each<FakeFault>(['world-error:exec', 'hang:exec'])('%s is not asked', async (fault) => {
    const bench = await makeBench({ faults: [fault] });
    expect((await bench.run()).state.verdict).toBe('passed');
  });

  test.each<[FakeFault, string]>([
    ['world-error:capabilities', 'unavailable'],
    ['hang:capabilities', 'timeout'],
  ])('%s ends the plan with %s', async (fault, code) => {
    const bench = await makeBench({ faults: [fault] });
    await expect(bench.plan()).rejects.toMatchObject({ name: 'WorldError', code });
  });

  test.each<FakeFault>(['world-error:remove', 'hang:remove'])(
    'LK-08: %s: what is left is known, and recover removes it once the driver can',
    async (fault) => {
      const bench = await makeBench({ faults: [fault] });
      const { state, run } = await bench.run();
      expect(state).toMatchObject({ exitCode: 3, verdict: 'error' });
      expect(bench.fakeWorld.read().apps.size).toBe(1);
      const project = () => Promise.resolve([]);
      const context = { store: bench.store, project };
      const still = await recoverAll(bench.world, context);
      expect(still).toMatchObject([{ run, outcome: 'leftovers' }]);
      const sound = bench.makeWorld([]);
      expect(await recoverAll(sound, context)).toMatchObject([{ run, outcome: 'recovered' }]);
      expect(bench.fakeWorld.read().apps.size).toBe(0);
      expect(await recoverAll(sound, context)).toEqual([]);
      expect((await bench.verify(run)).ok).toBe(true);
    },
  );
});

test('an error of the app is failed, exit 1: the other half of the table', async () => {
  const bench = await makeBench({ faults: ['upgrade-fails'] });
  expect((await bench.run()).state).toMatchObject({ verdict: 'failed', exitCode: 1 });
});
