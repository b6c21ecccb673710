// A JUnit report as an overlay's answer: its cases and one verdict.

import type { ReportedCase, TestReport } from '../ports/overlays.ts';
import { makeReport, reportLimits } from './test-report.ts';
import { walkJunit, type JunitCase } from './walk-junit.ts';

const chunkLength = 1 << 16;

/** Never throws. */
export function readJunit(text: string): TestReport {
  const cases: ReportedCase[] = [];
  const problems: string[] = [];
  const walker = walkJunit(
    {
      onCase: (each) => cases.push(reported(each)),
      onSuiteResult: (_, { element, message }) =>
        problems.push(`a suite has <${element}>${message === '' ? '' : `: ${message}`}`),
      onProblem: (problem, { line, column }) =>
        problems.push(`line ${String(line)}, column ${String(column)}: ${problem}`),
    },
    reportLimits.cases,
  );
  for (let at = 0; at < text.length && !walker.stopped(); at += chunkLength)
    walker.write(text.slice(at, at + chunkLength));
  walker.close();
  return makeReport(cases, problems);
}

const reported = ({ suites, className, name, durationMs, worst }: JunitCase): ReportedCase => ({
  suites: className === '' ? suites : [className],
  name,
  verdict: worst?.verdict ?? 'passed',
  message: worst?.message ?? '',
  ...(durationMs === undefined ? {} : { durationMs }),
});
