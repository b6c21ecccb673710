// Expressions → values. Arguments are evaluated left to right, `and` and `or` stop early.

import type { Span } from '../diagnostics/diagnostic.ts';
import { callProvider, type CallPlan } from './call-provider.ts';
import { rangeFault, RunFault, StopSignal, typeFault } from './fault.ts';
import {
  bounded,
  combineValues,
  compareValues,
  exact,
  fieldOf,
  itemOf,
  negate,
  refuseSize,
} from './operate.ts';
import type { FunctionSpec } from './registry.ts';
import { flatten, isTask, type Frame } from './run-state.ts';
import type { Argument, Call, Expression, Name } from './tree.ts';
import { isDict, isList, isTrue, kindOf, toJson, type Value } from './value.ts';

type Of<Kind extends Expression['kind']> = Extract<Expression, { kind: Kind }>;
type Evaluate<Kind extends Expression['kind']> = (
  frame: Frame,
  expression: Of<Kind>,
) => Value | Promise<Value>;

const evaluators: { readonly [Kind in Expression['kind']]: Evaluate<Kind> } = {
  string: (_, { value }) => value,
  number: (_, { value, span }) => exact(value, span),
  duration: (_, { ms }) => ({ ms }),
  bool: (_, { value }) => value,
  null: () => null,
  name: readName,
  call: evaluateCall,
  list: async (frame, { items }) => evaluateAll(frame, items),
  dict: async (frame, { entries }) => {
    const values = await evaluateAll(
      frame,
      entries.map(({ value }) => value),
    );
    return new Map(entries.map(({ key }, at) => [key.text, values[at] ?? null]));
  },
  group: (frame, { inner }) => evaluate(frame, inner),
  not: async (frame, { value }) => !isTrue(await evaluate(frame, value)),
  negate: async (frame, { value, span }) => negate(await evaluate(frame, value), span),
  compare: async (frame, { operator, left, right, span }) => {
    const first = await evaluate(frame, left);
    return compareValues(operator, first, await evaluate(frame, right), span);
  },
  chain: evaluateChain,
  access: evaluateAccess,
};

export async function evaluate<Kind extends Expression['kind']>(
  frame: Frame,
  expression: Of<Kind>,
): Promise<Value> {
  const evaluator: Evaluate<Kind> = evaluators[expression.kind];
  return evaluator(frame, expression);
}

async function evaluateAll(frame: Frame, items: readonly Expression[]): Promise<Value[]> {
  const values: Value[] = [];
  for (const item of items) values.push(await evaluate(frame, item));
  return values;
}

function readName({ names, run }: Frame, { text, span }: Of<'name'>): Value {
  const value = names.get(text);
  if (isTask(value)) throw typeFault(span, `'${text}' is read before it is awaited`);
  if (value !== undefined) return value;
  if (run.registry.names.has(text)) return text;
  throw new RunFault('E_RUN_KEY', 'TypeError', span, `'${text}' has no value here`);
}

async function evaluateChain(frame: Frame, chain: Of<'chain'>): Promise<Value> {
  const { level, first, rest, span } = chain;
  if (level === 'and' || level === 'or') return evaluateLogic(frame, chain);
  let value = await evaluate(frame, first);
  for (const link of rest)
    value = combineValues(link.operator, value, await evaluate(frame, link.value), span);
  return value;
}

async function evaluateLogic(frame: Frame, { level, first, rest }: Of<'chain'>): Promise<boolean> {
  for (const operand of [first, ...rest.map(({ value }) => value)])
    if (isTrue(await evaluate(frame, operand)) === (level === 'or')) return level === 'or';
  return level === 'and';
}

async function evaluateAccess(frame: Frame, { base, parts }: Of<'access'>): Promise<Value> {
  let value = await evaluate(frame, base);
  for (const part of parts)
    value =
      part.kind === 'field'
        ? fieldOf(value, part.name.text, part.name.span)
        : itemOf(value, await evaluate(frame, part.value), part.span);
  return value;
}

async function evaluateCall(frame: Frame, call: Call): Promise<Value> {
  return callFunction(frame, call.path, call.args, {});
}

export type CallOptions = Pick<CallPlan, 'as' | 'retry' | 'timeoutMs' | 'timeout' | 'requires'>;

/** Calls a function, or a plugin a step has named. */
export async function callFunction(
  frame: Frame,
  path: Name,
  args: readonly Argument[],
  options: CallOptions,
): Promise<Value> {
  const { run } = frame;
  const { positions, keywords } = await evaluateArguments(frame, args);
  const spec = run.registry.functions.get(path.text);
  const local = spec?.effect === 'pure' ? localFunctions.get(path.text) : undefined;
  if (local !== undefined) return local(bindPositions(spec, positions, keywords), path.span);
  const found = spec ?? pluginSpec;
  const values = spec === undefined ? [path.text, ...positions] : positions;
  const { timeoutMs } = run.policy;
  const plan: CallPlan = {
    spec: found,
    span: path.span,
    args: bounded(path.span, () => told(frame, found, values).map((each) => toJson(each))),
    kwargs: bounded(path.span, () =>
      Object.fromEntries(keywords.map(([key, each]) => [key, toJson(each)])),
    ),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...options,
  };
  if (found.effect === 'notify' && frame.transaction !== undefined) return postpone(frame, plan);
  return callProvider(frame, plan);
}

/** A plugin is a write that its provider must be able to undo. */
const pluginSpec: FunctionSpec = {
  name: 'run_plugin',
  params: [{ name: 'name', optional: false }],
  variadic: true,
  openKeywords: true,
  effect: 'write',
  undo: true,
  deterministic: false,
};

function postpone(frame: Frame, plan: CallPlan): null {
  frame.transaction?.outbox.push(async () => {
    await callProvider({ ...frame, transaction: undefined }, plan);
  });
  return null;
}

/** `narrate()` tells what the record says happened, and nothing else. */
function told(
  { calls }: Frame,
  { name }: FunctionSpec,
  values: readonly Value[],
): readonly Value[] {
  if (name !== 'narrate' || values.length > 0) return values;
  const lines = flatten(calls).map((call) => `${call.name}: ${call.success ? 'done' : 'failed'}`);
  return [lines.join('\n')];
}

type Evaluated = {
  readonly positions: readonly Value[];
  readonly keywords: readonly (readonly [string, Value])[];
};

async function evaluateArguments(frame: Frame, args: readonly Argument[]): Promise<Evaluated> {
  const positions: Value[] = [];
  const keywords: [string, Value][] = [];
  for (const { name, value } of args) {
    const made = await evaluate(frame, value);
    if (name === undefined) positions.push(made);
    else keywords.push([name.text, made]);
  }
  return { positions, keywords };
}

function bindPositions(
  spec: FunctionSpec | undefined,
  positions: readonly Value[],
  keywords: Evaluated['keywords'],
): readonly (Value | undefined)[] {
  const named = new Map(keywords);
  const rest = (spec?.params ?? []).slice(positions.length).map(({ name }) => named.get(name));
  return [...positions, ...rest];
}

type LocalFunction = (values: readonly (Value | undefined)[], span: Span) => Value;

const localFunctions: ReadonlyMap<string, LocalFunction> = new Map<string, LocalFunction>([
  ['len', ([value = null], span) => lengthOf(value, span)],
  ['range', ([from = null, to], span) => rangeOf(from, to, span)],
  [
    'stop_execution',
    () => {
      throw new StopSignal('stopped');
    },
  ],
]);

function lengthOf(value: Value, span: Span): number {
  if (typeof value === 'string') return Array.from(value).length;
  if (isList(value)) return value.length;
  if (isDict(value)) return value.size;
  throw typeFault(span, `a ${kindOf(value)} has no length`);
}

function rangeOf(first: Value, second: Value | undefined, span: Span): Value {
  const [from, to] = second === undefined ? [0, first] : [first, second];
  if (!Number.isInteger(from) || !Number.isInteger(to))
    throw rangeFault(span, 'range takes whole numbers');
  const length = Math.max(0, Number(to) - Number(from));
  refuseSize(length, span);
  return Array.from({ length }, (_, at) => Number(from) + at);
}
