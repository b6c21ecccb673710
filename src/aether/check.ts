// What a script says, judged without running it: calls, names, blocks. Statements that could not be
// read are passed over, and what they define counts as defined.

import { nearest } from '../diagnostics/nearest.ts';
import {
  checkAssign,
  checkAwait,
  checkParallel,
  checkTransaction,
  checkWorkflow,
  settle,
} from './check-block.ts';
import { checkCall, checkExpression } from './check-expression.ts';
import { checkPairs, itemsOf, pluginName } from './check-pairs.ts';
import { define, report, type Checker } from './checker.ts';
import { literalTruth } from './literal-truth.ts';
import { isSyntaxError, problem, type Problem } from './problem.ts';
import type { Registry } from './registry.ts';
import { bind, inBranch, makeScope, merge, type Changes } from './scope.ts';
import type { Body, Broken, Name, Script, Statement } from './tree.ts';

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>;

/** `syntax` holds what reading the file found; a missing goal is not reported beside it. */
export function checkScript(
  { body }: Script,
  registry: Registry,
  syntax: readonly Problem[],
): readonly Problem[] {
  const checker: Checker = {
    registry,
    problems: [],
    scope: makeScope(),
    plugins: findPlugins(body),
    parallel: new Map(),
    laterAliases: new Set(),
    siblings: new Set(),
    inTransaction: false,
    checkAside: (broken) => {
      checkAside(checker, broken, 1);
    },
  };
  checkTopLevel(checker, body, syntax);
  checkBody(checker, body, 0);
  for (const [name, { span, awaited }] of checker.parallel)
    if (!awaited) report(checker, 'W_AWAIT_NEVER', span, `'${name}' is never awaited`);
  return checker.problems;
}

/** Plugins and contract ids anywhere at the top level, those in broken lines included. */
function findPlugins(body: Body): Set<string> {
  const names = new Set<string>();
  for (const statement of body) {
    if (statement.kind !== 'pairs') continue;
    const broken = statement.brokenPairs.flatMap(({ words }) => words);
    for (const name of [...broken, ...pluginsOf(statement)]) names.add(name);
  }
  return names;
}

function pluginsOf({ block, pairs }: Of<'pairs'>): string[] {
  const key = block === 'require' ? 'plugins' : 'id';
  if (block !== 'require' && block !== 'plugin_contract') return [];
  return pairs
    .filter((pair) => pair.key.text === key)
    .flatMap(({ value }) => itemsOf(value) ?? (value.kind === 'value' ? [value.value] : []))
    .flatMap((item) => (item.kind === 'string' ? [pluginName(item.value)] : []));
}

const onceBlocks = new Set(['meta', 'policy', 'require']);

function checkTopLevel(checker: Checker, body: Body, syntax: readonly Problem[]): void {
  const goals = body.filter((statement) => statement.kind === 'goal');
  if (goals.length === 0 && !syntax.some(isSyntaxError))
    report(checker, 'E_GOAL_MISSING', null, 'the script has no goal');
  for (const { head } of goals.slice(1))
    report(checker, 'W_GOAL_MULTIPLE', head, 'the script has a goal already');
  const seen = new Set<string>();
  const ids = new Set<string>();
  for (const statement of body) {
    if (statement.kind !== 'pairs') continue;
    const { block, head } = statement;
    if (onceBlocks.has(block) && seen.has(block))
      report(checker, 'E_DUP_BLOCK', head, `the script has a '${block}' block already`);
    seen.add(block);
    if (block === 'plugin_contract') checkId(checker, statement, ids);
  }
}

function checkId(checker: Checker, { pairs }: Of<'pairs'>, ids: Set<string>): void {
  for (const { key, value, span } of pairs) {
    if (key.text !== 'id' || value.kind !== 'value' || value.value.kind !== 'string') continue;
    const id = value.value.value;
    if (ids.has(id)) report(checker, 'E_DUP_ID', span, `another contract has the id '${id}'`);
    ids.add(id);
  }
}

function checkBody(checker: Checker, body: Body, depth: number): void {
  for (const statement of body) {
    if (checker.scope.stopped) {
      report(checker, 'W_UNREACHABLE', headOf(statement), 'this is never reached');
      checker.scope.stopped = false;
    }
    checkStatement(checker, statement, depth);
  }
}

function headOf(statement: Statement): Statement['span'] {
  return 'head' in statement ? statement.head : statement.span;
}

type Check<Kind extends Statement['kind']> = (
  checker: Checker,
  statement: Of<Kind>,
  depth: number,
) => void;

const checks: { readonly [Kind in Statement['kind']]: Check<Kind> } = {
  goal: (checker, statement, depth) => {
    refuseNested(checker, statement, depth);
  },
  memory: (checker, { call }) => {
    checkCall(checker, call);
  },
  assign: checkAssign,
  'call-statement': (checker, { call }) => {
    checkCall(checker, call);
    if (call.path.text === 'stop_execution') checker.scope.stopped = true;
  },
  if: checkIf,
  for: checkFor,
  while: checkWhile,
  await: checkAwait,
  parallel: checkParallel,
  workflow: checkWorkflow,
  transaction: (checker, { effects }) => {
    checkTransaction(checker, effects);
  },
  pairs: (checker, statement, depth) => {
    refuseNested(checker, statement, depth);
    checkPairs(checker, statement);
  },
  'on-error': checkOnError,
  unsupported: (checker, { names, body }, depth) => {
    checkAside(checker, { names, body }, depth);
  },
  broken: checkAside,
};

function checkStatement<Kind extends Statement['kind']>(
  checker: Checker,
  statement: Of<Kind>,
  depth: number,
): void {
  const check: Check<Kind> = checks[statement.kind];
  check(checker, statement, depth);
}

function refuseNested(checker: Checker, { head }: { head: Name['span'] }, depth: number): void {
  if (depth > 0)
    report(checker, 'E_BLOCK_NESTED', head, 'this block belongs at the top level of the script');
}

/** Names of a broken statement are defined already inside it: it may be the head of a loop. */
function checkAside(
  checker: Checker,
  { names, body }: Pick<Broken, 'names' | 'body'>,
  depth: number,
): void {
  for (const name of names) {
    settle(checker, name);
    bind(checker.scope, name, 'defined');
  }
  checkBody(checker, body, depth + 1);
}

function checkIf(checker: Checker, { branches, otherwise }: Of<'if'>, depth: number): void {
  const changes: Changes[] = [];
  let isDead = false;
  for (const { condition, body } of branches) {
    checkExpression(checker, condition);
    const truth = literalTruth(condition);
    warnDead(checker, body, isDead || truth === false);
    isDead ||= truth === true;
    changes.push(
      inBranch(checker.scope, () => {
        checkBody(checker, body, depth + 1);
      }),
    );
  }
  const last = otherwise?.body ?? [];
  warnDead(checker, last, isDead);
  changes.push(
    inBranch(checker.scope, () => {
      checkBody(checker, last, depth + 1);
    }),
  );
  merge(checker.scope, changes);
}

function warnDead(checker: Checker, body: Body, isDead: boolean): void {
  const first = body[0];
  if (isDead && first !== undefined)
    report(checker, 'W_UNREACHABLE', headOf(first), 'the condition above is a literal');
}

function checkFor(checker: Checker, { name, source, body }: Of<'for'>, depth: number): void {
  checkExpression(checker, source);
  const changes = inBranch(checker.scope, () => {
    define(checker, name);
    checkBody(checker, body, depth + 1);
  });
  const names = new Map(changes.names);
  names.delete(name.text);
  merge(checker.scope, [
    { names, stopped: changes.stopped },
    { names: new Map(), stopped: false },
  ]);
}

function checkWhile(checker: Checker, { condition, body }: Of<'while'>, depth: number): void {
  checkExpression(checker, condition);
  const changes = inBranch(checker.scope, () => {
    checkBody(checker, body, depth + 1);
  });
  merge(checker.scope, [changes, { names: new Map(), stopped: false }]);
}

const errorClasses = new Set([
  'Timeout',
  'PermissionError',
  'ServiceMissing',
  'CallError',
  'TypeError',
  'BudgetError',
  'Error',
]);

/** Rules run after a failure anywhere, so names of the whole script may be there. */
function checkOnError(checker: Checker, { rules, head }: Of<'on-error'>, depth: number): void {
  refuseNested(checker, { head }, depth);
  for (const { when, call } of rules) {
    if (!errorClasses.has(when.text)) {
      const hint = nearest(when.text, [...errorClasses]);
      const detail = hint === undefined ? {} : { hint: `did you mean '${hint}'?` };
      checker.problems.push(
        problem('W_RULE_CLASS', when.span, `nothing raises '${when.text}'`, detail),
      );
    }
    checkCall(checker, call);
  }
}
