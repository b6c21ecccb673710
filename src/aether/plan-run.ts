// What a script would call, read from its tree. A plan runs nothing and is never evidence.

import { printFlat } from './print-expression.ts';
import type {
  Argument,
  Body,
  Call,
  Effect,
  Expression,
  Script,
  Statement,
  Step,
  WorkflowItem,
} from './tree.ts';

export type PlanEntry = {
  readonly depth: number;
  readonly kind: 'call' | 'condition' | 'alternative' | 'loop' | 'block' | 'await' | 'on-failure';
  readonly text: string;
};

type Plan = { readonly entries: PlanEntry[] };

/** Entries in the order of evaluation; both branches of a condition, as alternatives. */
export function planRun({ body }: Script): readonly PlanEntry[] {
  const plan: Plan = { entries: [] };
  planBody(plan, body, 0);
  return plan.entries;
}

function put(plan: Plan, depth: number, kind: PlanEntry['kind'], text: string): void {
  plan.entries.push({ depth, kind, text });
}

function planBody(plan: Plan, body: Body, depth: number): void {
  for (const statement of body) planStatement(plan, statement, depth);
}

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>;
type Planner<Kind extends Statement['kind']> = (
  plan: Plan,
  statement: Of<Kind>,
  depth: number,
) => void;

const nothing = (): void => undefined;

const planners: { readonly [Kind in Statement['kind']]: Planner<Kind> } = {
  goal: nothing,
  pairs: nothing,
  unsupported: nothing,
  broken: nothing,
  memory: (plan, { call }, depth) => {
    planCalls(plan, call, depth);
  },
  assign: (plan, { value }, depth) => {
    planCalls(plan, value, depth);
  },
  'call-statement': (plan, { call }, depth) => {
    planCalls(plan, call, depth);
  },
  if: (plan, { branches, otherwise }, depth) => {
    for (const { condition, body } of branches) {
      planCalls(plan, condition, depth);
      put(plan, depth, 'condition', `if ${printFlat(condition)}`);
      planBody(plan, body, depth + 1);
    }
    put(plan, depth, 'alternative', 'otherwise');
    planBody(plan, otherwise?.body ?? [], depth + 1);
  },
  for: (plan, { name, source, body }, depth) => {
    planCalls(plan, source, depth);
    put(plan, depth, 'loop', `for each ${name.text} in ${printFlat(source)}`);
    planBody(plan, body, depth + 1);
  },
  while: (plan, { condition, body }, depth) => {
    put(plan, depth, 'loop', `while ${printFlat(condition)}`);
    planCalls(plan, condition, depth + 1);
    planBody(plan, body, depth + 1);
  },
  await: (plan, { names }, depth) => {
    put(plan, depth, 'await', names.map(({ text }) => text).join(', '));
  },
  parallel: (plan, { assignments }, depth) => {
    put(plan, depth, 'block', 'at the same time');
    for (const part of assignments) planPart(plan, part, depth + 1);
  },
  workflow: (plan, { items }, depth) => {
    for (const item of items) planPart(plan, item, depth);
  },
  transaction: (plan, { effects }, depth) => {
    put(plan, depth, 'block', 'all or nothing');
    for (const effect of effects) planPart(plan, effect, depth + 1);
  },
  'on-error': (plan, { rules }, depth) => {
    for (const { when, call } of rules) {
      put(plan, depth, 'on-failure', `on ${when.text}`);
      planCalls(plan, call, depth + 1);
    }
  },
};

function planStatement<Kind extends Statement['kind']>(
  plan: Plan,
  statement: Of<Kind>,
  depth: number,
): void {
  const planner: Planner<Kind> = planners[statement.kind];
  planner(plan, statement, depth);
}

function planPart(plan: Plan, part: WorkflowItem | Effect, depth: number): void {
  if (part.kind === 'step') planStep(plan, part, depth);
  else if (part.kind === 'steps') for (const each of part.steps) planPart(plan, each, depth);
  else planStatement(plan, part, depth);
}

function planStep(plan: Plan, { path, args, options, span }: Step, depth: number): void {
  planArguments(plan, args ?? [], depth);
  const call: Call = { kind: 'call', path, args: args ?? [], span };
  const told = options.map(({ key, value }) => ` ${key.text}=${printFlat(value)}`).join('');
  put(plan, depth, 'call', printFlat(call) + told);
}

function planArguments(plan: Plan, args: readonly Argument[], depth: number): void {
  for (const { value } of args) planCalls(plan, value, depth);
}

/** Calls inside an expression, inner ones first, as they are evaluated. */
function planCalls(plan: Plan, expression: Expression, depth: number): void {
  for (const inner of innerOf(expression)) planCalls(plan, inner, depth);
  if (expression.kind === 'call') put(plan, depth, 'call', printFlat(expression));
}

function innerOf(expression: Expression): readonly Expression[] {
  if (expression.kind === 'call') return expression.args.map(({ value }) => value);
  if (expression.kind === 'list') return expression.items;
  if (expression.kind === 'dict') return expression.entries.map(({ value }) => value);
  if (expression.kind === 'group') return [expression.inner];
  if (expression.kind === 'not' || expression.kind === 'negate') return [expression.value];
  return operandsOf(expression);
}

function operandsOf(expression: Expression): readonly Expression[] {
  if (expression.kind === 'compare') return [expression.left, expression.right];
  if (expression.kind === 'chain')
    return [expression.first, ...expression.rest.map(({ value }) => value)];
  if (expression.kind !== 'access') return [];
  const indices = expression.parts.flatMap((part) => (part.kind === 'index' ? [part.value] : []));
  return [expression.base, ...indices];
}

/** The plan for people, one entry a line. */
export function renderPlan(entries: readonly PlanEntry[]): string {
  return entries.map(({ depth, text }) => `${'  '.repeat(depth)}${text}\n`).join('');
}
