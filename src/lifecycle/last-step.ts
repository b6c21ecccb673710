// How far a run with a planted fault has to go: what no check of the fault is asked after says nothing of it.

import type { ExpectedCheck } from '../evidence/record.ts';
import { wantedRed, type Canary } from '../scenario/canaries.ts';
import type { Scenario } from '../scenario/scenario-schema.ts';

/**
 * Index of the last step, of fixtures and then actions, that a run of the scenario takes: with a fault the last one
 * after which a check is asked that it kills or spares. A fault that shows only in what the whole run leaves behind
 * needs every step.
 */
export function lastStep(
  { fixtures, runtimeActions }: Pick<Scenario['spec'], 'fixtures' | 'runtimeActions'>,
  expected: readonly Pick<ExpectedCheck, 'id' | 'after'>[],
  canary: Pick<Canary, 'kills' | 'spares' | 'plant'> | undefined,
): number {
  const steps = [...fixtures, ...runtimeActions].map(({ id }) => id);
  const whole = steps.length - 1;
  if (canary === undefined) return whole;
  const after = new Map(expected.map((check) => [check.id, check.after]));
  const stepOf = (check: string): number =>
    steps.indexOf(restoredBy(check) ?? after.get(check) ?? '');
  const kills = wantedRed(canary.kills).map(({ check }) => stepOf(check));
  if (kills.includes(-1)) return whole;
  // A fault of the app counts where all that the scenario stages was there (N5).
  const staged = canary.plant.builtin === undefined ? fixtures.length - 1 : 0;
  return Math.max(staged, ...kills, ...canary.spares.map(stepOf));
}

/** Asked at the end, of what a step long before did. */
const restoredBy = (check: string): string | undefined =>
  /^fixture\.(?<id>.+)\.restored$/.exec(check)?.groups?.['id'];
