import type { ReportedCase, TestReport } from '../ports/overlays.ts';

/** Cases and nesting that no honest report exceeds; beyond them a report is not read on. */
export const reportLimits = { cases: 100_000, depth: 64, messageLength: 2000 } as const;

/** Both from 1, in UTF-16 code units. */
export type ReportPlace = { readonly line: number; readonly column: number };

export const shorten = (text: string): string =>
  text.length > reportLimits.messageLength ? `${text.slice(0, reportLimits.messageLength)}…` : text;

/**
 * What cases and the report's own faults add up to. A failed case outweighs a broken report, since
 * it was seen; a broken report outweighs passed cases, since others may be missing.
 */
export function makeReport(
  cases: readonly ReportedCase[],
  problems: readonly string[],
): TestReport {
  const count = (verdict: ReportedCase['verdict']) =>
    cases.filter((each) => each.verdict === verdict).length;
  const say = (verdict: TestReport['verdict'], message: string): TestReport => ({
    verdict,
    message,
    cases,
    problems,
  });
  const total = `${String(cases.length)} ${cases.length === 1 ? 'case' : 'cases'}`;
  const named = (verdict: ReportedCase['verdict']) => {
    const first = cases.find((each) => each.verdict === verdict);
    return first === undefined
      ? ''
      : `: ${shorten([...first.suites, first.name].join(' › '))}${first.message === '' ? '' : `: ${first.message}`}`;
  };
  if (count('failed') > 0)
    return say('failed', `${String(count('failed'))} of ${total} failed${named('failed')}`);
  if (count('error') > 0)
    return say('error', `${String(count('error'))} of ${total} ended in error${named('error')}`);
  if (problems.length > 0) return say('error', problems.join('; '));
  if (cases.length === 0) return say('inconclusive', 'the report holds no case');
  const left = count('inconclusive');
  if (left === cases.length) return say('inconclusive', `${total}, all skipped or still to do`);
  return left === 0
    ? say('passed', `${total} passed`)
    : say('passed', `${String(cases.length - left)} of ${total} passed, the others were skipped`);
}
