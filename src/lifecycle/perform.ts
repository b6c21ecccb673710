// One operation: intent, effect, observation, end. Done once; the journal's writer refuses a second
// start of the same name.

import type { Stage } from '../evidence/record.ts';
import type { OperationFacts } from '../checks/facts.ts';
import type { PlannedOperation } from '../scenario/plan.ts';
import { bounded } from './bounded.ts';
import { endedOf, type Ended } from './failure.ts';
import { collectLogs } from './collect-logs.ts';
import type { Effect, Gathered, Session } from './session.ts';
import { stopOf } from './stop.ts';

export async function perform(
  session: Session,
  { name, budgetMs }: PlannedOperation,
  options: { readonly stage: Stage; readonly signal?: AbortSignal },
  effect: Effect,
): Promise<OperationFacts> {
  const { recorder, world } = session;
  const { stage, signal } = options;
  await recorder.append({ type: 'operation.started', data: { operation: name, stage, budgetMs } });
  const startedMs = world.clock.monotonicMs();
  const gathered: Gathered = {};
  const limits = { budgetMs, ...(signal === undefined ? {} : { signal }) };
  const result = await bounded(world.clock, limits, (inner) => effect(gathered, inner));
  const ended = convergenceOf(gathered, withStop(endedOf(result, budgetMs), signal));
  if (gathered.after !== undefined)
    await recorder.observe(name, 'after', asJson(gathered.after), stage);
  await collectLogs(session, name);
  await recorder.append({
    type: 'operation.ended',
    data: {
      operation: name,
      outcome: ended.outcome,
      durationMs: Math.round(world.clock.monotonicMs() - startedMs),
      ...(ended.cause === undefined ? {} : { cause: ended.cause }),
      ...(ended.message === undefined ? {} : { message: ended.message }),
    },
  });
  const { appFault, ...said } = ended;
  return { hooks: [], ...gathered, operation: name, stage, ended: said, appFault };
}

/** An app that was deployed but did not come up failed the operation, though nothing threw. */
function convergenceOf({ convergence }: Gathered, ended: Ended): Ended {
  if (ended.outcome !== 'done' || convergence === undefined || convergence.state === 'converged')
    return ended;
  const cause = convergence.state === 'failed' ? convergence.cause : convergence.state;
  return { outcome: 'failed', cause, message: convergence.message, appFault: true };
}

function withStop(ended: Ended, signal: AbortSignal | undefined): Ended {
  const stop = ended.outcome === 'interrupted' && signal ? stopOf(signal) : undefined;
  return stop === undefined ? ended : { ...ended, cause: stop.cause, message: stop.message };
}

/** Port types are JSON by construction; this only tells the compiler. */
const asJson = (value: object): never => value as never;
