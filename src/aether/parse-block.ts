// Blocks whose lines are not statements: pairs, error rules, workflows, parallel and transaction.

import {
  accept,
  behind,
  butFound,
  expectEnd,
  expectOp,
  fail,
  isAt,
  isKind,
  readName,
  StatementFault,
  type Cursor,
} from './cursor.ts';
import type { Line } from './layout.ts';
import {
  callPathLength,
  parseArguments,
  parseCall,
  parseExpression,
  parsePath,
} from './parse-expression.ts';
import { parseAssign, readHeaderEnd } from './parse-line-parts.ts';
import { parseRules } from './parse-rules.ts';
import {
  attempt,
  headSpan,
  inlineChildren,
  lineSpan,
  readLines,
  report,
  setAside,
  takeLine,
  type Parser,
  type Reader,
} from './parser.ts';
import type {
  Assign,
  Broken,
  Effect,
  Expression,
  Pair,
  PairsBlock,
  PairValue,
  Statement,
  Step,
  StepGroup,
  StepOption,
  WorkflowItem,
} from './tree.ts';

type BlockKind = PairsBlock | 'on_error' | 'workflow' | 'parallel' | 'transaction';

const kinds: readonly BlockKind[] = [
  'meta',
  'policy',
  'require',
  'plugin_contract',
  'on_error',
  'workflow',
  'parallel',
  'transaction',
];

export const blockWords: ReadonlyMap<string, BlockKind> = new Map(
  kinds.map((kind) => [kind, kind]),
);

export function parseBlock(parser: Parser, line: Line, kind: BlockKind): Statement {
  const head = headSpan(line);
  const span = lineSpan(line);
  attempt(parser, line, (cursor) => {
    cursor.at = 1;
    readHeaderEnd(parser, cursor, line);
    return true;
  });
  switch (kind) {
    case 'on_error':
      return { kind: 'on-error', rules: parseRules(parser, line.children), head, span };
    case 'workflow':
      return { kind, items: parseEach(parser, line.children, parseItem), head, span };
    case 'parallel':
      return { kind, assignments: parseEach(parser, line.children, parseOnlyAssign), head, span };
    case 'transaction':
      return { kind, effects: parseEach(parser, line.children, parseEffect), head, span };
    case 'meta':
    case 'policy':
    case 'require':
    case 'plugin_contract': {
      const brokenPairs: Broken[] = [];
      const pairs = parsePairs(parser, line.children, brokenPairs);
      return { kind: 'pairs', block: kind, pairs, brokenPairs, head, span };
    }
  }
}

type LineParser<Node> = (parser: Parser, reader: Reader, line: Line) => Node;

function parseEach<Node>(parser: Parser, lines: readonly Line[], parse: LineParser<Node>): Node[] {
  const reader = readLines(lines);
  const nodes: Node[] = [];
  for (let line = takeLine(parser, reader); line !== undefined; line = takeLine(parser, reader))
    nodes.push(parse(parser, reader, line));
  return nodes;
}

/** One line with nothing behind it; what is deeper below becomes its neighbours. */
function parseSingle<Node>(
  parser: Parser,
  reader: Reader,
  line: Line,
  read: (cursor: Cursor) => Node,
): Node | Broken {
  const node = attempt(parser, line, (cursor) => {
    const done = read(cursor);
    expectEnd(cursor);
    return done;
  });
  if (node === undefined) return setAside(parser, line, reader);
  inlineChildren(parser, reader, line);
  return node;
}

function parseItem(parser: Parser, reader: Reader, line: Line): WorkflowItem {
  const [first, second] = line.tokens;
  const isGroup = first?.value === 'steps' && (second === undefined || second.value === ':');
  if (isGroup && (line.children.length > 0 || second === undefined || line.tokens.length === 2))
    return parseGroup(parser, line);
  return parseSingle(parser, reader, line, (cursor) => {
    if (isAt(cursor, '-')) return readStep(cursor, line);
    const assign = parseAssign(parser, cursor, line);
    return assign ?? fail(cursor, 'E_PARSE_STEP', 'a workflow holds steps and assignments');
  });
}

function parseGroup(parser: Parser, line: Line): StepGroup {
  attempt(parser, line, (cursor) => {
    cursor.at = 1;
    readHeaderEnd(parser, cursor, line);
    return true;
  });
  const steps = parseEach(parser, line.children, parseOnlyStep);
  return { kind: 'steps', steps, span: lineSpan(line) };
}

function parseOnlyStep(parser: Parser, reader: Reader, line: Line): Step | Broken {
  return parseSingle(parser, reader, line, (cursor) => readStep(cursor, line));
}

function parseOnlyAssign(parser: Parser, reader: Reader, line: Line): Assign | Broken {
  return parseSingle(parser, reader, line, (cursor) => {
    const assign = parseAssign(parser, cursor, line);
    return assign ?? fail(cursor, 'E_PARSE_STATEMENT', 'a parallel block holds assignments only');
  });
}

function parseEffect(parser: Parser, reader: Reader, line: Line): Effect {
  const [first, second] = line.tokens;
  const isNested = first?.value === 'transaction' && (second === undefined || second.value === ':');
  if (isNested) {
    const nested = parseBlock(parser, line, 'transaction');
    if (nested.kind === 'transaction') return nested;
  }
  return parseSingle(parser, reader, line, (cursor): Effect => {
    if (isAt(cursor, '-')) return readStep(cursor, line);
    const assign = parseAssign(parser, cursor, line);
    if (assign !== undefined) return assign;
    if (callPathLength(cursor) === 0)
      fail(cursor, 'E_PARSE_STATEMENT', 'a transaction holds assignments, steps and calls');
    return { kind: 'call-statement', call: parseCall(cursor), span: lineSpan(line) };
  });
}

function readStep(cursor: Cursor, line: Line): Step {
  if (accept(cursor, '-') === undefined) fail(cursor, 'E_PARSE_STEP', "a step begins with '-'");
  const path = parsePath(cursor, 'E_PARSE_STEP');
  const args = isAt(cursor, '(') ? parseArguments(cursor) : undefined;
  const aliases: Step['aliases'][number][] = [];
  const options: StepOption[] = [];
  while (cursor.at < cursor.tokens.length)
    if (accept(cursor, 'as') !== undefined) aliases.push(readName(cursor, 'E_PARSE_STEP'));
    else options.push(readOption(cursor));
  const span = lineSpan(line);
  return { kind: 'step', path, ...(args === undefined ? {} : { args }), aliases, options, span };
}

const optionNames = new Set(['retry', 'timeout', 'requires']);

function readOption(cursor: Cursor): StepOption {
  if (!optionNames.has(cursor.tokens[cursor.at]?.value ?? '') || !isKind(cursor, 'name'))
    fail(
      cursor,
      'E_PARSE_STEP',
      `expected 'as', 'retry', 'timeout' or 'requires'${butFound(cursor)}`,
    );
  const key = readName(cursor, 'E_PARSE_STEP');
  expectOp(cursor, '=', 'E_PARSE_STEP');
  return { key, value: parseExpression(cursor) };
}

function parsePairs(parser: Parser, lines: readonly Line[], broken: Broken[]): Pair[] {
  const pairs: Pair[] = [];
  const reader = readLines(lines);
  for (let line = takeLine(parser, reader); line !== undefined; line = takeLine(parser, reader)) {
    const pair = parsePair(parser, reader, line, broken);
    if (pair !== undefined) pairs.push(pair);
  }
  return pairs;
}

function parsePair(parser: Parser, reader: Reader, line: Line, broken: Broken[]): Pair | undefined {
  if (line.children.length > 0 && line.tokens.length <= 2) return parseNested(parser, line, broken);
  const pair = parseSingle(parser, reader, line, (cursor) => readPair(parser, cursor, line));
  if ('key' in pair) return pair;
  broken.push(pair);
  return undefined;
}

function readPair(parser: Parser, cursor: Cursor, line: Line): Pair {
  const key = readKey(parser, cursor, line);
  if (cursor.at >= cursor.tokens.length || isAt(cursor, ':'))
    throw new StatementFault('E_PARSE_ASSIGNMENT', behind(cursor), 'a value is missing');
  const value = parseExpression(cursor);
  return { key, value: { kind: 'value', value }, span: lineSpan(line) };
}

function readKey(parser: Parser, cursor: Cursor, line: Line): Pair['key'] {
  const separator = parser.isIndent ? '=' : ':';
  const second = cursor.tokens[1];
  const isPair = second?.value === separator || (parser.isIndent && second?.value === ':');
  const isNamed = isKind(cursor, 'name') || isKind(cursor, 'keyword');
  if (!isPair || !isNamed) {
    const hasColon = cursor.tokens.some(({ value }) => value === separator);
    const code = hasColon ? 'E_PARSE_ASSIGNMENT' : 'E_PARSE_STATEMENT';
    throw new StatementFault(code, headSpan(line), "expected 'name: value'");
  }
  const key = readName(cursor, 'E_PARSE_STATEMENT');
  cursor.at = 2;
  return key;
}

/** A key over deeper lines: a list of dashes or pairs of their own. */
function parseNested(parser: Parser, line: Line, broken: Broken[]): Pair | undefined {
  const key = attempt(parser, line, (cursor) => {
    const name = readName(cursor, 'E_PARSE_STATEMENT');
    if (!parser.isIndent && accept(cursor, ':') === undefined)
      report(parser, 'E_PARSE_HEADER', behind(cursor), "a ':' is missing");
    if (parser.isIndent && !accept(cursor, '=')) accept(cursor, ':');
    expectEnd(cursor);
    return name;
  });
  const value = parseNestedValue(parser, line.children, broken);
  return key === undefined ? undefined : { key, value, span: lineSpan(line) };
}

function parseNestedValue(parser: Parser, lines: readonly Line[], broken: Broken[]): PairValue {
  const hasDash = lines.some(({ tokens }) => tokens[0]?.value === '-');
  if (!hasDash) return { kind: 'pairs', pairs: parsePairs(parser, lines, broken) };
  const items: Expression[] = [];
  for (const item of parseEach(parser, lines, parseDash))
    if (item.kind === 'broken') broken.push(item);
    else items.push(item);
  return { kind: 'dashes', items };
}

function parseDash(parser: Parser, reader: Reader, line: Line): Expression | Broken {
  return parseSingle(parser, reader, line, (cursor) => {
    if (accept(cursor, '-') === undefined)
      fail(cursor, 'E_PARSE_STATEMENT', "an item of a list begins with '-'");
    return parseExpression(cursor);
  });
}
