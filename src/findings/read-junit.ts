import { walkJunit, type JunitCase, type JunitResult } from '../evidence/walk-junit.ts';
import { collectSubjects, type Collector } from './collect-subjects.ts';
import type { Reading } from './finding.ts';

/** More than any report that a build keeps; it bounds what a hostile one can take. */
const casesMax = 10_000_000;

export type ReportReader = {
  readonly write: (chunk: string) => void;
  readonly end: () => Reading;
};

/** Subject: `suite › classname › name`. Skipped cases and cases still to do are sound. */
export function junitReader(): ReportReader {
  const into = collectSubjects('junit');
  const walker = walkJunit(
    {
      onCase: (each) => {
        readCase(each, into);
      },
      onSuiteResult: (suites, result) => {
        const subject = pathOf(suites) || 'suite';
        into.whole(subject);
        into.found(findingOf(result, subject));
      },
      onProblem: (message, place) => {
        into.problem({ message, place });
      },
    },
    casesMax,
  );
  return {
    write: walker.write,
    end: () => {
      walker.close();
      return into.end();
    },
  };
}

const pathOf = (parts: readonly string[]): string =>
  parts.filter((part) => part !== '').join(' › ');

function readCase(each: JunitCase, into: Collector): void {
  const { suites, className, name, results, worst, line } = each;
  const subject = pathOf([...suites, className, name]) || 'case';
  into.judged(subject);
  if (worst === undefined) return;
  if (worst.verdict === 'inconclusive') {
    // Some writers record earlier tries of a case that passed in the end.
    if (worst.element.startsWith('flaky')) into.flaky({ path: subject, message: worst.message });
    return;
  }
  for (const [index, result] of counted(results).entries())
    into.found({
      ...findingOf(result, subject),
      ...(line === undefined ? {} : { place: { line } }),
      ...(index === 0 ? {} : { attempt: index + 1 }),
    });
}

/** Reruns of a failure are the same failure again; they count only when nothing else is there. */
function counted(results: readonly JunitResult[]): readonly JunitResult[] {
  const failing = results.filter(({ verdict }) => verdict === 'failed' || verdict === 'error');
  const own = failing.filter(({ element }) => !element.startsWith('rerun'));
  return own.length > 0 ? own : failing;
}

const findingOf = ({ element, verdict, type, message }: JunitResult, subject: string) => ({
  class: verdict === 'error' ? 'ERROR' : 'FAILURE',
  rule: type === '' ? element : type,
  message,
  subject,
  context: subject,
});
