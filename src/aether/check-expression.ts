// Names and calls inside expressions.

import { hintFor, readNamed, refuseKeyword, report, type Checker } from './checker.ts';
import { problem } from './problem.ts';
import type { FunctionSpec } from './registry.ts';
import type { AccessPart, Argument, Call, Entry, Expression, Name } from './tree.ts';

type Of<Kind extends Expression['kind']> = Extract<Expression, { kind: Kind }>;
type Check<Kind extends Expression['kind']> = (checker: Checker, expression: Of<Kind>) => void;

const nothing = (): void => undefined;

const checks: { readonly [Kind in Expression['kind']]: Check<Kind> } = {
  string: nothing,
  number: nothing,
  duration: nothing,
  bool: nothing,
  null: nothing,
  name: readNamed,
  call: checkCall,
  list: (checker, { items }) => {
    for (const item of items) checkExpression(checker, item);
  },
  dict: (checker, { entries }) => {
    checkEntries(checker, entries);
  },
  group: (checker, { inner }) => {
    checkExpression(checker, inner);
  },
  not: checkOperand,
  negate: checkOperand,
  compare: (checker, { left, right }) => {
    checkExpression(checker, left);
    checkExpression(checker, right);
  },
  chain: (checker, { first, rest }) => {
    checkExpression(checker, first);
    for (const { value } of rest) checkExpression(checker, value);
  },
  access: (checker, { base, parts }) => {
    checkExpression(checker, base);
    checkParts(checker, parts);
  },
};

export function checkExpression<Kind extends Expression['kind']>(
  checker: Checker,
  expression: Of<Kind>,
): void {
  const check: Check<Kind> = checks[expression.kind];
  check(checker, expression);
}

function checkOperand(checker: Checker, { value }: { readonly value: Expression }): void {
  checkExpression(checker, value);
}

function checkParts(checker: Checker, parts: readonly AccessPart[]): void {
  for (const part of parts) if (part.kind === 'index') checkExpression(checker, part.value);
}

function checkEntries(checker: Checker, entries: readonly Entry[]): void {
  refuseDuplicateKeys(
    checker,
    entries.map(({ key }) => key),
  );
  for (const { value } of entries) checkExpression(checker, value);
}

export function refuseDuplicateKeys(checker: Checker, keys: readonly Name[]): void {
  const seen = new Set<string>();
  for (const { text, span } of keys) {
    if (seen.has(text)) report(checker, 'E_DUP_KEY', span, `the key '${text}' stands here twice`);
    seen.add(text);
  }
}

export function checkCall(checker: Checker, { path, args }: Call): void {
  checkCallee(checker, path, args);
  for (const { value } of args) checkExpression(checker, value);
}

/** The function itself and what it is given, without the values. */
export function checkCallee(checker: Checker, path: Name, args: readonly Argument[]): void {
  const spec = checker.registry.functions.get(path.text);
  if (spec === undefined) {
    const hint = hintFor(checker, path.text, checker.registry.functions.keys());
    checker.problems.push(
      problem('E_CALL_UNKNOWN', path.span, `unknown function '${path.text}'`, hint),
    );
    for (const { name } of args) if (name !== undefined) refuseKeyword(checker, name);
    return;
  }
  if (checker.inTransaction && spec.effect === 'write' && !spec.undo)
    report(checker, 'E_TXN_IRREVERSIBLE', path.span, `'${spec.name}' cannot be undone`);
  checkArguments(checker, { spec, path, args });
}

type Given = {
  readonly spec: FunctionSpec;
  readonly path: Name;
  readonly args: readonly Argument[];
};

function checkArguments(checker: Checker, given: Given): void {
  if (given.args.every(({ name }) => name === undefined)) {
    checkCount(checker, given, given.args.length);
    return;
  }
  if (!isOrdered(checker, given)) return;
  const positions = given.args.filter(({ name }) => name === undefined).length;
  const keywords = given.args.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const refused = keywords.filter((name) => refuseKeyword(checker, name));
  const unknown = keywords.filter((name) => !refused.includes(name) && !isKnown(given.spec, name));
  for (const { text, span } of unknown) reportUnknown(checker, given.spec, { text, span });
  checkTwice(checker, given.spec, positions, keywords);
  if (unknown.length + refused.length === 0) checkCount(checker, given, positions);
}

/** Behind a keyword no position says which parameter it means, so nothing else is judged then. */
function isOrdered(checker: Checker, { args }: Given): boolean {
  const first = args.findIndex(({ name }) => name !== undefined);
  const late = first === -1 ? [] : args.slice(first).filter(({ name }) => name === undefined);
  for (const { value } of late)
    report(checker, 'E_CALL_ORDER', value.span, 'a position follows a keyword argument');
  return late.length === 0;
}

function isKnown({ params, openKeywords }: FunctionSpec, { text }: Name): boolean {
  return openKeywords || params.some(({ name }) => name === text);
}

function reportUnknown(
  checker: Checker,
  { name, params }: FunctionSpec,
  { text, span }: Name,
): void {
  const hint = hintFor(
    checker,
    text,
    params.map((param) => param.name),
  );
  checker.problems.push(
    problem('E_CALL_KEYWORD', span, `'${name}' has no argument '${text}'`, hint),
  );
}

function checkTwice(
  checker: Checker,
  { params }: FunctionSpec,
  positions: number,
  keywords: readonly Name[],
): void {
  const given = new Set(params.slice(0, positions).map(({ name }) => name));
  for (const { text, span } of keywords) {
    if (given.has(text)) report(checker, 'E_CALL_KEYWORD_DUP', span, `'${text}' is given twice`);
    given.add(text);
  }
}

function checkCount(checker: Checker, { spec, path, args }: Given, positions: number): void {
  const missing = spec.params.find(
    ({ name, optional }, at) =>
      at >= positions && !optional && !args.some((each) => each.name?.text === name),
  );
  if (missing !== undefined)
    report(checker, 'E_CALL_ARITY', path.span, `'${spec.name}' needs '${missing.name}'`);
  else if (positions > spec.params.length && !spec.variadic)
    report(checker, 'E_CALL_ARITY', path.span, tooMany(spec, positions));
}

function tooMany({ name, params }: FunctionSpec, positions: number): string {
  const most = params.length === 0 ? 'no arguments' : `at most ${String(params.length)}`;
  return `'${name}' takes ${most}, ${String(positions)} given`;
}
