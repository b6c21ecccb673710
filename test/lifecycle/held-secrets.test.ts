import { afterEach, expect, test } from 'vitest';
import type { FakeFault } from '../../src/drivers/fake/faults.ts';
import { makeBench, removeBenches } from './harness.ts';

afterEach(removeBenches);

// The second row is the canary: an app that never ran held nothing, and absence proves nothing.
test.each<[FakeFault, string]>([
  ['crash-after-upgrade', 'passed'],
  ['crash-after-install', 'inconclusive'],
])('with %s, the absence of secrets is %s', async (fault, verdict) => {
  const bench = await makeBench({ faults: [fault] });
  const { state } = await bench.run();
  expect(state.checks.find(({ id }) => id === 'run.secrets.absent')).toMatchObject({ verdict });
});
