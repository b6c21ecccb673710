// Expressions of aether.md §4. Chains are flat, so only brackets and prefixes nest, and both have a
// limit: no input makes this recurse further than that.

import type { Span } from '../diagnostics/diagnostic.ts';
import {
  accept,
  butFound,
  expectOp,
  fail,
  isAt,
  isKind,
  peek,
  readName,
  toName,
  type Cursor,
} from './cursor.ts';
import { bracketDepthMax } from './limits.ts';
import type { Token } from './lex.ts';
import { decodeString, parseDuration } from './literal.ts';
import type {
  AccessPart,
  Argument,
  Call,
  ChainKind,
  Entry,
  Expression,
  Link,
  Name,
} from './tree.ts';

const failCode = 'E_PARSE_EXPRESSION';

export function parseExpression(cursor: Cursor): Expression {
  return isAlone(cursor) ? parseAtom(cursor) : parseChain(cursor, 'or');
}

const atomKinds = new Set<Token['kind'] | undefined>(['string', 'number', 'duration', 'name']);
const enders = new Set<string | undefined>([',', ')', ']', '}', ':', undefined]);

/** One token and then the end: most expressions, and no reason to climb down all levels. */
function isAlone({ tokens, at }: Cursor): boolean {
  return atomKinds.has(tokens[at]?.kind) && enders.has(tokens[at + 1]?.value);
}

type Level = {
  readonly operators: ReadonlySet<string>;
  readonly operand: (cursor: Cursor) => Expression;
};

const levels: Readonly<Record<ChainKind, Level>> = {
  or: { operators: new Set(['or']), operand: (cursor) => parseChain(cursor, 'and') },
  and: { operators: new Set(['and']), operand: parseNot },
  sum: { operators: new Set(['+', '-']), operand: (cursor) => parseChain(cursor, 'term') },
  term: { operators: new Set(['*', '/', '%']), operand: parseUnary },
};

function parseChain(cursor: Cursor, level: ChainKind): Expression {
  const { operators, operand } = levels[level];
  const first = operand(cursor);
  let next = operatorIn(cursor, operators);
  if (next === undefined) return first;
  const rest: Link[] = [];
  let { end } = first.span;
  for (; next !== undefined; next = operatorIn(cursor, operators)) {
    cursor.at += 1;
    const value = operand(cursor);
    rest.push({ operator: next.value, value });
    ({ end } = value.span);
  }
  return { kind: 'chain', level, first, rest, span: { start: first.span.start, end } };
}

function operatorIn(cursor: Cursor, operators: ReadonlySet<string>): Token | undefined {
  const token = peek(cursor);
  return token !== undefined && token.kind !== 'string' && operators.has(token.value)
    ? token
    : undefined;
}

function parseNot(cursor: Cursor): Expression {
  return parsePrefix(cursor, 'not', parseCompare);
}

function parseUnary(cursor: Cursor): Expression {
  return parsePrefix(cursor, '-', parsePostfix);
}

function parsePrefix(
  cursor: Cursor,
  word: 'not' | '-',
  operand: (cursor: Cursor) => Expression,
): Expression {
  if (!isAt(cursor, word)) return operand(cursor);
  const starts: number[] = [];
  for (let token = accept(cursor, word); token !== undefined; token = accept(cursor, word)) {
    starts.push(token.start);
    if (starts.length > bracketDepthMax)
      fail(cursor, 'E_LIMIT', `more than ${String(bracketDepthMax)} '${word}' in a row`);
  }
  const kind = word === 'not' ? 'not' : 'negate';
  let value = operand(cursor);
  for (const start of starts.reverse())
    value = { kind, value, span: { start, end: value.span.end } };
  return value;
}

const comparisons = new Set(['==', '!=', '<', '<=', '>', '>=', 'in']);

function parseCompare(cursor: Cursor): Expression {
  const left = parseChain(cursor, 'sum');
  const operator = readComparison(cursor);
  if (operator === undefined) return left;
  const right = parseChain(cursor, 'sum');
  return { kind: 'compare', operator, left, right, span: join(left.span, right.span) };
}

function readComparison(cursor: Cursor): string | undefined {
  const token = operatorIn(cursor, comparisons);
  if (token !== undefined) {
    cursor.at += 1;
    return token.value;
  }
  if (!isAt(cursor, 'not') || cursor.tokens[cursor.at + 1]?.value !== 'in') return undefined;
  cursor.at += 2;
  return 'not in';
}

function parsePostfix(cursor: Cursor): Expression {
  const base = parseAtom(cursor);
  let part = parsePart(cursor);
  if (part === undefined) return base;
  const parts: AccessPart[] = [];
  for (; part !== undefined; part = parsePart(cursor)) parts.push(part);
  const end = cursor.tokens[cursor.at - 1]?.end ?? base.span.end;
  return { kind: 'access', base, parts, span: { start: base.span.start, end } };
}

function parsePart(cursor: Cursor): AccessPart | undefined {
  if (accept(cursor, '.') !== undefined) return { kind: 'field', name: readName(cursor, failCode) };
  const opener = accept(cursor, '[');
  if (opener === undefined) return undefined;
  const value = parseExpression(cursor);
  const closer = expectOp(cursor, ']', failCode);
  return { kind: 'index', value, span: { start: opener.start, end: closer.end } };
}

type AtomParser = (cursor: Cursor, token: Token) => Expression;

const wordAtoms: ReadonlyMap<string, (span: Span) => Expression> = new Map(
  Object.entries<(span: Span) => Expression>({
    true: (span) => ({ kind: 'bool', value: true, span }),
    false: (span) => ({ kind: 'bool', value: false, span }),
    null: (span) => ({ kind: 'null', span }),
  }),
);

const openAtoms: Readonly<Record<string, AtomParser>> = {
  '(': parseGroup,
  '[': parseList,
  '{': parseDict,
};

function parseAtom(cursor: Cursor): Expression {
  const token = peek(cursor);
  if (token === undefined) return fail(cursor, failCode, 'a value is missing');
  const atom = atomParser(token);
  if (atom === undefined) return fail(cursor, failCode, `expected a value${butFound(cursor)}`);
  return atom(cursor, token);
}

const literalAtoms: Partial<Record<Token['kind'], AtomParser>> = {
  name: parseNameOrCall,
  string: (cursor, token) => {
    cursor.at += 1;
    return { kind: 'string', value: decodeString(token.value), span: spanOf(token) };
  },
  number: (cursor, token) => {
    cursor.at += 1;
    const value = Number(token.value.replaceAll('_', ''));
    return { kind: 'number', value, text: token.value, span: spanOf(token) };
  },
  duration: (cursor, token) => {
    cursor.at += 1;
    const ms = parseDuration(token.value) ?? 0;
    return { kind: 'duration', ms, text: token.value, span: spanOf(token) };
  },
  keyword: parseWord,
  op: (cursor, token) => {
    const open = openAtoms[token.value];
    if (open !== undefined) return open(cursor, token);
    return fail(cursor, failCode, `expected a value${butFound(cursor)}`);
  },
};

function atomParser({ kind }: Token): AtomParser | undefined {
  return literalAtoms[kind];
}

function parseWord(cursor: Cursor, token: Token): Expression {
  const word = wordAtoms.get(token.value);
  if (word === undefined) return fail(cursor, failCode, `expected a value${butFound(cursor)}`);
  cursor.at += 1;
  return word(spanOf(token));
}

function parseNameOrCall(cursor: Cursor, token: Token): Expression {
  if (callPathLength(cursor) > 0) return parseCall(cursor);
  cursor.at += 1;
  const { text, span } = toName(token);
  return { kind: 'name', text, span };
}

/** Tokens of a path that a `(` follows, 0 where there is none. */
export function callPathLength({ tokens, at }: Cursor): number {
  if (tokens[at]?.kind !== 'name') return 0;
  let length = 1;
  while (tokens[at + length]?.value === '.' && isWord(tokens[at + length + 1])) length += 2;
  return tokens[at + length]?.value === '(' && tokens[at + length]?.kind === 'op' ? length : 0;
}

function isWord(token: Token | undefined): boolean {
  return token?.kind === 'name' || token?.kind === 'keyword';
}

export function parseCall(cursor: Cursor): Call {
  const path = parsePath(cursor, failCode);
  const args = parseArguments(cursor);
  const end = cursor.tokens[cursor.at - 1]?.end ?? path.span.end;
  return { kind: 'call', path, args, span: { start: path.span.start, end } };
}

export function parsePath(cursor: Cursor, code: typeof failCode | 'E_PARSE_STEP'): Name {
  const first = readName(cursor, code);
  let { text } = first;
  let { end } = first.span;
  while (accept(cursor, '.') !== undefined) {
    const next = readName(cursor, code);
    text += `.${next.text}`;
    end = next.span.end;
  }
  return { text, span: { start: first.span.start, end } };
}

export function parseArguments(cursor: Cursor): readonly Argument[] {
  expectOp(cursor, '(', failCode);
  return parseItems(cursor, ')', parseArgument);
}

function parseArgument(cursor: Cursor): Argument {
  const isKeyword = isKind(cursor, 'name') || isKind(cursor, 'keyword');
  if (!isKeyword || cursor.tokens[cursor.at + 1]?.value !== '=')
    return { value: parseExpression(cursor) };
  const name = readName(cursor, failCode);
  cursor.at += 1;
  return { name, value: parseExpression(cursor) };
}

function parseItems<Item>(cursor: Cursor, closer: string, parse: (cursor: Cursor) => Item): Item[] {
  const items: Item[] = [];
  while (accept(cursor, closer) === undefined) {
    items.push(parse(cursor));
    if (accept(cursor, closer) !== undefined) break;
    if (accept(cursor, ',') === undefined)
      fail(cursor, failCode, `expected ',' or '${closer}'${butFound(cursor)}`);
  }
  return items;
}

function parseGroup(cursor: Cursor, { start }: Token): Expression {
  cursor.at += 1;
  const inner = parseExpression(cursor);
  const { end } = expectOp(cursor, ')', failCode);
  return { kind: 'group', inner, span: { start, end } };
}

function parseList(cursor: Cursor, { start }: Token): Expression {
  cursor.at += 1;
  const items = parseItems(cursor, ']', parseExpression);
  return { kind: 'list', items, span: { start, end: lastEnd(cursor) } };
}

function parseDict(cursor: Cursor, { start }: Token): Expression {
  cursor.at += 1;
  const entries = parseItems(cursor, '}', parseEntry);
  return { kind: 'dict', entries, span: { start, end: lastEnd(cursor) } };
}

function parseEntry(cursor: Cursor): Entry {
  const token = peek(cursor);
  if (token?.kind !== 'string' && token?.kind !== 'name')
    return fail(cursor, failCode, `expected a key${butFound(cursor)}`);
  cursor.at += 1;
  const isQuoted = token.kind === 'string';
  const key = isQuoted ? { text: decodeString(token.value), span: spanOf(token) } : toName(token);
  expectOp(cursor, ':', failCode);
  return { key, isQuoted, value: parseExpression(cursor) };
}

function lastEnd({ tokens, at }: Cursor): number {
  return tokens[at - 1]?.end ?? 0;
}

function spanOf({ start, end }: Token): Span {
  return { start, end };
}

function join(from: Span, to: Span): Span {
  return { start: from.start, end: to.end };
}
