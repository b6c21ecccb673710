// A checked script, run to its end. Equal scripts and equal answers from outside give equal records.

import type { Effects } from './effects.ts';
import type { CheckedText } from './check-text.ts';
import { executeBody, fail } from './execute.ts';
import { Interrupted, RunFault, StopSignal } from './fault.ts';
import { problem, type Problem } from './problem.ts';
import { readPolicy, refuseRequirements, refuseUnusable } from './run-policy.ts';
import { publishedRegistry, type Registry } from './registry.ts';
import type { RuleClass } from './rule.ts';
import {
  flatten,
  type CallRecord,
  type FailureRecord,
  type Frame,
  type Run,
  type RunLimits,
  type Write,
} from './run-state.ts';
import { ruleClass } from './rules.ts';
import { placeAt } from './text.ts';
import { afterUndo, undoWrites } from './undo-writes.ts';

export type RunOptions = {
  readonly registry?: Registry;
  readonly maxSteps?: number;
  readonly timeoutMs?: number;
  readonly maxParallel?: number;
  /** Handled failures fail the run too. */
  readonly strict?: boolean;
};

export type RunRecord = {
  readonly schema: 'seatrial.aether-run/v1';
  readonly goal: string | null;
  readonly calls: readonly CallRecord[];
  readonly failures: readonly FailureRecord[];
  readonly steps: number;
  readonly tokens: number;
  readonly started: string;
  readonly ended: string;
};

export type RunOutcome = {
  readonly code: RuleClass;
  readonly message: string;
  /** What the code comes from; absent on success and where the caller interrupted the run. */
  readonly problem?: Problem;
  readonly interrupted: boolean;
  readonly record: RunRecord;
};

const defaultLimits: RunLimits = { steps: 10_000, timeoutMs: 60_000, parallel: 8 };

/**
 * Runs a file that `checkBytes` answered with 0; any other is the caller's mistake. `signal` stops
 * the run: an open transaction is undone, and the outcome says `interrupted`.
 */
export async function interpret(
  checked: CheckedText,
  effects: Effects,
  signal: AbortSignal,
  options: RunOptions = {},
): Promise<RunOutcome> {
  if (checked.code !== 0) throw new Error('a file with errors is never run');
  const started = effects.timestamp();
  const stopAll = new AbortController();
  const stop = (): void => {
    stopAll.abort();
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const frame = openFrame(checked, effects, stopAll.signal, options);
  const end = await runToEnd(frame, checked);
  // What still runs is told to stop and waited for, so that nothing happens behind the outcome.
  stop();
  await Promise.all([...frame.run.open].map(async ({ done }) => done));
  signal.removeEventListener('abort', stop);
  return concludeRun({ checked, frame, end, started, strict: options.strict ?? false });
}

function openFrame(
  { script }: CheckedText,
  effects: Effects,
  signal: AbortSignal,
  options: RunOptions,
): Frame {
  const limits = {
    steps: options.maxSteps ?? defaultLimits.steps,
    timeoutMs: options.timeoutMs ?? defaultLimits.timeoutMs,
    parallel: options.maxParallel ?? defaultLimits.parallel,
  };
  const run: Run = {
    effects,
    registry: options.registry ?? publishedRegistry,
    policy: readPolicy(script),
    limits,
    rules: script.body.flatMap((each) => (each.kind === 'on-error' ? each.rules : [])),
    signal,
    deadline: effects.now() + limits.timeoutMs,
    failures: [],
    steps: 0,
    tokens: 0,
    nextId: 1,
    open: new Set(),
  };
  return { run, names: new Map(), calls: [], writes: [], transaction: undefined };
}

type End = { readonly fault?: RunFault; readonly interrupted?: true };

async function runToEnd(frame: Frame, { script }: CheckedText): Promise<End> {
  try {
    refuseUnusable(frame.run);
    refuseRequirements(frame.run, script);
    await executeBody(frame, script.body);
    await joinOpen(frame);
    return {};
  } catch (cause) {
    return endWith(frame, cause);
  }
}

/** Parallel results that nobody awaited are waited for, and their failures count. */
async function joinOpen(frame: Frame): Promise<void> {
  for (const task of frame.run.open) {
    const settled = await task.done;
    if ('value' in settled) continue;
    if (!(settled.error instanceof RunFault)) throw settled.error;
    await fail(frame, settled.error);
  }
}

async function endWith(frame: Frame, cause: unknown): Promise<End> {
  if (cause instanceof StopSignal) return joinAfterStop(frame);
  if (cause instanceof Interrupted) return { interrupted: true };
  if (!(cause instanceof RunFault)) throw cause;
  if (frame.run.policy.onError !== 'rollback') return { fault: cause };
  const left = await undoWrites(frame.run, flatten<Write>(frame.writes));
  const told = afterUndo(cause, left);
  return { fault: told instanceof RunFault ? told : cause };
}

async function joinAfterStop(frame: Frame): Promise<End> {
  try {
    await joinOpen(frame);
    return {};
  } catch (cause) {
    return endWith(frame, cause);
  }
}

type Concluding = {
  readonly checked: CheckedText;
  readonly frame: Frame;
  readonly end: End;
  readonly started: string;
  readonly strict: boolean;
};

function concludeRun({ checked, frame, end, started, strict }: Concluding): RunOutcome {
  const { run } = frame;
  const { failures } = run;
  if (end.fault !== undefined && !failures.some(({ fault }) => fault === end.fault))
    failures.push({ fault: end.fault, handled: false });
  const unhandled = failures.find(({ handled }) => !handled || strict)?.fault;
  const handled = failures.filter((each) => each.handled).length;
  return {
    ...verdictOf(end.fault ?? unhandled, handled),
    interrupted: end.interrupted ?? false,
    record: makeRecord(checked, frame, started),
  };
}

function verdictOf(
  final: RunFault | undefined,
  handled: number,
): Pick<RunOutcome, 'code' | 'message' | 'problem'> {
  if (final === undefined)
    return { code: 0, message: handled === 0 ? 'ok' : `ok, ${String(handled)} handled` };
  const { code, span, message } = final;
  return { code: ruleClass(code), message, problem: problem(code, span, message) };
}

function makeRecord(checked: CheckedText, { run, calls }: Frame, started: string): RunRecord {
  return {
    schema: 'seatrial.aether-run/v1',
    goal: goalOf(checked),
    calls: flatten<CallRecord>(calls),
    failures: run.failures.map((each) => tellFailure(checked, each)),
    steps: run.steps,
    tokens: run.tokens,
    started,
    ended: run.effects.timestamp(),
  };
}

function goalOf({ script }: CheckedText): string | null {
  const goal = script.body.find((each) => each.kind === 'goal');
  return goal?.kind === 'goal' ? goal.text.value : null;
}

function tellFailure(
  { source }: CheckedText,
  { fault, handled }: Run['failures'][number],
): FailureRecord {
  return {
    rule: fault.code,
    kind: fault.errorClass,
    message: fault.message,
    line: fault.span === null ? null : placeAt(source, fault.span.start).line,
    handled,
    rolled_back: fault.rolledBack,
  };
}
