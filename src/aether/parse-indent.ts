// The verbs of dialect `indent` that the published language writes otherwise. Each becomes the node
// of the published form, so that everything behind the parser knows one tree.

import type { Span } from '../diagnostics/diagnostic.ts';
import { accept, expectOp, fail, isAt, isKind, readName, type Cursor } from './cursor.ts';
import type { Line } from './layout.ts';
import { parseExpression } from './parse-expression.ts';
import { headSpan, lineSpan, report, type Parser } from './parser.ts';
import type { Expression, Name, Pair, PairsBlock, Statement, StringLiteral } from './tree.ts';

type Verb = (parser: Parser, cursor: Cursor, line: Line) => Statement | undefined;

const verbs: ReadonlyMap<string, Verb> = new Map(
  Object.entries<Verb>({
    goal: (_, cursor, line) => readGoal(cursor, line),
    narrate: (_, cursor, line) => readNarrate(cursor, line),
    remember: (_, cursor, line) => readRemember(cursor, line),
    require: readRequire,
    policy: (_, cursor, line) => readPolicy(cursor, line),
    begin: readTransactionVerb,
    commit: readTransactionVerb,
    rollback: readTransactionVerb,
  }),
);

/** Undefined where the line is no verb of this dialect. */
export function parseIndentVerb(parser: Parser, cursor: Cursor, line: Line): Statement | undefined {
  const verb = isKind(cursor, 'name') ? verbs.get(cursor.tokens[0]?.value ?? '') : undefined;
  return verb?.(parser, cursor, line);
}

function isWordBefore({ tokens }: Cursor, kind: 'string' | 'name'): boolean {
  return tokens[1]?.kind === kind;
}

function readString(cursor: Cursor): StringLiteral {
  const value = isKind(cursor, 'string') ? parseExpression(cursor) : undefined;
  if (value?.kind !== 'string')
    return fail(cursor, 'E_PARSE_EXPRESSION', 'expected text in quotes');
  return value;
}

function readGoal(cursor: Cursor, line: Line): Statement | undefined {
  if (!isWordBefore(cursor, 'string')) return undefined;
  cursor.at = 1;
  return { kind: 'goal', text: readString(cursor), head: headSpan(line), span: lineSpan(line) };
}

function readNarrate(cursor: Cursor, line: Line): Statement | undefined {
  if (!isWordBefore(cursor, 'string')) return undefined;
  cursor.at = 1;
  const value = readString(cursor);
  return callStatement(line, 'narrate', [{ value }]);
}

function readRemember(cursor: Cursor, line: Line): Statement | undefined {
  if (!isWordBefore(cursor, 'string')) return undefined;
  cursor.at = 1;
  const value = readString(cursor);
  const as = accept(cursor, 'as');
  if (as === undefined) return callStatement(line, 'store', [{ value }]);
  const name: Name = { text: 'tag', span: spanOf(as) };
  return callStatement(line, 'store', [{ value }, { name, value: readString(cursor) }]);
}

function callStatement(
  line: Line,
  text: string,
  args: readonly { name?: Name; value: Expression }[],
): Statement {
  const span = lineSpan(line);
  const call = { kind: 'call', path: { text, span: headSpan(line) }, args, span } as const;
  return { kind: 'call-statement', call, span };
}

function readTransactionVerb(parser: Parser, cursor: Cursor, line: Line): Statement | undefined {
  if (cursor.tokens[1]?.value !== 'transaction') return undefined;
  return unsupported(parser, line, 'E_FEATURE_TRANSACTION_VERB', 'a transaction over loose lines');
}

function unsupported(
  parser: Parser,
  line: Line,
  code: 'E_FEATURE_TRANSACTION_VERB' | 'E_FEATURE_MODULE',
  what: string,
): Statement {
  const head = headSpan(line);
  report(parser, code, head, `${what} cannot be run here`);
  return { kind: 'unsupported', code, names: [], body: [], head, span: lineSpan(line) };
}

function readRequire(parser: Parser, cursor: Cursor, line: Line): Statement | undefined {
  if (!isWordBefore(cursor, 'name')) return undefined;
  cursor.at = 1;
  if (isAt(cursor, 'module')) return unsupported(parser, line, 'E_FEATURE_MODULE', 'a module');
  if (accept(cursor, 'plugin') === undefined)
    fail(cursor, 'E_PARSE_STATEMENT', "expected 'plugin' or 'module'");
  const name = readName(cursor, 'E_PARSE_STATEMENT');
  if (accept(cursor, 'version') === undefined)
    fail(cursor, 'E_PARSE_STATEMENT', 'expected version="…"');
  expectOp(cursor, '=', 'E_PARSE_STATEMENT');
  const version = readString(cursor);
  const value = `${name.text}${/^[0-9]/.test(version.value) ? '==' : ''}${version.value}`;
  const spec: Expression = { kind: 'string', value, span: { ...name.span, end: version.span.end } };
  const list: Expression = { kind: 'list', items: [spec], span: spec.span };
  const key: Name = { text: 'plugins', span: name.span };
  return pairsStatement(line, 'require', [pairOf(key, list)]);
}

function readPolicy(cursor: Cursor, line: Line): Statement | undefined {
  if (!isWordBefore(cursor, 'name')) return undefined;
  cursor.at = 1;
  const pairs: Pair[] = [];
  while (cursor.at < cursor.tokens.length) {
    const key = readName(cursor, 'E_PARSE_STATEMENT');
    expectOp(cursor, '=', 'E_PARSE_STATEMENT');
    pairs.push(pairOf(key, parseExpression(cursor)));
  }
  return pairsStatement(line, 'policy', pairs);
}

function pairOf(key: Name, value: Expression): Pair {
  const span = { start: key.span.start, end: value.span.end };
  return { key, value: { kind: 'value', value }, span };
}

function pairsStatement(line: Line, block: PairsBlock, pairs: readonly Pair[]): Statement {
  return {
    kind: 'pairs',
    block,
    pairs,
    brokenPairs: [],
    head: headSpan(line),
    span: lineSpan(line),
  };
}

function spanOf({ start, end }: Span): Span {
  return { start, end };
}
