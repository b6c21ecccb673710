// After an operation: the floor, then the app's own checks, then the question whether asking
// changed anything. All on the same deployment, none repeated.

import { notRun, type Answer } from '../checks/answer.ts';
import { floorOf } from '../checks/floor.ts';
import type { OperationFacts } from '../checks/facts.ts';
import { askOverlays } from './ask-overlays.ts';
import { quietly } from './quietly.ts';
import { deploymentOf, type Session } from './session.ts';

/** Whether the run may go on: the operation ended well and, on base, every floor answer was `passed`. */
export async function askChecks(
  session: Session,
  operation: string,
  facts: OperationFacts,
): Promise<{ readonly goOn: boolean }> {
  const expected = new Map(
    session.plan.expected
      .filter(({ after, skip }) => after === operation && skip === undefined)
      .map((check) => [check.id, check]),
  );
  const base = facts.stage === 'base';
  const floor = floorOf(operation);
  const ask = async (checks: typeof floor, about: OperationFacts): Promise<readonly Answer[]> => {
    const answers: Answer[] = [];
    for (const { name, judge } of checks) {
      const check = expected.get(`floor.${operation}.${name}`);
      if (check === undefined) continue;
      const question = (): Answer => judgeEnded(name, about, judge);
      answers.push(
        await session.recorder.ask(check, operation, () =>
          base ? asBase(name, question(), about) : question(),
        ),
      );
    }
    return answers;
  };
  const first = await ask(
    floor.filter(({ last }) => last !== true),
    facts,
  );
  const usable = facts.ended.outcome === 'done';
  if (usable && !session.stop.aborted) await askOverlays(session, operation, facts, expected);
  const later = usable && operation !== 'remove' ? await lookAgain(session) : undefined;
  const second = await ask(
    floor.filter(({ last }) => last === true),
    later === undefined ? facts : { ...facts, later },
  );
  const sound = [...first, ...second].every(({ verdict }) => verdict === 'passed');
  return { goOn: usable && (sound || !base) };
}

/** Questions about an operation that did not end are not asked, save whether it did. */
function judgeEnded(
  name: string,
  facts: OperationFacts,
  judge: (facts: OperationFacts) => Answer,
): Answer {
  const { outcome } = facts.ended;
  if (outcome === 'interrupted' && name !== 'gone' && name !== 'no-leftovers')
    return notRun(`the run was stopped during ${facts.operation}`);
  return judge(facts);
}

/**
 * A base that fails says nothing about head: coop-cloud.md A.6. A base that came up with a wrong
 * identity means that the driver disobeyed; one that did not come up has none.
 */
function asBase(name: string, answer: Answer, { ended }: OperationFacts): Answer {
  if (answer.verdict !== 'failed') return answer;
  return name === 'identity' && ended.outcome === 'done'
    ? { ...answer, verdict: 'error' }
    : { ...answer, verdict: 'inconclusive', message: `base-broken: ${answer.message}` };
}

const lookBudgetMs = 30_000;

const lookAgain = (session: Session): Promise<OperationFacts['later']> =>
  quietly(session.world, lookBudgetMs, () => deploymentOf(session).observe());
