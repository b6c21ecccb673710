// A place in one logical line, and the one way to give up on it.

import type { Span } from '../diagnostics/diagnostic.ts';
import type { Token } from './lex.ts';
import type { RuleCode } from './rules.ts';
import type { Name } from './tree.ts';

export type Cursor = { readonly tokens: readonly Token[]; at: number };

/** Spoils one statement; caught where the statement began, so it never leaves the parser. */
export class StatementFault extends Error {
  readonly code: RuleCode;
  readonly span: Span;

  constructor(code: RuleCode, span: Span, message: string) {
    super(message);
    this.code = code;
    this.span = span;
  }
}

export function peek({ tokens, at }: Cursor): Token | undefined {
  return tokens[at];
}

export function isAt(cursor: Cursor, value: string): boolean {
  const token = peek(cursor);
  return token?.value === value && token.kind !== 'string';
}

export function isKind({ tokens, at }: Cursor, kind: Token['kind'], ahead = 0): boolean {
  return tokens[at + ahead]?.kind === kind;
}

export function accept(cursor: Cursor, value: string): Token | undefined {
  const token = peek(cursor);
  if (token?.value !== value || token.kind === 'string') return undefined;
  cursor.at += 1;
  return token;
}

/** The empty span behind the last token read. */
export function behind({ tokens, at }: Cursor): Span {
  const end = tokens[at - 1]?.end ?? tokens[0]?.start ?? 0;
  return { start: end, end };
}

export function here(cursor: Cursor): Span {
  const token = peek(cursor);
  return token === undefined ? behind(cursor) : { start: token.start, end: token.end };
}

export function fail(cursor: Cursor, code: RuleCode, message: string): never {
  throw new StatementFault(code, here(cursor), message);
}

/** Consumes `value` or fails with `code`. */
export function expectOp(cursor: Cursor, value: string, code: RuleCode): Token {
  const token = accept(cursor, value);
  if (token !== undefined) return token;
  return fail(cursor, code, `expected '${value}'${butFound(cursor)}`);
}

export function butFound(cursor: Cursor): string {
  const token = peek(cursor);
  return token === undefined ? ' before the end of the line' : `, found '${token.value}'`;
}

/** A name, or a keyword in a name's place, which the checker refuses by its own rule. */
export function readName(cursor: Cursor, code: RuleCode): Name {
  const token = peek(cursor);
  if (token?.kind !== 'name' && token?.kind !== 'keyword')
    return fail(cursor, code, `expected a name${butFound(cursor)}`);
  cursor.at += 1;
  return toName(token);
}

export function toName({ value, start, end }: Token): Name {
  return { text: normalName(value), span: { start, end } };
}

/** Names are compared in NFC. */
export function normalName(value: string): string {
  for (let at = 0; at < value.length; at += 1)
    if (value.charCodeAt(at) > 0x7f) return value.normalize('NFC');
  return value;
}

export function expectEnd(cursor: Cursor): void {
  const token = peek(cursor);
  if (token !== undefined) fail(cursor, 'E_PARSE_TRAILING', `unexpected '${token.value}'`);
}
