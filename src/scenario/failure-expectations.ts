// What a sad path adds to the expectations of the check that judges it. The run and the audit ask here, so that a run
// cannot be judged by less than its scenario says.

import type { Expectation } from '../evidence/expectation.ts';
import type { Scenario } from './scenario-schema.ts';

/** S11: the action was reached, failed as stated, and left nothing that is forbidden. Empty for any other check. */
export function failureExpectations({ spec }: Scenario, check: string): readonly Expectation[] {
  const failure = spec.expectedFailure;
  if (failure?.check !== check) return [];
  const { exit, says, forbiddenSideEffects } = failure;
  return [
    { at: '/action/exit', op: 'not-equals', value: 0, reason: 'did-not-fail' },
    ...(exit === 'nonzero'
      ? []
      : [
          {
            at: '/action/exit',
            op: 'equals',
            value: exit,
            reason: 'failed-for-another-reason',
          } as const,
        ]),
    {
      ...{ at: `/action/${says.stream}`, op: 'matches', value: says.matches },
      reason: 'failed-for-another-reason',
    },
    ...forbiddenSideEffects.flatMap((effect) =>
      effect.mustEqualBefore.map((pointer): Expectation => {
        const at = `/effects/${effect.id}${pointer === '/' ? '' : pointer}`;
        return { at, op: 'same-as', to: `/before${at}`, reason: 'forbidden-side-effect' };
      }),
    ),
  ];
}
