import type { CheckState, RunState } from '../evidence/run-state.ts';
import type { Verdict } from '../evidence/verdict.ts';
import { collectSubjects } from './collect-subjects.ts';
import { unreadable, type InputProblem, type Reading } from './finding.ts';

const classes: Partial<Record<Verdict, string>> = {
  failed: 'FAILED',
  error: 'ERROR',
  'not-run': 'NOT_RUN',
  inconclusive: 'INCONCLUSIVE',
};

/**
 * Subject: the check's id, and `run` for the run as a whole. `fault`: what is wrong with the journal,
 * of which nothing may then be used.
 */
export function readRun(state: RunState, fault: InputProblem | undefined): Reading {
  if (fault !== undefined) return unreadable(fault);
  const into = collectSubjects('run');
  into.whole('run');
  into.judged('run');
  for (const check of state.checks) {
    into.judged(check.id);
    const finding = findingOf(check.id, check.verdict, check.message);
    if (finding !== undefined) into.found(finding);
  }
  const whole = isUnexplained(state) && findingOf('run', state.verdict, state.reasons.join('; '));
  if (whole) into.found(whole);
  return into.end();
}

/** The run is not green, and no check says why: a failed undo, an end before its time. */
const isUnexplained = ({ verdict, checks }: RunState): boolean =>
  checks.every((check: CheckState) => classes[check.verdict] === undefined) &&
  classes[verdict] !== undefined;

function findingOf(subject: string, verdict: Verdict, message: string) {
  const name = classes[verdict];
  return name === undefined
    ? undefined
    : { class: name, rule: subject, message, subject, context: subject };
}
