// Blocks whose parts are no statements: workflow, parallel, transaction, and what awaits them.

import { nearest } from '../diagnostics/nearest.ts';
import { checkCall, checkCallee, checkExpression } from './check-expression.ts';
import { durationOf, numberOf } from './check-pairs.ts';
import { define, refuseKeyword, report, type Checker } from './checker.ts';
import { bind } from './scope.ts';
import { problem } from './problem.ts';
import type {
  Assign,
  Broken,
  Effect,
  Expression,
  Name,
  Statement,
  Step,
  StepOption,
} from './tree.ts';

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>;

export function checkAssign(checker: Checker, { name, type, value }: Assign): void {
  checkExpression(checker, value);
  if (type !== undefined && !fitsHint(type.name.text, value))
    report(checker, 'W_TYPE_HINT', value.span, `this is no ${type.name.text}`);
  define(checker, name);
}

const hintKinds: ReadonlyMap<string, readonly Expression['kind'][]> = new Map(
  Object.entries<readonly Expression['kind'][]>({
    String: ['string'],
    Number: ['number'],
    Int: ['number'],
    Bool: ['bool'],
    Null: ['null'],
    List: ['list'],
    Dict: ['dict'],
    Duration: ['duration'],
  }),
);
const literalKinds = new Set([...hintKinds.values()].flat());

function fitsHint(hint: string, value: Expression): boolean {
  const kinds = hintKinds.get(hint);
  const number = numberOf(value);
  const kind = number === undefined ? value.kind : 'number';
  if (kinds === undefined || !literalKinds.has(kind)) return true;
  if (hint === 'Int' && number !== undefined) return Number.isInteger(number);
  return kinds.includes(kind);
}

export function settle({ parallel }: Checker, name: string): void {
  const entry = parallel.get(name);
  if (entry !== undefined) entry.awaited = true;
}

export function checkAwait(checker: Checker, { names }: Of<'await'>): void {
  const listed = new Set(names.map(({ text }) => text));
  for (const name of names) awaitName(checker, name, listed);
}

function awaitName(checker: Checker, { text, span }: Name, listed: ReadonlySet<string>): void {
  const binding = checker.scope.bindings.get(text);
  if (binding === 'awaited') {
    report(checker, 'W_AWAIT_TWICE', span, `'${text}' is awaited already`);
  } else if (binding === 'pending' || (binding === 'maybe' && checker.parallel.has(text))) {
    settle(checker, text);
    bind(checker.scope, text, 'awaited');
  } else {
    const meant = nearest(
      text,
      pendingNames(checker).filter((name) => !listed.has(name)),
    );
    const hint = meant === undefined ? {} : { hint: `did you mean '${meant}'?` };
    checker.problems.push(
      problem('E_AWAIT_UNKNOWN', span, `no parallel block has started '${text}'`, hint),
    );
    if (meant === undefined) return;
    // The one that was meant counts as awaited, so that one slip is one error.
    settle(checker, meant);
    bind(checker.scope, meant, 'awaited');
  }
}

const pendingMax = 100;

function pendingNames({ parallel, scope }: Checker): string[] {
  const names: string[] = [];
  for (const name of parallel.keys()) {
    if (names.length === pendingMax) break;
    if (scope.bindings.get(name) === 'pending') names.push(name);
  }
  return names;
}

export function checkParallel(checker: Checker, { assignments }: Of<'parallel'>): void {
  const names = assignments.filter((each) => each.kind === 'assign').map(({ name }) => name);
  const seen = new Set<string>();
  for (const { text, span } of names) {
    if (seen.has(text)) report(checker, 'E_DUP_NAME', span, `'${text}' is assigned twice here`);
    seen.add(text);
  }
  const siblings = new Set(names.map(({ text }) => text));
  checker.siblings = siblings;
  for (const each of assignments)
    if (each.kind === 'assign') {
      siblings.delete(each.name.text);
      checkExpression(checker, each.value);
      refuseKeyword(checker, each.name);
      siblings.add(each.name.text);
    }
  checker.siblings = new Set();
  for (const { text, span } of names) {
    bind(checker.scope, text, 'pending');
    checker.parallel.set(text, { span, awaited: false });
  }
  for (const each of assignments)
    if (each.kind === 'broken') for (const name of each.names) bindBroken(checker, each, name);
}

/** Pending as well, though nobody is told that it is never awaited. */
function bindBroken({ scope, parallel }: Checker, { span }: Broken, name: string): void {
  bind(scope, name, 'pending');
  parallel.set(name, { span, awaited: true });
}

export function checkWorkflow(checker: Checker, { items }: Of<'workflow'>): void {
  const flat: (Assign | Step | Broken)[] = [];
  for (const item of items) flat.push(...(item.kind === 'steps' ? item.steps : [item]));
  const seen = new Set<string>();
  checker.laterAliases = new Set(flat.flatMap((item) => aliasesOf(item).map(({ text }) => text)));
  for (const item of flat) {
    checkItem(checker, item);
    for (const { text, span } of aliasesOf(item)) {
      if (seen.has(text))
        report(checker, 'E_DUP_ALIAS', span, `another step has the alias '${text}'`);
      seen.add(text);
    }
  }
  checker.laterAliases = new Set();
}

function aliasesOf(item: Assign | Step | Broken): readonly Name[] {
  return item.kind === 'step' ? item.aliases : [];
}

function checkItem(checker: Checker, item: Assign | Step | Broken): void {
  if (item.kind === 'assign') checkAssign(checker, item);
  else if (item.kind === 'step') checkStep(checker, item);
  else checker.checkAside(item);
}

function checkStep(checker: Checker, step: Step): void {
  const { path, args, aliases } = step;
  const isPlugin = checker.plugins.has(path.text) && !checker.registry.functions.has(path.text);
  if (!isPlugin) checkCallee(checker, path, args ?? []);
  for (const { value } of args ?? []) checkExpression(checker, value);
  checkOptions(checker, step);
  for (const alias of aliases) define(checker, alias);
}

type OptionTest = { readonly holds: (value: Expression) => boolean; readonly want: string };

const optionTests: ReadonlyMap<string, OptionTest> = new Map(
  Object.entries<OptionTest>({
    retry: { holds: isRetry, want: 'an integer from 0 to 10' },
    timeout: {
      holds: (value) => (durationOf(value) ?? 0) > 0,
      want: 'a duration longer than nothing',
    },
    requires: { holds: isStringList, want: 'a list of strings' },
  }),
);

function isRetry(value: Expression): boolean {
  const number = numberOf(value);
  return number !== undefined && Number.isInteger(number) && number >= 0 && number <= 10;
}

function isStringList(value: Expression): boolean {
  return value.kind === 'list' && value.items.every(({ kind }) => kind === 'string');
}

function checkOptions(checker: Checker, { options, aliases }: Step): void {
  const seen = new Set<string>();
  for (const { key, value } of options) {
    const test = optionTests.get(key.text);
    if (seen.has(key.text)) reportTwice(checker, key);
    else if (test !== undefined && !test.holds(value))
      report(checker, 'E_STEP_OPTION', value.span, `'${key.text}' is ${test.want}`);
    seen.add(key.text);
  }
  for (const alias of aliases.slice(1)) reportTwice(checker, { ...alias, text: 'as' });
}

function reportTwice(checker: Checker, { text, span }: StepOption['key']): void {
  report(checker, 'E_STEP_OPTION', span, `'${text}' stands here twice`);
}

export function checkTransaction(checker: Checker, effects: readonly Effect[]): void {
  const isOuter = !checker.inTransaction;
  checker.inTransaction = true;
  for (const effect of effects)
    if (effect.kind === 'transaction') {
      report(checker, 'E_TXN_NESTED', effect.head, 'a transaction inside a transaction');
      checkTransaction(checker, effect.effects);
    } else if (effect.kind === 'call-statement') checkCall(checker, effect.call);
    else checkItem(checker, effect);
  if (isOuter) checker.inTransaction = false;
}
