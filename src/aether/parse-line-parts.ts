// Parts of one line that several kinds of statement share.

import type { Span } from '../diagnostics/diagnostic.ts';
import {
  accept,
  behind,
  expectOp,
  here,
  readName,
  StatementFault,
  toName,
  type Cursor,
} from './cursor.ts';
import type { Line } from './layout.ts';
import type { Token } from './lex.ts';
import { parseExpression } from './parse-expression.ts';
import { headSpan, lineSpan, report, type Parser } from './parser.ts';
import type { Assign, TypeHint } from './tree.ts';

/**
 * The end of a header: its colon (none in dialect `indent`) and a block below it. A header that lacks
 * both is one mistake.
 */
export function readHeaderEnd(parser: Parser, cursor: Cursor, line: Line): void {
  if (!parser.isIndent && accept(cursor, ':') === undefined) {
    missingColon(parser, cursor);
    return;
  }
  if (cursor.at < cursor.tokens.length)
    throw new StatementFault('E_PARSE_TRAILING', here(cursor), 'a block begins on the next line');
  if (line.children.length === 0 && !line.isCut)
    report(parser, 'E_INDENT_MISSING', behind(cursor), 'an indented block is missing below');
}

function missingColon(parser: Parser, cursor: Cursor): void {
  if (cursor.at < cursor.tokens.length)
    throw new StatementFault(
      'E_PARSE_TRAILING',
      here(cursor),
      `unexpected '${cursor.tokens[cursor.at]?.value ?? ''}'`,
    );
  report(parser, 'E_PARSE_HEADER', behind(cursor), "a ':' is missing");
}

/** `NAME: [type =] expr`, in dialect `indent` `NAME = expr`; undefined where the line is neither. */
export function parseAssign(parser: Parser, cursor: Cursor, line: Line): Assign | undefined {
  const [first, second] = cursor.tokens;
  if (first?.kind !== 'name' && first?.kind !== 'keyword') return undefined;
  if (parser.isIndent) return parseEquals(cursor, line);
  if (second?.value !== ':') return undefined;
  cursor.at = 2;
  const next = cursor.tokens[2];
  if (next === undefined || next.value === ':')
    throw new StatementFault('E_PARSE_ASSIGNMENT', behind(cursor), 'a value is missing');
  const type = parseTypeHint(cursor);
  const value = parseExpression(cursor);
  return { kind: 'assign', name: toName(first), ...optional(type), value, span: lineSpan(line) };
}

function optional(type: TypeHint | undefined): { type?: TypeHint } {
  return type === undefined ? {} : { type };
}

function parseEquals(cursor: Cursor, line: Line): Assign | undefined {
  const [first, second] = cursor.tokens;
  if (first === undefined || (second?.value !== '=' && second?.value !== ':')) return undefined;
  cursor.at = 2;
  const type = second.value === ':' ? parseTypeHint(cursor) : undefined;
  if (second.value === ':' && type === undefined)
    throw new StatementFault('E_PARSE_ASSIGNMENT', headSpan(line), "assign with '=' here");
  const value = parseExpression(cursor);
  return { kind: 'assign', name: toName(first), ...optional(type), value, span: lineSpan(line) };
}

/** A type and the `=` behind it, or nothing consumed. */
function parseTypeHint(cursor: Cursor): TypeHint | undefined {
  if (!isTypeAhead(cursor)) return undefined;
  const type = readType(cursor);
  expectOp(cursor, '=', 'E_PARSE_EXPRESSION');
  return type;
}

/** Looks for the `=` behind a name and brackets that hold names and commas only. */
function isTypeAhead({ tokens, at }: Cursor): boolean {
  if (tokens[at]?.kind !== 'name') return false;
  let depth = 0;
  for (const token of tokens.slice(at + 1)) {
    if (depth === 0 && token.value !== '[') return token.value === '=' && token.kind === 'op';
    if (!isTypePart(token)) return false;
    if (token.value === '[') depth += 1;
    if (token.value === ']') depth -= 1;
  }
  return false;
}

function isTypePart({ kind, value }: Token): boolean {
  return kind === 'name' || value === ',' || value === '[' || value === ']';
}

function readType(cursor: Cursor): TypeHint {
  const name = readName(cursor, 'E_PARSE_EXPRESSION');
  const parameters: TypeHint[] = [];
  if (accept(cursor, '[') === undefined) return { name, parameters };
  do parameters.push(readType(cursor));
  while (accept(cursor, ',') !== undefined);
  expectOp(cursor, ']', 'E_PARSE_EXPRESSION');
  return { name, parameters };
}

/** No statement begins so; a colon in the line says that an assignment was meant. */
export function failStatement(cursor: Cursor, head: Span): never {
  if (hasOuterColon(cursor))
    throw new StatementFault(
      'E_PARSE_ASSIGNMENT',
      head,
      'the left side of this assignment is no name',
    );
  throw new StatementFault('E_PARSE_STATEMENT', head, 'no statement begins like this');
}

const openers = new Set(['(', '[', '{']);
const closers = new Set([')', ']', '}']);

function hasOuterColon({ tokens }: Cursor): boolean {
  let depth = 0;
  for (const { kind, value } of tokens) {
    if (kind !== 'op') continue;
    if (openers.has(value)) depth += 1;
    if (closers.has(value)) depth -= 1;
    if (value === ':' && depth === 0) return true;
  }
  return false;
}
