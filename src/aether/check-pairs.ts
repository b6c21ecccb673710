// Blocks of pairs: literals only, and each known key in its range.

import { refuseKeyword, report, type Checker } from './checker.ts';
import { refuseDuplicateKeys } from './check-expression.ts';
import { parseDuration } from './literal.ts';
import { problem } from './problem.ts';
import type { Expression, Name, Pair, Statement } from './tree.ts';

type Pairs = Extract<Statement, { kind: 'pairs' }>;

export function checkPairs(checker: Checker, block: Pairs): void {
  checkLiterals(checker, block.pairs);
  if (block.block === 'policy') for (const pair of block.pairs) checkPolicy(checker, pair);
  if (block.block === 'require') checkRequire(checker, block.pairs);
  if (block.block === 'plugin_contract') checkContract(checker, block);
}

function checkLiterals(checker: Checker, pairs: readonly Pair[]): void {
  refuseDuplicateKeys(
    checker,
    pairs.map(({ key }) => key),
  );
  for (const { key, value } of pairs) {
    refuseKeyword(checker, key);
    if (value.kind === 'pairs') checkLiterals(checker, value.pairs);
    else if (value.kind === 'dashes') for (const item of value.items) checkLiteral(checker, item);
    else checkLiteral(checker, value.value);
  }
}

function checkLiteral(checker: Checker, expression: Expression): void {
  if (!isLiteral(expression)) {
    const hint = expression.kind === 'name' ? { hint: `write "${expression.text}"` } : {};
    checker.problems.push(
      problem('E_PAIR_LITERAL', expression.span, 'only a literal may stand here', hint),
    );
    return;
  }
  refuseDuplicatesWithin(checker, expression);
}

function refuseDuplicatesWithin(checker: Checker, expression: Expression): void {
  if (expression.kind === 'list')
    for (const item of expression.items) refuseDuplicatesWithin(checker, item);
  if (expression.kind !== 'dict') return;
  refuseDuplicateKeys(
    checker,
    expression.entries.map(({ key }) => key),
  );
  for (const { value } of expression.entries) refuseDuplicatesWithin(checker, value);
}

const plainLiterals = new Set(['string', 'number', 'duration', 'bool', 'null']);

export function isLiteral(expression: Expression): boolean {
  if (plainLiterals.has(expression.kind)) return true;
  if (expression.kind === 'list') return expression.items.every(isLiteral);
  if (expression.kind === 'dict') return expression.entries.every(({ value }) => isLiteral(value));
  return expression.kind === 'negate' && expression.value.kind === 'number';
}

type Test = { readonly holds: (value: Expression) => boolean; readonly want: string };

const policyKeys: ReadonlyMap<string, Test> = new Map(
  Object.entries<Test>({
    risk_budget: { holds: (value) => isNumber(value, 0, 1), want: 'a number from 0 to 1' },
    token_budget: { holds: (value) => isInteger(value, 0), want: 'an integer from 0' },
    data_class: { holds: ({ kind }) => kind === 'string', want: 'text' },
    deterministic: { holds: ({ kind }) => kind === 'bool', want: 'true or false' },
    mock_io: { holds: ({ kind }) => kind === 'bool', want: 'true or false' },
    seed: { holds: (value) => isInteger(value), want: 'an integer' },
    on_error: { holds: isReaction, want: '"stop", "continue" or "rollback"' },
    timeout_default: { holds: (value) => (durationOf(value) ?? 0) > 0, want: 'a duration' },
    max_retries: { holds: (value) => isInteger(value, 0, 10), want: 'an integer from 0 to 10' },
  }),
);

function checkPolicy(checker: Checker, { key, value, span }: Pair): void {
  const test = policyKeys.get(key.text);
  if (test === undefined) {
    report(checker, 'W_KEY_UNKNOWN', key.span, `the policy has no '${key.text}'`);
    return;
  }
  if (value.kind !== 'value')
    report(checker, 'E_POLICY_VALUE', span, `'${key.text}' is ${test.want}`);
  else if (isLiteral(value.value) && !test.holds(value.value))
    report(checker, 'E_POLICY_VALUE', value.value.span, `'${key.text}' is ${test.want}`);
}

/** The number a literal stands for, with its sign. */
export function numberOf(expression: Expression): number | undefined {
  if (expression.kind === 'number') return expression.value;
  if (expression.kind !== 'negate' || expression.value.kind !== 'number') return undefined;
  return -expression.value.value;
}

function isNumber(expression: Expression, least: number, most: number): boolean {
  const value = numberOf(expression);
  return value !== undefined && value >= least && value <= most;
}

function isInteger(expression: Expression, least = -Infinity, most = Infinity): boolean {
  const value = numberOf(expression);
  return value !== undefined && Number.isSafeInteger(value) && value >= least && value <= most;
}

function isReaction(expression: Expression): boolean {
  return (
    expression.kind === 'string' && ['stop', 'continue', 'rollback'].includes(expression.value)
  );
}

/** Milliseconds of a duration, written as one or as a string of that form. */
export function durationOf(expression: Expression): number | undefined {
  if (expression.kind === 'duration') return expression.ms;
  return expression.kind === 'string' ? parseDuration(expression.value) : undefined;
}

const pluginSpec =
  /^[\p{XID_Start}_][\p{XID_Continue}.-]*\s*(?:==|!=|>=|<=|>|<|\^|~)\s*[0-9][0-9A-Za-z.+-]*(?:\s*,\s*(?:==|!=|>=|<=|>|<|\^|~)\s*[0-9][0-9A-Za-z.+-]*)*$/u;

/** The plugin a requirement names, without its versions. */
export function pluginName(spec: string): string {
  return /^[\p{XID_Start}_][\p{XID_Continue}.-]*/u.exec(spec.trim())?.[0] ?? '';
}

function checkRequire(checker: Checker, pairs: readonly Pair[]): void {
  for (const { key, value, span } of pairs) {
    if (key.text !== 'plugins') continue;
    const items = itemsOf(value);
    if (items === undefined) reportSpec(checker, { text: '', span });
    for (const item of items ?? []) checkSpec(checker, item);
  }
}

/** What a pair lists, whether with dashes or in brackets. */
export function itemsOf(value: Pair['value']): readonly Expression[] | undefined {
  if (value.kind === 'dashes') return value.items;
  if (value.kind !== 'value' || value.value.kind !== 'list') return undefined;
  return value.value.items;
}

function checkSpec(checker: Checker, item: Expression): void {
  if (!isLiteral(item)) return;
  const isSpec = item.kind === 'string' && pluginSpec.test(item.value);
  if (!isSpec)
    reportSpec(checker, { text: item.kind === 'string' ? item.value : '', span: item.span });
}

function reportSpec(checker: Checker, { text, span }: Name): void {
  report(checker, 'E_REQUIRE_SPEC', span, `'${text}' is no "name>=version"`);
}

function checkContract(checker: Checker, { pairs, brokenPairs, head }: Pairs): void {
  const present = new Set([
    ...pairs.map(({ key }) => key.text),
    ...brokenPairs.flatMap(({ names, words }) => [...names, ...words]),
  ]);
  for (const key of ['id', 'version'])
    if (!present.has(key)) report(checker, 'E_CONTRACT_KEY', head, `the contract has no '${key}'`);
  for (const { key, value, span } of pairs)
    if ((key.text === 'id' || key.text === 'version') && !isText(value))
      report(checker, 'E_CONTRACT_KEY', span, `'${key.text}' of a contract is text`);
}

function isText(value: Pair['value']): boolean {
  return value.kind === 'value' && (value.value.kind === 'string' || !isLiteral(value.value));
}
