import type { ExpectedCheck, JournalRecord } from './record.ts';
import type { CheckState, OperationState } from './run-state.ts';
import type { Verdict } from './verdict.ts';

type Of<Type extends JournalRecord['type']> = Extract<JournalRecord, { type: Type }>;
type Seen = {
  startedAt?: string;
  first: Of<'check.started' | 'check.ended'>;
  ended?: Of<'check.ended'>;
  endings: number;
};

/** Collects check records and answers for every expected id, also for those without any. */
export function makeCheckFold() {
  const seen = new Map<string, Seen>();
  return {
    add: (record: JournalRecord): void => {
      if (record.type !== 'check.started' && record.type !== 'check.ended') return;
      const { check } = record.data;
      const entry = seen.get(check) ?? { first: record, endings: 0 };
      if (record.type === 'check.started') entry.startedAt ??= record.at;
      else {
        entry.ended ??= record;
        entry.endings += 1;
      }
      seen.set(check, entry);
    },
    states: (
      expected: readonly ExpectedCheck[],
      operations: readonly OperationState[],
    ): readonly CheckState[] => {
      const outcomes = new Map(operations.map(({ name, outcome }) => [name, outcome]));
      const planned = new Set(expected.map(({ id }) => id));
      const known = expected.map((check) =>
        checkState(check, seen.get(check.id), outcomes.get(check.after)),
      );
      const unknown = [...seen].filter(([id]) => !planned.has(id));
      return [...known, ...unknown.map(([id, entry]) => unexpectedState(id, entry))];
    },
  };
}

function checkState(
  check: ExpectedCheck,
  seen: Seen | undefined,
  outcome: OperationState['outcome'] | undefined,
): CheckState {
  // Into an empty object: to spread one that came out of JSON takes thirty times as long, and a run asks for its
  // state several times.
  if (seen?.ended !== undefined) {
    const { endings, ended } = seen;
    return Object.assign({}, check, recorded(seen, ended), judged(check, endings, ended));
  }
  return Object.assign({}, check, { evidence: [], touched: [] }, unended(check, seen, outcome));
}

function unended(
  check: ExpectedCheck,
  seen: Seen | undefined,
  outcome: OperationState['outcome'] | undefined,
): Pick<CheckState, 'startedAt' | 'verdict' | 'message'> {
  if (check.skip !== undefined) return { verdict: 'skipped', message: check.skip.reason };
  if (seen?.startedAt !== undefined) {
    const message = 'The check started and never ended.';
    return { startedAt: seen.startedAt, verdict: 'not-run', message };
  }
  const because =
    outcome === undefined || outcome === 'done' ? '' : ` Operation ${check.after}: ${outcome}.`;
  return { verdict: 'not-run', message: `The check never ran.${because}` };
}

/** What the end record is worth beside the plan. */
function judged(
  check: ExpectedCheck,
  endings: number,
  { data }: Of<'check.ended'>,
): { verdict: Verdict; message: string } {
  if (endings > 1)
    return { verdict: 'error', message: `The check ended ${String(endings)} times.` };
  if (data.verdict === 'passed' && check.skip !== undefined)
    return { verdict: 'error', message: 'The check says passed, but the plan skips it.' };
  // Only the plan sets a check aside; one that does so by itself has proved nothing.
  if (data.verdict === 'skipped' && check.skip === undefined)
    return { verdict: 'inconclusive', message: `The check skipped itself: ${data.message}` };
  return { verdict: data.verdict, message: data.message };
}

function recorded({ startedAt }: Seen, { at, seq, data }: Of<'check.ended'>) {
  const { evidence, touched, durationMs } = data;
  const ended = { evidence, touched, endedAt: at, durationMs, seq };
  return startedAt === undefined ? ended : { startedAt, ...ended };
}

function unexpectedState(id: string, seen: Seen): CheckState {
  const { operation: after, boundary } = seen.first.data;
  const said = seen.ended?.data.verdict ?? 'nothing';
  return {
    ...{ id, after, boundary, source: 'overlay', title: id, evidence: [], touched: [] },
    ...(seen.ended === undefined ? {} : recorded(seen, seen.ended)),
    verdict: 'error',
    message: `The plan expects no such check; it says ${said}.`,
    unexpected: true,
  };
}
