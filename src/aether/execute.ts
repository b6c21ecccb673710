// Statements, top to bottom. A failure ends a statement; what happens then is said once for the whole
// script, in `fail`.

import type { Span } from '../diagnostics/diagnostic.ts';
import { refuseOver } from './call-provider.ts';
import { durationOf, numberOf } from './check-pairs.ts';
import { callFunction, evaluate, type CallOptions } from './evaluate.ts';
import { RunFault, typeFault } from './fault.ts';
import {
  isTask,
  type CallRecord,
  type Frame,
  type Run,
  type Sequence,
  type Task,
  type Transaction,
  type Write,
} from './run-state.ts';
import type { Assign, Body, Effect, Expression, Statement, Step, WorkflowItem } from './tree.ts';
import { afterUndo, undoWrites } from './undo-writes.ts';
import { isDict, isList, isTrue, kindOf, type Value } from './value.ts';

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>;
type Execute<Kind extends Statement['kind']> = (frame: Frame, statement: Of<Kind>) => Promise<void>;

const nothing = async (): Promise<void> => Promise.resolve();

const executors: { readonly [Kind in Statement['kind']]: Execute<Kind> } = {
  goal: nothing,
  pairs: nothing,
  'on-error': nothing,
  memory: async (frame, { call }) => {
    await guarded(frame, ['memory'], async () => {
      frame.names.set('memory', await evaluate(frame, call));
    });
  },
  assign: executeAssign,
  'call-statement': async (frame, { call }) => {
    await guarded(frame, [], async () => {
      await evaluate(frame, call);
    });
  },
  if: executeIf,
  for: executeFor,
  while: executeWhile,
  await: executeAwait,
  parallel: executeParallel,
  workflow: executeWorkflow,
  transaction: executeTransaction,
  unsupported: refuseUnread,
  broken: refuseUnread,
};

export async function executeBody(frame: Frame, body: Body): Promise<void> {
  for (const statement of body) await executeStatement(frame, statement);
}

async function executeStatement<Kind extends Statement['kind']>(
  frame: Frame,
  statement: Of<Kind>,
): Promise<void> {
  countStep(frame.run, statement.span);
  const execute: Execute<Kind> = executors[statement.kind];
  await execute(frame, statement);
}

/** Every evaluated statement counts, so that no script runs for ever. */
export function countStep(run: Run, span: Span): void {
  run.steps += 1;
  refuseOver(run, span);
  if (run.steps > run.limits.steps)
    throw new RunFault(
      'E_RUN_MAX_STEPS',
      null,
      span,
      `more than ${String(run.limits.steps)} steps`,
    );
}

/** A script is checked before it runs, so neither kind gets here. */
async function refuseUnread(_: Frame, { span }: { readonly span: Span }): Promise<void> {
  return Promise.reject(typeFault(span, 'this statement cannot be run'));
}

/**
 * Runs one statement. Inside a transaction a failure leaves the block; elsewhere it is answered by
 * the rules and the policy of the script, and `names` are null if the run goes on.
 */
async function guarded(
  frame: Frame,
  names: readonly string[],
  body: () => Promise<void>,
): Promise<void> {
  try {
    await body();
  } catch (cause) {
    if (!(cause instanceof RunFault) || frame.transaction !== undefined) throw cause;
    await fail(frame, cause);
    for (const name of names) frame.names.set(name, null);
  }
}

/** Resolves if the run goes on; rejects with the fault if it ends. */
export async function fail(frame: Frame, fault: RunFault): Promise<void> {
  const { run } = frame;
  if (fault.errorClass === null) throw fault;
  const rule = run.rules.find(
    ({ when }) => when.text === fault.errorClass || when.text === 'Error',
  );
  const handled = rule !== undefined && (await runRule(frame, rule.call));
  run.failures.push({ fault, handled });
  if (run.policy.onError === 'continue') return;
  throw fault;
}

/** A rule that fails itself has handled nothing. */
async function runRule(frame: Frame, call: Expression): Promise<boolean> {
  try {
    await evaluate(frame, call);
    return true;
  } catch (cause) {
    if (!(cause instanceof RunFault) || cause.errorClass === null) throw cause;
    frame.run.failures.push({ fault: cause, handled: false });
    return false;
  }
}

async function executeAssign(frame: Frame, { name, value }: Assign): Promise<void> {
  await guarded(frame, [name.text], async () => {
    frame.names.set(name.text, await evaluate(frame, value));
  });
}

async function executeIf(frame: Frame, { branches, otherwise }: Of<'if'>): Promise<void> {
  let chosen: Body = [];
  await guarded(frame, [], async () => {
    for (const { condition, body } of branches)
      if (isTrue(await evaluate(frame, condition))) {
        chosen = body;
        return;
      }
    chosen = otherwise?.body ?? [];
  });
  await executeBody(frame, chosen);
}

async function executeFor(frame: Frame, { name, source, body }: Of<'for'>): Promise<void> {
  let items: readonly Value[] = [];
  await guarded(frame, [], async () => {
    items = itemsOf(await evaluate(frame, source), source.span);
  });
  const before = frame.names.get(name.text);
  for (const item of items) {
    frame.names.set(name.text, item);
    await executeBody(frame, body);
  }
  if (before === undefined) frame.names.delete(name.text);
  else frame.names.set(name.text, before);
}

function itemsOf(value: Value, span: Span): readonly Value[] {
  if (isList(value)) return value;
  if (isDict(value)) return [...value.keys()];
  throw typeFault(span, `a ${kindOf(value)} has no items`);
}

const roundsMax = 1000;

async function executeWhile(frame: Frame, { condition, body, span }: Of<'while'>): Promise<void> {
  for (let round = 0; await holds(frame, condition); round += 1) {
    if (round === roundsMax)
      throw new RunFault('E_RUN_MAX_STEPS', null, span, `more than ${String(roundsMax)} rounds`);
    await executeBody(frame, body);
    countStep(frame.run, span);
  }
}

async function holds(frame: Frame, condition: Expression): Promise<boolean> {
  let value = false;
  await guarded(frame, [], async () => {
    value = isTrue(await evaluate(frame, condition));
  });
  return value;
}

/** All parts start together and see the names as they were; each writes into its own record. */
async function executeParallel(frame: Frame, { assignments }: Of<'parallel'>): Promise<void> {
  const { run } = frame;
  const before = new Map(frame.names);
  const slots = makeSlots(run.limits.parallel);
  for (const part of assignments) {
    if (part.kind !== 'assign') continue;
    countStep(run, part.span);
    const calls: Sequence<CallRecord> = [];
    const writes: Sequence<Write> = [];
    frame.calls.push(calls);
    frame.writes.push(writes);
    const inner: Frame = { run, names: new Map(before), calls, writes, transaction: undefined };
    const task: Task = { done: slots(async () => evaluate(inner, part.value)), order: run.nextId };
    run.nextId += 1;
    run.open.add(task);
    frame.names.set(part.name.text, task);
  }
  return Promise.resolve();
}

type Settled = Awaited<Task['done']>;

/** Runs at most `limit` of what it is given at once, in the order given. */
function makeSlots(limit: number): (work: () => Promise<Value>) => Promise<Settled> {
  const running: Promise<unknown>[] = [];
  return async (work) => {
    const place = running.length - limit;
    const turn = place < 0 ? Promise.resolve() : Promise.resolve(running[place]);
    const done = turn.then(work).then(
      (value): Settled => ({ value }),
      (error: unknown): Settled => ({ error }),
    );
    running.push(done);
    return done;
  };
}

async function executeAwait(frame: Frame, { names }: Of<'await'>): Promise<void> {
  const failed: { readonly name: string; readonly error: unknown; readonly order: number }[] = [];
  for (const { text } of names) {
    const task = frame.names.get(text);
    if (!isTask(task)) continue;
    const settled = await task.done;
    frame.run.open.delete(task);
    if ('value' in settled) frame.names.set(text, settled.value);
    else failed.push({ name: text, error: settled.error, order: task.order });
  }
  const [first] = failed.sort((a, b) => a.order - b.order);
  if (first === undefined) return;
  await guarded(
    frame,
    failed.map(({ name }) => name),
    async () => Promise.reject(asError(first.error)),
  );
}

export function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}

async function executeWorkflow(frame: Frame, { items }: Of<'workflow'>): Promise<void> {
  for (const item of items) await executePart(frame, item);
}

async function executePart(frame: Frame, part: WorkflowItem | Effect): Promise<void> {
  if (part.kind === 'steps') {
    for (const step of part.steps) await executePart(frame, step);
  } else if (part.kind === 'step') {
    countStep(frame.run, part.span);
    await executeStep(frame, part);
  } else await executeStatement(frame, part);
}

async function executeStep(frame: Frame, step: Step): Promise<void> {
  const { path, args, aliases } = step;
  const names = aliases.map(({ text }) => text);
  await guarded(frame, names, async () => {
    const value = await callFunction(frame, path, args ?? [], optionsOf(frame.run, step));
    for (const name of names) frame.names.set(name, value);
  });
}

function optionsOf({ policy }: Run, { options, aliases }: Step): CallOptions {
  const find = (key: string): Expression | undefined =>
    options.find((option) => option.key.text === key)?.value;
  const [retry, timeout, requires] = [find('retry'), find('timeout'), find('requires')];
  const alias = aliases[0]?.text;
  return {
    retry: retry === undefined ? policy.retries : (numberOf(retry) ?? 0),
    ...(alias === undefined ? {} : { as: alias }),
    ...(timeout === undefined ? {} : timeoutOf(timeout)),
    ...(requires?.kind === 'list' ? { requires: requires.items.flatMap(textOf) } : {}),
  };
}

function timeoutOf(value: Expression): Pick<CallOptions, 'timeout' | 'timeoutMs'> {
  const timeoutMs = durationOf(value);
  const timeout = value.kind === 'duration' ? value.text : textOf(value)[0];
  if (timeoutMs === undefined || timeout === undefined) return {};
  return { timeoutMs, timeout };
}

function textOf(value: Expression): string[] {
  return value.kind === 'string' ? [value.value] : [];
}

async function executeTransaction(frame: Frame, { effects }: Of<'transaction'>): Promise<void> {
  await guarded(frame, [], async () => {
    const before = new Map(frame.names);
    const transaction: Transaction = { writes: [], outbox: [] };
    try {
      for (const effect of effects) await executePart({ ...frame, transaction }, effect);
    } catch (cause) {
      frame.names.clear();
      for (const [name, value] of before) frame.names.set(name, value);
      throw asError(afterUndo(cause, await undoWrites(frame.run, transaction.writes)));
    }
    for (const send of transaction.outbox) await send();
  });
}
