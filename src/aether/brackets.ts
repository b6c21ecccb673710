// Where a statement with an open bracket ends, decided from the shape of the next line alone so that
// a file with many faults is still read in linear time.

import type { TokenList } from './token-list.ts';

export type LineHead = {
  readonly list: TokenList;
  /** Index of the line's first token. */
  readonly index: number;
  /** The innermost open bracket. */
  readonly opener: string;
  /** Index of the first token of the statement that is still open. */
  readonly first: number;
  /** Indices of its last tokens, the last one first. */
  readonly last: readonly number[];
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
function endsAsHeader({ list, last, opener }: LineHead): boolean {
  if (list.value(last[0] ?? -1) !== ':') return false;
  const beforeKey = list.value(last[2] ?? -1);
  return opener !== '{' || (beforeKey !== '{' && beforeKey !== ',');
}

function looksLikeStatement(head: LineHead): boolean {
  const { list, index } = head;
  const word = list.value(index);
  if (neverInside.has(word)) return true;
  if (word === '-') return list.value(head.first) === '-';
  return list.kind(index) === 'name' && looksLikeNamed(head);
}

const behindName = new Set([':', '(', '.', '=']);

function looksLikeNamed(head: LineHead): boolean {
  const { list, opener } = head;
  const next = head.index + (list.kind(head.index + 1) === 'space' ? 2 : 1);
  if (!list.isCode(next)) return false;
  const second = list.value(next);
  if (list.kind(next) === 'string' || (second === ':' && opener !== '{')) return true;
  return behindName.has(second) && !continues(head);
}

/** Whether what encloses this line goes on behind it: it ends in a comma, or a closer follows. */
function continues({ list, index }: LineHead): boolean {
  const end = lineEnd(list, index);
  const line = list.code(index, end);
  const opened = line.filter(({ value }) => openers.has(value)).length;
  const closed = line.filter(({ value }) => closers.has(value)).length;
  if (closed > opened || joiners.has(line.at(-1)?.value ?? '')) return true;
  const [below] = list.code(end, Math.min(list.length, end + lookahead));
  return below !== undefined && (closers.has(below.value) || below.value === ',');
}

// Looks over a bounded number of blank and comment lines, which keeps the whole reading linear.
const lookahead = 16;

function lineEnd(list: TokenList, from: number): number {
  let at = from;
  while (at < list.length && list.kind(at) !== 'newline') at += 1;
  return at;
}

/** A final `{` that no expression can have there opens a block of the brace dialect. */
export function isBraceOpener(list: TokenList, last: readonly number[]): boolean {
  const [brace = -1, before = -1] = last;
  if (before === -1 || list.kind(brace) !== 'op' || list.value(brace) !== '{') return false;
  const word = list.value(before);
  return !openers.has(word) && word !== ':' && !joiners.has(word);
}
