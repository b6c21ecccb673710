// Where a statement with an open bracket ends, decided from the shape of the next line alone so that
// a file with many faults is still read in linear time.

import type { Token } from './lex.ts';

export type LineHead = {
  readonly tokens: readonly Token[];
  /** Index of the line's first token. */
  readonly index: number;
  /** The innermost open bracket. */
  readonly opener: string;
  /** Tokens of the statement that is still open. */
  readonly statement: readonly Token[];
  readonly isDeeper: boolean;
};

const neverInside = new Set(['if', 'elif', 'else', 'for', 'while', 'await']);
const openers = new Set(['(', '[', '{']);
const closers = new Set([')', ']', '}']);
const joiners = new Set([
  ...[',', '+', '-', '*', '/', '%', '=', '==', '!=', '<', '<=', '>', '>=', '.'],
  ...['and', 'or', 'not', 'in'],
]);

/** Whether the line at `index` begins a statement although a bracket is open. */
export function nextLineEnds(head: LineHead): boolean {
  if (endsAsHeader(head)) return true;
  return !head.isDeeper && looksLikeStatement(head);
}

/** A `:` at the end of a line is a header's, unless it stands behind a key of an open dict. */
function endsAsHeader({ statement, opener }: LineHead): boolean {
  if (statement.at(-1)?.value !== ':') return false;
  const beforeKey = statement.at(-3)?.value;
  return opener !== '{' || (beforeKey !== '{' && beforeKey !== ',');
}

function looksLikeStatement(head: LineHead): boolean {
  const first = head.tokens[head.index];
  if (first === undefined) return false;
  if (neverInside.has(first.value)) return true;
  if (first.value === '-') return head.statement[0]?.value === '-';
  return first.kind === 'name' && looksLikeNamed(head);
}

const behindName = new Set([':', '(', '.', '=']);

function looksLikeNamed(head: LineHead): boolean {
  const second = nextCode(head.tokens, head.index + 1);
  if (second === undefined) return false;
  if (second.kind === 'string' || (second.value === ':' && head.opener !== '{')) return true;
  return behindName.has(second.value) && !continues(head);
}

/** Whether what encloses this line goes on behind it: it ends in a comma, or a closer follows. */
function continues({ tokens, index }: LineHead): boolean {
  const end = lineEnd(tokens, index);
  const line = tokens.slice(index, end).filter(isCode);
  const opened = line.filter(({ value }) => openers.has(value)).length;
  const closed = line.filter(({ value }) => closers.has(value)).length;
  if (closed > opened || joiners.has(line.at(-1)?.value ?? '')) return true;
  const below = tokens.slice(end, end + lookahead).find(isCode)?.value ?? '';
  return closers.has(below) || below === ',';
}

// Looks over a bounded number of blank and comment lines, which keeps the whole reading linear.
const lookahead = 16;

function lineEnd(tokens: readonly Token[], from: number): number {
  let at = from;
  while (at < tokens.length && tokens[at]?.kind !== 'newline') at += 1;
  return at;
}

function isCode({ kind }: Token): boolean {
  return kind !== 'newline' && kind !== 'space' && kind !== 'comment';
}

function nextCode(tokens: readonly Token[], from: number): Token | undefined {
  const token = tokens[from];
  const next = token?.kind === 'space' ? tokens[from + 1] : token;
  return next?.kind === 'newline' || next?.kind === 'comment' ? undefined : next;
}

/** A final `{` that no expression can have there opens a block of the brace dialect. */
export function isBraceOpener(tokens: readonly Token[]): boolean {
  if (tokens.at(-1)?.value !== '{' || tokens.at(-1)?.kind !== 'op') return false;
  const before = tokens.at(-2);
  if (before === undefined) return false;
  return !openers.has(before.value) && before.value !== ':' && !joiners.has(before.value);
}
