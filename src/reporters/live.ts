// The view of a run while it happens: a fold over journal records and app output. `step` returns
// lines that stay; `renderFrame` draws the few lines that a terminal replaces again and again.

import type { JournalRecord, RecordData, RecordType } from '../evidence/record.ts';
import type { Verdict } from '../evidence/verdict.ts';
import { duration, epochMs, shortDigest } from './measures.ts';
import { releaseName } from './overview.ts';
import { outcomeMarks } from './terminal-operations.ts';
import { fit, painter, safe, type Colour } from './terminal-text.ts';
import { verdictWords } from './verdict-words.ts';

export type LiveEvent =
  | { readonly kind: 'record'; readonly record: JournalRecord }
  /** What the app or a tool wrote, as it arrives; shown in frames only. */
  | { readonly kind: 'output'; readonly text: string };

export type Progress = {
  readonly operation?: string;
  readonly operationStartedAt?: string;
  readonly runStartedAt?: string;
  readonly check: string | undefined;
  readonly ended: boolean;
  readonly expected: number;
  readonly answered: Readonly<Record<Verdict, number>>;
  /** The last lines of output, not neutralised yet. */
  readonly output: readonly string[];
};

export const startProgress: Progress = {
  check: undefined,
  ended: false,
  expected: 0,
  answered: { passed: 0, failed: 0, error: 0, 'not-run': 0, inconclusive: 0, skipped: 0 },
  output: [],
};

/** Lines of output remembered, and characters of each: a flooding app must not grow memory. */
const outputLines = 3;
const outputLineLength = 500;

/** The next state, and the lines to print for good: operations' starts and ends, and bad news. */
export function step(
  progress: Progress,
  event: LiveEvent,
): { readonly progress: Progress; readonly lines: readonly string[] } {
  if (event.kind === 'output') return { progress: withOutput(progress, event.text), lines: [] };
  const { record } = event;
  const text = looked(line, record, progress);
  return {
    progress: { ...progress, ...looked(change, record, progress) },
    lines: text === undefined ? [] : [`${record.at.slice(11, 19)} ${text}`],
  };
}

function withOutput(progress: Progress, text: string): Progress {
  const lines = text
    .slice(-outputLines * outputLineLength)
    .split(/\r?\n|\r/u)
    .filter((line) => line.trim() !== '')
    .map((line) => line.slice(0, outputLineLength));
  return { ...progress, output: [...progress.output, ...lines].slice(-outputLines) };
}

/** A table by record type. TypeScript cannot see that a record's type and data go together. */
type ByType<Result> = {
  readonly [Type in RecordType]?: (
    data: RecordData[Type],
    at: string,
    progress: Progress,
  ) => Result;
};

const change: ByType<Partial<Progress>> = {
  'run.started': ({ expected }, at) => ({
    runStartedAt: at,
    expected: expected.filter(({ skip }) => skip === undefined).length,
  }),
  'operation.started': ({ operation }, at) => ({ operation, operationStartedAt: at, output: [] }),
  'check.started': ({ check }) => ({ check }),
  'check.ended': ({ verdict }, _at, { answered }) => ({
    check: undefined,
    answered: { ...answered, [verdict]: answered[verdict] + 1 },
  }),
  'run.ended': () => ({ ended: true }),
};

const line: ByType<string | undefined> = {
  'run.started': ({ run, app, scenario, base, head }) =>
    `run ${safe(run)}: ${safe(app)}, ${safe(scenario)}, ${
      'skipped' in base ? 'no base' : safe(releaseName(base))
    } → ${safe(releaseName(head))} (${shortDigest(head.digest)})`,
  'operation.started': ({ operation, budgetMs }) =>
    `▸ ${safe(operation)} started, at most ${duration(budgetMs)}`,
  'operation.ended': ({ operation, outcome, durationMs, cause, message }) =>
    [
      `${outcomeMarks[outcome].mark} ${safe(operation)} ${outcome} after ${duration(durationMs)}`,
      ...[cause, message].filter((part) => part !== undefined).map(safe),
    ].join(': '),
  // What the app printed stands at its operation already; the report has it whole.
  'check.ended': ({ check, verdict, message }) =>
    verdict === 'passed' || verdict === 'skipped'
      ? undefined
      : `${verdictWords[verdict].mark} ${safe(check)} ${verdictWords[verdict].label}: ${safe(firstLine(message))}`,
  'undo.ended': ({ undo, outcome, message }) =>
    outcome === 'restored'
      ? undefined
      : `! undo ${safe(undo)} ${outcome}${message === undefined ? '' : `: ${safe(message)}`}`,
  note: ({ severity, code, message }) =>
    severity === 'info' ? undefined : `! ${severity} ${safe(code)}: ${safe(message)}`,
  'run.ended': ({ outcome, cause, message }) =>
    [`run ${outcome}`, ...[cause, message].filter((part) => part !== undefined).map(safe)].join(
      ': ',
    ),
};

function firstLine(message: string): string {
  const [line = '', ...more] = message.trim().split(/\r?\n|\r/u);
  return more.length === 0 ? line : `${line} …`;
}

function looked<Result>(
  table: ByType<Result>,
  record: JournalRecord,
  progress: Progress,
): Result | undefined {
  const entry = table[record.type] as
    ((data: JournalRecord['data'], at: string, progress: Progress) => Result) | undefined;
  return entry?.(record.data, record.at, progress);
}

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const spinnerStepMs = 100;

/** The lines to redraw, at most `height`, none wider than `width`; empty when the run is over. */
export function renderFrame(
  progress: Progress,
  view: {
    /** Present time, RFC 3339; the caller's clock decides it. */
    readonly now: string;
    readonly width: number;
    readonly height: number;
    readonly colour: boolean;
  },
): readonly string[] {
  if (progress.ended || progress.runStartedAt === undefined) return [];
  const paint = painter(view.colour);
  const elapsed = sinceMs(progress.operationStartedAt ?? progress.runStartedAt, view.now);
  const turn = spinner[Math.floor(elapsed / spinnerStepMs) % spinner.length] ?? spinner[0];
  const shown = (text: string, colour: Colour): string => paint(colour, fit(text, view.width));
  const what = [progress.operation ?? 'preparing', progress.check]
    .filter((part) => part !== undefined)
    .map(safe);
  const now = shown(`${turn} ${what.join(' · ')}  ${duration(floorSecond(elapsed))}`, 'bold');
  const tally = shown(`  ${tallyOf(progress)}`, 'dim');
  const output = progress.output.map((text) => shown(`  │ ${safe(text)}`, 'dim'));
  return [now, tally, ...output].slice(0, Math.max(1, view.height));
}

const floorSecond = (milliseconds: number): number => Math.floor(milliseconds / 1000) * 1000;

/** A clock that was set back shows nothing elapsed rather than a negative time. */
const sinceMs = (from: string, to: string): number =>
  Math.max(0, (epochMs(to) ?? 0) - (epochMs(from) ?? 0));

function tallyOf({ answered, expected }: Progress): string {
  const asked = Object.values(answered).reduce((sum, each) => sum + each, 0);
  const bad = answered.failed + answered.error + answered['not-run'] + answered.inconclusive;
  return `${String(asked)} of ${String(expected)} checks answered, ${String(bad)} not passed`;
}
