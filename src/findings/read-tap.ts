import { readTapCases, type TapCase, type TapProblem } from '../evidence/read-tap.ts';
import { collectSubjects } from './collect-subjects.ts';
import type { Reading } from './finding.ts';

/** Subject: `N description`, below the numbers and names of its subtests. */
export function readTap(text: string): Reading {
  const { cases, problems } = readTapCases(text);
  const into = collectSubjects('tap');
  for (const each of cases) {
    const subject = pathOf(each);
    into.judged(subject);
    if (each.verdict === 'failed' && each.directive === undefined)
      into.found(notOk(subject, each.message));
  }
  for (const problem of problems)
    if (problem.kind === 'broken') {
      const { message, line } = problem;
      into.problem({ message, place: { line, column: 1 } });
    } else {
      into.whole(problem.kind);
      into.found(planFinding(problem));
    }
  return into.end();
}

const pathOf = ({ suites, name, numbers }: TapCase): string =>
  [...suites, name].map((part, index) => `${String(numbers[index])} ${part}`).join(' › ');

const notOk = (subject: string, message: string) => ({
  class: 'FAILURE',
  rule: 'not-ok',
  message: message === '' ? 'not ok' : message,
  subject,
  context: subject,
});

/** Cases that never came have no subject of their own. */
const planFinding = ({ kind, message, line }: TapProblem) => ({
  class: 'ERROR',
  rule: kind,
  message,
  subject: kind,
  context: kind,
  place: { line },
});
