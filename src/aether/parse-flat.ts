// Dialect `line`: flat lines of the reference checker, made sense of. Text may stand without quotes.

import { expectEnd, StatementFault, toName, type Cursor } from './cursor.ts';
import type { Line } from './layout.ts';
import { callPathLength, parseCall, parseExpression } from './parse-expression.ts';
import { failStatement } from './parse-line-parts.ts';
import { attempt, headSpan, lineSpan, report, setAside, type Parser } from './parser.ts';
import { problem } from './problem.ts';
import type { Parsed, ParseInput } from './parse.ts';
import type { Expression, Statement, StringLiteral } from './tree.ts';

type FlatInput = Omit<ParseInput, 'isIndent'>;

/** `lines` must be flat: every code line of the file, whatever its indentation. */
export function parseFlat({ text, lines, foreign }: FlatInput): Parsed {
  const parser: Parser = {
    text,
    isIndent: false,
    foreign,
    problems: [],
    parseBody: () => [],
  };
  return {
    script: { body: lines.map((line) => parseFlatLine(parser, line)) },
    problems: parser.problems,
  };
}

function parseFlatLine(parser: Parser, line: Line): Statement {
  if (line.indent > 0) {
    report(parser, 'E_INDENT_UNEXPECTED', headSpan(line), 'flat files have no indentation');
    return broken(parser, line);
  }
  return readGoal(parser, line) ?? readText(parser, line) ?? readStrict(parser, line);
}

function broken(parser: Parser, line: Line): Statement {
  return setAside(parser, line);
}

function readStrict(parser: Parser, line: Line): Statement {
  return attempt(parser, line, (cursor) => readLine(cursor, line)) ?? broken(parser, line);
}

function readLine(cursor: Cursor, line: Line): Statement {
  const head = headSpan(line);
  const span = lineSpan(line);
  const [first, second] = cursor.tokens;
  if (first?.kind === 'name' && second?.value === ':') {
    cursor.at = 2;
    const isMemory = first.value === 'memory';
    const value = readValue(cursor, isMemory);
    expectEnd(cursor);
    if (isMemory && value.kind === 'call') return { kind: 'memory', call: value, head, span };
    return { kind: 'assign', name: toName(first), value, span };
  }
  if (callPathLength(cursor) === 0) return failStatement(cursor, head);
  const call = parseCall(cursor);
  expectEnd(cursor);
  return { kind: 'call-statement', call, span };
}

function readValue(cursor: Cursor, isMemory: boolean): Expression {
  const end = cursor.tokens[1]?.end ?? 0;
  if (cursor.at >= cursor.tokens.length)
    throw new StatementFault('E_PARSE_ASSIGNMENT', { start: end, end }, 'a value is missing');
  if (isMemory && callPathLength(cursor) === 0)
    throw new StatementFault('E_PARSE_EXPRESSION', { start: end, end }, 'expected a call');
  return isMemory ? parseCall(cursor) : parseExpression(cursor);
}

/** The rest of the line from `start`, up to ` #` and without outer blanks. */
function restOf(parser: Parser, line: Line, start: number): StringLiteral | undefined {
  const end = lineEnd(parser.text, start);
  if ((line.tokens.at(-1)?.start ?? 0) >= end) return undefined;
  const raw = parser.text.slice(start, end).replace(/\s#.*$/u, '');
  const value = raw.trim();
  if (value === '') return undefined;
  const from = start + (raw.length - raw.trimStart().length);
  return { kind: 'string', value, span: { start: from, end: from + value.length } };
}

function lineEnd(text: string, start: number): number {
  const newline = /[\r\n]/g;
  newline.lastIndex = start;
  return newline.exec(text)?.index ?? text.length;
}

function bareText(parser: Parser, { value, span }: StringLiteral): StringLiteral {
  const fix = {
    title: 'put the text in quotes',
    edits: [{ ...span, text: JSON.stringify(value) }],
  };
  parser.problems.push(problem('W_BARE_TEXT', span, 'text without quotes', { fix }));
  return { kind: 'string', value, span };
}

/** `goal:` and free text; text that begins with a quote is a string like any other. */
function readGoal(parser: Parser, line: Line): Statement | undefined {
  const [first, second, third] = line.tokens;
  if (first?.value !== 'goal' || second?.value !== ':' || third === undefined) return undefined;
  const head = headSpan(line);
  const span = lineSpan(line);
  if (/^["']/.test(third.value)) return readQuotedGoal(parser, line);
  const text = restOf(parser, line, second.end);
  if (text === undefined || hasHardFault(line)) return undefined;
  return { kind: 'goal', text: bareText(parser, text), head, span };
}

// Free text may hold any character; bytes that are no text and control characters stay errors.
function hasHardFault({ trouble }: Line): boolean {
  return (
    trouble?.code === 'E_LEX_UTF8' ||
    trouble?.code === 'E_LEX_CONTROL' ||
    trouble?.code === 'E_LEX_TAB'
  );
}

function readQuotedGoal(parser: Parser, line: Line): Statement {
  const read = attempt(parser, line, (cursor): Statement => {
    cursor.at = 2;
    const text = parseExpression(cursor);
    if (text.kind !== 'string') return failStatement(cursor, headSpan(line));
    expectEnd(cursor);
    return { kind: 'goal', text, head: headSpan(line), span: lineSpan(line) };
  });
  return read ?? broken(parser, line);
}

const bare = /^[\p{L}\p{N}][^()[\]{}"'\\]*$/u;

/** Several words that begin with a letter or digit, without brackets, quotes and backslashes. */
function isBareText(value: string): boolean {
  const words = value.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  return words.length > 1 && bare.test(value);
}

/** `NAME: several words`; one single word is a name like any other. */
function readText(parser: Parser, line: Line): Statement | undefined {
  const [first, second] = line.tokens;
  if (first?.kind !== 'name' || second?.value !== ':' || first.value === 'memory') return undefined;
  const text = hasHardFault(line) ? undefined : restOf(parser, line, second.end);
  if (text === undefined || !isBareText(text.value) || readsAsExpression(line)) return undefined;
  return {
    kind: 'assign',
    name: toName(first),
    value: bareText(parser, text),
    span: lineSpan(line),
  };
}

function readsAsExpression(line: Line): boolean {
  if (line.trouble !== undefined) return false;
  try {
    const cursor: Cursor = { tokens: line.tokens, at: 2 };
    parseExpression(cursor);
    return cursor.at === line.tokens.length;
  } catch (cause) {
    if (cause instanceof StatementFault) return false;
    throw cause;
  }
}
