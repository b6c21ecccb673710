// One call to the provider: attempts, back-off, timeout, and its record.

import type { Span } from '../diagnostics/diagnostic.ts';
import {
  errorClasses,
  type CallResult,
  type ErrorClass,
  type JsonValue,
  type Provider,
} from './effects.ts';
import { Interrupted, RunFault } from './fault.ts';
import type { FunctionSpec } from './registry.ts';
import type { CallRecord, Frame, Run, Write } from './run-state.ts';
import type { RuleCode } from './rules.ts';
import { fromJson, toJson, type Value } from './value.ts';

export type CallPlan = {
  readonly spec: FunctionSpec;
  readonly span: Span;
  readonly args: readonly JsonValue[];
  readonly kwargs: Readonly<Record<string, JsonValue>>;
  readonly as?: string;
  readonly retry?: number;
  readonly timeoutMs?: number;
  /** The timeout as written. */
  readonly timeout?: string;
  readonly requires?: readonly string[];
};

/** Resolves with the value, or rejects with a `RunFault` or `Interrupted`; the record has it either way. */
export async function callProvider(frame: Frame, plan: CallPlan): Promise<Value> {
  const { run } = frame;
  const started = { now: run.effects.now(), at: run.effects.timestamp(), attempts: 0 };
  try {
    const provider = refuseUnfit(run, plan);
    const result = await attemptAll(frame, provider, plan, started);
    keepRecord(frame, plan, started, { success: true, result: toJson(result) });
    return result;
  } catch (cause) {
    const fault = cause instanceof RunFault ? cause : undefined;
    const error = {
      kind: fault?.errorClass ?? 'CallError',
      message: fault?.message ?? 'interrupted',
    };
    keepRecord(frame, plan, started, { success: false, error });
    throw cause;
  }
}

type Started = { readonly now: number; readonly at: string; attempts: number };
type Ended =
  | { readonly success: true; readonly result: JsonValue }
  | {
      readonly success: false;
      readonly error: { readonly kind: ErrorClass; readonly message: string };
    };

function keepRecord({ run, calls }: Frame, plan: CallPlan, started: Started, ended: Ended): void {
  const { effects } = run;
  const record: CallRecord = {
    name: plan.spec.name,
    args: plan.args,
    kwargs: plan.kwargs,
    as: plan.as ?? null,
    retry: plan.retry ?? 0,
    timeout: plan.timeout ?? null,
    timeout_secs: plan.timeoutMs === undefined ? null : plan.timeoutMs / 1000,
    requires: plan.requires ?? [],
    attempts: started.attempts,
    ...ended,
    duration_ms: effects.now() - started.now,
    start_time: started.at,
    end_time: effects.timestamp(),
  };
  calls.push(record);
}

/** What makes a call hopeless before its first attempt. */
function refuseUnfit(run: Run, { spec, span, requires }: CallPlan): Provider {
  const { provider } = run.effects;
  if (provider === undefined)
    throw new RunFault(
      'E_RUNTIME_SERVICE_MISSING',
      'ServiceMissing',
      span,
      `nobody answers '${spec.name}'`,
    );
  const missing = requires?.find((each) => !provider.capabilities.has(each));
  if (missing !== undefined)
    throw new RunFault(
      'E_RUN_CAPABILITY',
      'PermissionError',
      span,
      `missing capability '${missing}'`,
    );
  const { deterministic, mockIo } = run.policy;
  if (deterministic && !spec.deterministic && !(mockIo && provider.isMock))
    throw new RunFault(
      'E_RUN_NONDETERMINISTIC',
      'PermissionError',
      span,
      `'${spec.name}' may answer differently each time`,
    );
  return provider;
}

const backOffMs = 100;
const backOffMaxMs = 30_000;

async function attemptAll(
  frame: Frame,
  provider: Provider,
  plan: CallPlan,
  started: Started,
): Promise<Value> {
  const { run } = frame;
  const last = 1 + (plan.retry ?? 0);
  for (;;) {
    started.attempts += 1;
    try {
      const result = await attemptOnce(run, provider, plan);
      return acceptResult(frame, plan, result);
    } catch (cause) {
      const isFinal =
        !(cause instanceof RunFault) || cause.errorClass === null || !isWorthRetry(cause);
      if (isFinal || started.attempts >= last) throw cause;
    }
    const pause = Math.min(backOffMs * 2 ** (started.attempts - 1), backOffMaxMs);
    await run.effects.sleep(Math.min(pause, remaining(run)), run.signal);
    refuseOver(run, plan.span);
  }
}

function isWorthRetry({ code }: RunFault): boolean {
  return code !== 'E_RUN_BUDGET' && code !== 'E_RUN_ROLLBACK_FAILED';
}

function remaining({ effects, deadline }: Run): number {
  return Math.max(0, deadline - effects.now());
}

/** Ends the run where its time is over or its caller has given up. */
export function refuseOver(run: Run, span: Span): void {
  if (run.signal.aborted) throw new Interrupted('interrupted');
  if (remaining(run) === 0)
    throw new RunFault('E_TIMEOUT_RUN', null, span, 'the run took longer than it may');
}

async function attemptOnce(run: Run, provider: Provider, plan: CallPlan): Promise<CallResult> {
  const { effects } = run;
  const limit = Math.min(plan.timeoutMs ?? Infinity, remaining(run));
  const attempt = new AbortController();
  const timer = new AbortController();
  const interruption = watch(run.signal, attempt);
  try {
    const deadline = effects.now() + limit;
    const context = { signal: attempt.signal, deadline, capabilities: plan.requires ?? [] };
    const call = settle(provider.call(plan.spec.name, plan.args, plan.kwargs, context));
    const late = effects.sleep(limit, timer.signal).then(() => 'late' as const);
    const first = await Promise.race([call, late, interruption.happened]);
    if (first === 'interrupted') throw new Interrupted('interrupted');
    if (first !== 'late') return first;
    attempt.abort();
    refuseOver(run, plan.span);
    throw new RunFault('E_TIMEOUT_STEP', 'Timeout', plan.span, `'${plan.spec.name}' took too long`);
  } finally {
    timer.abort();
    interruption.end();
  }
}

type Interruption = { readonly happened: Promise<'interrupted'>; readonly end: () => void };

/** Passes an abort of the run on to the attempt, until `end` is called. */
function watch(signal: AbortSignal, attempt: AbortController): Interruption {
  let interrupt: () => void = () => undefined;
  const happened = new Promise<'interrupted'>((resolve) => {
    interrupt = () => {
      attempt.abort();
      resolve('interrupted');
    };
  });
  if (signal.aborted) interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  const end = (): void => {
    signal.removeEventListener('abort', interrupt);
  };
  return { happened, end };
}

/** A provider that throws has failed; it must not take the interpreter with it. */
async function settle(call: Promise<CallResult>): Promise<CallResult> {
  try {
    return await call;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return { ok: false, kind: 'CallError', message };
  }
}

const rulesOf: Readonly<Partial<Record<ErrorClass, RuleCode>>> = {
  ServiceMissing: 'E_RUNTIME_SERVICE_MISSING',
  PermissionError: 'E_RUN_CAPABILITY',
  BudgetError: 'E_RUN_BUDGET',
  TypeError: 'E_RUN_TYPE',
};

function acceptResult(frame: Frame, plan: CallPlan, result: CallResult): Value {
  const { spec, span } = plan;
  if (!result.ok) {
    const kind = errorClasses.find((each) => each === result.kind) ?? 'CallError';
    const code = rulesOf[kind] ?? 'E_RUN_CALL_FAILED';
    throw new RunFault(code, kind, span, `'${spec.name}' failed: ${result.message}`);
  }
  if (spec.effect === 'write') keepWrite(frame, plan, result.undo);
  countTokens(frame.run, span, result.tokens ?? 0);
  const value = fromJson(result.value);
  if (value === undefined)
    throw new RunFault(
      'E_RUN_CALL_FAILED',
      'CallError',
      span,
      `'${spec.name}' answered no JSON value`,
    );
  return value;
}

function countTokens(run: Run, span: Span, tokens: number): void {
  run.tokens += tokens;
  const { tokenBudget } = run.policy;
  if (tokenBudget !== undefined && run.tokens > tokenBudget)
    throw new RunFault(
      'E_RUN_BUDGET',
      'BudgetError',
      span,
      `more than ${String(tokenBudget)} tokens`,
    );
}

function keepWrite({ run, writes, transaction }: Frame, plan: CallPlan, undo: Write['undo']): void {
  const write = { id: run.nextId, name: plan.spec.name, span: plan.span, undo, isUndone: false };
  run.nextId += 1;
  writes.push(write);
  transaction?.writes.push(write);
  if (transaction !== undefined && undo === undefined)
    throw new RunFault(
      'E_RUN_CALL_FAILED',
      'CallError',
      plan.span,
      `'${plan.spec.name}' wrote and gave no way to undo it`,
    );
}
