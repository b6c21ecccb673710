// Questions that several reports ask of a run.

import type { ReleaseIdentity } from '../evidence/record.ts';
import type {
  CheckState,
  OperationState,
  ResourceState,
  RunState,
  UndoState,
} from '../evidence/run-state.ts';
import type { Verdict } from '../evidence/verdict.ts';
import { epochMs } from './measures.ts';
import { worstFirst } from './verdict-words.ts';

/** Checks that follow one operation; `operation` is absent for those of the whole run. */
export type CheckGroup = {
  readonly name: string;
  readonly operation?: OperationState;
  readonly checks: readonly CheckState[];
};

/** One group per operation in run order, then `run`, then whatever names no operation of the run. */
export function groupChecks(state: RunState): readonly CheckGroup[] {
  const byName = new Map<string, CheckState[]>();
  for (const check of state.checks) {
    const group = byName.get(check.after);
    if (group === undefined) byName.set(check.after, [check]);
    else group.push(check);
  }
  const operations = state.operations.map((operation) => ({
    name: operation.name,
    operation,
    checks: byName.get(operation.name) ?? [],
  }));
  const known = new Set(operations.map(({ name }) => name));
  const others = [...byName]
    .filter(([name]) => !known.has(name))
    .map(([name, checks]) => ({ name, checks }));
  return [...operations, ...others];
}

export type VerdictCounts = Readonly<Record<Verdict, number>>;

export function countVerdicts(checks: readonly CheckState[]): VerdictCounts {
  const counts = { passed: 0, failed: 0, error: 0, 'not-run': 0, inconclusive: 0, skipped: 0 };
  for (const { verdict } of checks) counts[verdict] += 1;
  return counts;
}

/** The same checks, the worst verdicts first and otherwise in their own order. */
export const sortWorstFirst = (checks: readonly CheckState[]): readonly CheckState[] =>
  [...checks].sort((a, b) => worstFirst.indexOf(a.verdict) - worstFirst.indexOf(b.verdict));

/** Undos that did not restore what they promised. */
export const openUndos = (state: RunState): readonly UndoState[] =>
  state.undos.filter(({ outcome }) => outcome !== 'restored');

/** Resources that are not surely gone. */
export const leftovers = (state: RunState): readonly ResourceState[] =>
  state.resources.filter((resource) => resource.state !== 'removed');

/**
 * Whether the run's verdict is worse than its checks alone say: an interrupted run, or one without
 * checks. Formats that count test cases then get one more case, or a consumer would see green.
 */
export const isUnexplained = (state: RunState): boolean =>
  state.verdict !== 'passed' &&
  state.checks.every(({ verdict }) => verdict === 'passed' || verdict === 'skipped');

/** Name under which that extra case is reported. */
export const runVerdictCase = 'run.verdict';

export const reasonText = (state: RunState): string =>
  state.reasons.length === 0 ? `The run's verdict is ${state.verdict}.` : state.reasons.join('\n');

/** Milliseconds from the first record to the last; 0 when the times cannot be read. */
export function runDurationMs(state: RunState): number {
  const start = epochMs(state.startedAt);
  const end = epochMs(state.endedAt ?? state.lastAt);
  return start === undefined || end === undefined ? 0 : Math.max(0, end - start);
}

export const releaseName = (release: ReleaseIdentity): string =>
  release.version === undefined || release.ref.endsWith(release.version)
    ? release.ref
    : `${release.ref} (${release.version})`;

/** What the lists of notes and observations leave out, as sentences: one or none. */
export const unlisted = ({ dropped = 0 }: RunState): readonly string[] =>
  dropped === 0 ? [] : [`Too many to list: ${String(dropped)} more are in the journal.`];
