// Which of five mutually incompatible dialects a file is written in, told from its code lines.

import { lineIndexAt } from './text.ts';
import type { Token, TokenList } from './token-list.ts';
import type { Line } from './layout.ts';

export type DialectId = 'aether-1.1' | 'line' | 'indent' | 'arrow' | 'brace';
/** Dialects that a single line can give away. */
export type MarkedDialect = Exclude<DialectId, 'line'>;

export const dialectIds: readonly DialectId[] = ['aether-1.1', 'line', 'indent', 'arrow', 'brace'];

export type Mark = {
  readonly dialect: MarkedDialect;
  readonly line: Line;
  /** A block's head without its colon: a mark of `indent`, in other files simply a missing colon. */
  readonly isHeader: boolean;
};

export type Decision = {
  /** Who decided: the caller, a comment in the file, the marks, or their absence. */
  readonly by: 'option' | 'comment' | 'marks' | 'default';
  readonly dialect: DialectId;
  readonly marks: readonly Mark[];
};

const blockWords = new Set(
  'goal memory meta policy require plugin_contract on_error workflow parallel transaction'.split(
    ' ',
  ),
);
const controlWords = new Set('if elif else for while'.split(' '));

/** Marks of all lines, in order; `below` says whether a deeper code line follows. */
export function findMarks(flat: readonly Line[]): Mark[] {
  const hasBraces = flat.some(({ isBraceHead }) => isBraceHead);
  const marks: Mark[] = [];
  for (const [index, line] of flat.entries()) {
    const next = flat[index + 1];
    const isOverDeeper = next !== undefined && next.indent > line.indent;
    const mark = markOf(line, { hasBraces, isOverDeeper });
    if (mark !== undefined) marks.push(mark);
  }
  return marks;
}

type Around = { readonly hasBraces: boolean; readonly isOverDeeper: boolean };

function markOf(line: Line, around: Around): Mark | undefined {
  if (isBrace(line, around)) return { dialect: 'brace', line, isHeader: false };
  const { tokens } = line;
  if (isArrow(tokens)) return { dialect: 'arrow', line, isHeader: false };
  if (isIndentVerb(tokens)) return { dialect: 'indent', line, isHeader: false };
  if (isBareHeader(tokens, around)) return { dialect: 'indent', line, isHeader: true };
  if (isPublished(tokens)) return { dialect: 'aether-1.1', line, isHeader: false };
  return undefined;
}

const definers = new Set(['fn', 'let', 'const', 'define']);

function isBrace({ tokens, isBraceHead }: Line, { hasBraces }: Around): boolean {
  const [first, second] = tokens;
  const word = first?.value ?? '';
  if (isBraceHead || (word === 'end' && tokens.length === 1)) return true;
  return definers.has(word) ? second?.kind === 'name' : word === '}' && hasBraces;
}

function isArrow(tokens: readonly Token[]): boolean {
  const [first, second] = tokens;
  if (first === undefined) return false;
  if (isVariable(first, second) || isArrowVerb(first, second)) return true;
  if (first.value === 'status' && tokens.length === 1) return true;
  return tokens.some((token, at) => isArrowAt(token, tokens[at + 1], tokens[at + 2]));
}

function isVariable(first: Token | undefined, second: Token | undefined): boolean {
  return first?.value === '$' && second?.kind === 'name' && first.end === second.start;
}

function isArrowVerb(first: Token, second: Token | undefined): boolean {
  const words = `${first.value} ${second?.kind === 'string' || isOpenString(second) ? '"' : (second?.value ?? '')}`;
  return arrowVerbs.has(words);
}

const arrowVerbs = new Set([
  'use plugin',
  'run agent',
  'recall "',
  'store $',
  'show variables',
  'show goals',
]);

function isArrowAt(token: Token, next: Token | undefined, third: Token | undefined): boolean {
  if (token.value === '→' && token.kind === 'bad') return next?.value === '$';
  return token.value === '-' && next?.value === '>' && third?.value === '$';
}

function isOpenString(token: Token | undefined): boolean {
  return token?.kind === 'bad' && /^["']/.test(token.value);
}

const sayers = new Set(['goal', 'remember', 'narrate']);
const transactionVerbs = new Set(['begin', 'commit', 'rollback']);

function isIndentVerb([first, second]: readonly Token[]): boolean {
  if (first?.kind !== 'name' || second === undefined) return false;
  if (sayers.has(first.value)) return second.kind === 'string' || isOpenString(second);
  if (second.value === '=' && second.kind === 'op') return true;
  return transactionVerbs.has(first.value) && second.value === 'transaction';
}

function isBareHeader(tokens: readonly Token[], { isOverDeeper }: Around): boolean {
  if (!isOverDeeper || tokens.at(-1)?.value === ':' || !isWord(tokens[0])) return false;
  const word = tokens[0]?.value.toLowerCase() ?? '';
  if (controlWords.has(word)) return true;
  return blockWords.has(word) && tokens[1]?.value !== ':';
}

function isWord(token: Token | undefined): boolean {
  return token?.kind === 'name' || token?.kind === 'keyword';
}

function isPublished(tokens: readonly Token[]): boolean {
  const [first, second] = tokens;
  if (first === undefined || second === undefined) return false;
  if (first.value === 'await') return second.kind === 'name';
  if (first.value === '-') return true;
  if (isHead(first.value) && tokens.at(-1)?.value === ':') return true;
  return second.value === ':' && isTyped(tokens);
}

function isHead(word: string): boolean {
  return controlWords.has(word) || isStrictBlock(word);
}

function isStrictBlock(word: string): boolean {
  return blockWords.has(word) && word !== 'goal' && word !== 'memory';
}

/** `name: Type[…] = …` */
function isTyped(tokens: readonly Token[]): boolean {
  if (tokens[2]?.kind !== 'name') return false;
  let depth = 0;
  for (const token of tokens.slice(3)) {
    if (depth === 0) {
      if (token.value === '=' && token.kind === 'op') return true;
      if (token.value !== '[') return false;
    }
    if (token.value === '[') depth += 1;
    if (token.value === ']') depth -= 1;
  }
  return false;
}

const ties: readonly MarkedDialect[] = ['aether-1.1', 'indent', 'arrow', 'brace'];

export type Count = { readonly dialect: MarkedDialect; readonly count: number };

/** Marks per dialect, most first, ties in the order published, indent, arrow, brace. */
export function countMarks(marks: readonly Mark[]): readonly Count[] {
  const counts = ties.map((dialect) => ({
    dialect,
    count: marks.filter((mark) => mark.dialect === dialect).length,
  }));
  return counts.sort(
    (a, b) => b.count - a.count || ties.indexOf(a.dialect) - ties.indexOf(b.dialect),
  );
}

const directive = /^#\s*@dialect:\s*(\S+)\s*$/;
const directiveLines = 20;

/** The dialect that a comment in the first 20 lines asks for. */
export function directedDialect(
  list: TokenList,
  lineStarts: readonly number[],
): DialectId | undefined {
  const end = lineStarts[directiveLines] ?? Number.MAX_SAFE_INTEGER;
  for (let index = 0; index < list.length && list.start(index) < end; index += 1) {
    if (list.kind(index) !== 'comment') continue;
    const found = directive.exec(list.value(index))?.[1];
    const id = dialectIds.find((each) => each === found);
    if (id !== undefined) return id;
  }
  return undefined;
}

export function lineNumber({ first }: Line, lineStarts: readonly number[]): number {
  return lineIndexAt(lineStarts, first.start) + 1;
}
