import type { RunState } from './run-state.ts';
import { combine, type Verdict } from './verdict.ts';

type Judgement = Pick<RunState, 'verdict' | 'reasons' | 'exitCode'>;
type Parts = Omit<RunState, keyof Judgement>;

/**
 * The worst of the expected checks; and of a run that did not go through to its end at best
 * `not-run`, whatever its checks say.
 */
export function judgeRun(parts: Parts): Judgement {
  const shortfalls = runShortfalls(parts);
  const verdicts = parts.checks.map((check) => check.verdict);
  const verdict = combine(shortfalls.length === 0 ? verdicts : [...verdicts, 'not-run']);
  return { verdict, reasons: reasonsFor(parts, shortfalls), exitCode: exitCodeOf(parts, verdict) };
}

function runShortfalls({ ended, operations }: Parts): readonly string[] {
  if (ended === undefined)
    return ['The run has no end record: it still goes on, or its process was killed.'];
  if (ended.outcome !== 'completed') {
    const why = ended.message ?? ended.cause;
    return [`The run was ${ended.outcome}${why === undefined ? '.' : `: ${asSentence(why)}`}`];
  }
  return operations
    .filter(({ outcome }) => outcome === 'unfinished' || outcome === 'not-run')
    .map(({ name, outcome }) => `Operation ${name}: ${outcome}.`);
}

const worstFirst = ['failed', 'error', 'not-run', 'inconclusive'] as const;

function reasonsFor({ checks }: Parts, shortfalls: readonly string[]): readonly string[] {
  const reasons = worstFirst.flatMap((verdict) => [
    ...(verdict === 'not-run' ? shortfalls : []),
    ...checks
      .filter((check) => check.verdict === verdict)
      .map(({ id, message }) => `Check ${id}: ${verdict}: ${asSentence(message)}`),
  ]);
  const judged = checks.some((check) => check.verdict !== 'skipped');
  return judged ? reasons : [...reasons, 'No expected check was left to judge.'];
}

function asSentence(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? '';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}

function exitCodeOf({ ended }: Parts, verdict: Verdict): number {
  if (ended?.outcome === 'crashed') return 70;
  if (ended?.outcome === 'interrupted') return ended.exitCode ?? 130;
  if (verdict === 'passed') return 0;
  return verdict === 'failed' ? 1 : 3;
}
