import type { CheckState, RunState } from './run-state.ts';
import { combine, type Verdict } from './verdict.ts';

type Judgement = Pick<RunState, 'verdict' | 'reasons' | 'exitCode'>;
type Parts = Omit<RunState, keyof Judgement>;

/**
 * The worst of the expected checks; and of a run that did not go through to its end at best
 * `not-run`, whatever its checks say.
 */
export function judgeRun(parts: Parts): Judgement {
  const shortfalls = runShortfalls(parts);
  const verdicts = [
    ...parts.checks.map((check) => check.verdict),
    ...(looksAtApp(parts) ? [] : (['inconclusive'] as const)),
    ...(shortfalls.length === 0 ? [] : (['not-run'] as const)),
  ];
  const verdict = combine(verdicts);
  return { verdict, reasons: reasonsFor(parts, shortfalls), exitCode: exitCodeOf(parts, verdict) };
}

/** Checks of the run and of its removal say nothing about the app: alone they prove nothing. */
const looksAtApp = ({ checks }: Parts): boolean =>
  checks.some(
    ({ source, after, verdict }) =>
      source !== 'run' && after !== 'remove' && after !== 'recipe' && verdict !== 'skipped',
  );

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

function reasonsFor(parts: Parts, shortfalls: readonly string[]): readonly string[] {
  const { checks } = parts;
  const broken = brokenBase(parts);
  const reasons = worstFirst.flatMap((verdict) => [
    ...(verdict === 'not-run' ? shortfalls : []),
    ...checks.filter((check) => check.verdict === verdict && !broken.includes(check)).map(told),
  ]);
  const all = [...broken.map(told), ...reasons];
  return looksAtApp(parts) ? all : [...all, 'No expected check of the app was left to judge.'];
}

const told = ({ id, verdict, message }: CheckState): string =>
  `Check ${id}: ${verdict}: ${asSentence(message)}`;

/**
 * Answers about base that kept head from being judged. They outrank worse verdicts: what was never
 * asked, was not asked because of them.
 */
function brokenBase({ checks, operations }: Parts): readonly CheckState[] {
  const onBase = new Set(
    operations.filter(({ stage }) => stage === 'base').map(({ name }) => name),
  );
  const asked = checks.filter(
    ({ after, source, seq }) => source === 'floor' && onBase.has(after) && seq !== undefined,
  );
  return asked.filter(({ verdict }) => verdict === 'inconclusive' || verdict === 'error');
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
