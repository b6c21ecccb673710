// Tokens → logical lines → a tree by indentation. Brackets are settled here, before the grammar is
// looked at: a statement with an unclosed bracket ends before the next line that begins one.

import type { Span } from '../diagnostics/diagnostic.ts';
import { isBraceOpener, nextLineEnds } from './brackets.ts';
import { bracketDepthMax } from './limits.ts';
import type { Fault, Scanned } from './lex.ts';
import type { RuleCode } from './rules.ts';
import type { Token, TokenList } from './token-list.ts';

const tabWidth = 4;

export type Trouble = { readonly code: RuleCode; readonly span: Span; readonly message: string };

/** A logical line: a range of tokens, which become objects when they are asked for. */
export class Line {
  /** Width of the indentation; `nest` settles what a tab was meant to be. */
  indent: number;
  readonly hasTab: boolean;
  /** The one lexical or bracket error that keeps the line from being read. */
  trouble: Trouble | undefined = undefined;
  /** Set where the indentation fits no open block; spoils nothing. */
  indentTrouble: 'E_INDENT_UNEXPECTED' | 'E_INDENT_DEDENT' | undefined = undefined;
  /** Ends in a `{` that opens a block of another dialect. */
  isBraceHead = false;
  readonly children: Line[] = [];
  /** Its deeper lines were left out because blocks may not nest further. */
  isCut = false;
  readonly #list: TokenList;
  readonly #from: number;
  #to: number;

  constructor(list: TokenList, from: number, { indent, hasTab }: Pick<Line, 'indent' | 'hasTab'>) {
    this.#list = list;
    this.#from = from;
    this.#to = from;
    this.indent = indent;
    this.hasTab = hasTab;
  }

  /** Makes the tokens anew each time: keep them while they are needed. */
  get tokens(): readonly Token[] {
    return this.#list.code(this.#from, this.#to);
  }

  get first(): Token {
    return this.#list.token(this.#from);
  }

  get last(): Token {
    return this.#list.token(this.#to - 1);
  }

  /** Takes in everything up to and with the token at `index`, which must be code. */
  extend(index: number): void {
    this.#to = index + 1;
  }

  /** Takes in the lines that follow this one. */
  join(lines: readonly Line[]): void {
    const last = lines.at(-1);
    if (last !== undefined) this.#to = last.#to;
    this.trouble ??= lines.find(({ trouble }) => trouble !== undefined)?.trouble;
  }
}

type Opener = { readonly index: number; readonly closer: string };
type Gathering = {
  readonly lines: Line[];
  readonly stack: Opener[];
  readonly list: TokenList;
  readonly faults: readonly Fault[];
  nextFault: number;
  line: Line | undefined;
  /** Index of the line's first token, and of its last three, the last one first. */
  first: number;
  readonly last: [number, number, number];
  /** The first stray closer or the bracket beyond the limit in the current line. */
  stray: Trouble | undefined;
  indent: number;
  hasTab: boolean;
  isLineStart: boolean;
  hasBraces: boolean;
};

const closers = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);
const closing = new Set(closers.values());

export function gatherLines({ list, faults }: Pick<Scanned, 'list' | 'faults'>): Line[] {
  const gathering: Gathering = {
    lines: [],
    stack: [],
    list,
    faults,
    nextFault: 0,
    line: undefined,
    first: 0,
    last: [-1, -1, -1],
    stray: undefined,
    indent: 0,
    hasTab: false,
    isLineStart: true,
    hasBraces: false,
  };
  for (let index = 0; index < list.length; index += 1) gatherToken(gathering, index);
  endLine(gathering);
  return gathering.lines;
}

function gatherToken(gathering: Gathering, index: number): void {
  const { list } = gathering;
  if (list.isCode(index)) gatherCode(gathering, index);
  else if (list.kind(index) === 'newline') endPhysicalLine(gathering);
  else if (gathering.isLineStart && list.kind(index) === 'space') measureIndent(gathering, index);
}

function gatherCode(gathering: Gathering, index: number): void {
  const { list } = gathering;
  if (gathering.isLineStart && gathering.line !== undefined && beginsStatement(gathering, index))
    endLine(gathering);
  gathering.isLineStart = false;
  if (gathering.line === undefined) {
    gathering.line = new Line(list, index, gathering);
    gathering.first = index;
    gathering.last.fill(-1);
  }
  gathering.line.extend(index);
  const { last } = gathering;
  last[2] = last[1];
  last[1] = last[0];
  last[0] = index;
  const kind = list.kind(index);
  if (kind === 'op') trackOperator(gathering, index);
  else if (kind === 'bad') closeSwallowed(gathering, list.value(index));
}

function measureIndent(gathering: Gathering, index: number): void {
  const value = gathering.list.value(index);
  gathering.hasTab = value.includes('\t');
  const tabs = gathering.hasTab ? value.split('\t').length - 1 : 0;
  gathering.indent = value.length + tabs * (tabWidth - 1);
}

function endPhysicalLine(gathering: Gathering): void {
  const { line, list, stack, last } = gathering;
  if (line !== undefined && !gathering.isLineStart && isBraceOpener(list, last)) {
    line.isBraceHead = true;
    stack.pop();
  }
  if (stack.length === 0) endLine(gathering);
  gathering.isLineStart = true;
  gathering.indent = 0;
  gathering.hasTab = false;
}

function endLine(gathering: Gathering): void {
  const { line, list, stack, stray } = gathering;
  if (line === undefined) return;
  line.trouble = lexicalTrouble(gathering) ?? bracketTrouble(list, stack[0], stray);
  gathering.hasBraces ||= line.isBraceHead;
  if (!gathering.hasBraces && isCloser(list, gathering.first)) joinOrphan(gathering.lines, line);
  else gathering.lines.push(line);
  gathering.line = undefined;
  gathering.stray = undefined;
  stack.length = 0;
}

function isCloser(list: TokenList, index: number): boolean {
  return list.kind(index) === 'op' && closing.has(list.value(index));
}

/**
 * A closer at the head of a line, behind deeper lines, ends a statement whose opener is missing: all
 * of it is that one statement and yields one error.
 */
function joinOrphan(lines: Line[], orphan: Line): void {
  let from = lines.length;
  while (from > 0 && (lines[from - 1]?.indent ?? 0) > orphan.indent) from -= 1;
  const target = lines[from - 1];
  if (from === lines.length || target?.indent !== orphan.indent) lines.push(orphan);
  else target.join([...lines.splice(from), orphan]);
}

function lexicalTrouble(gathering: Gathering): Trouble | undefined {
  const { list } = gathering;
  const start = list.start(gathering.first);
  const end = list.end(gathering.last[0]);
  let first: Fault | undefined;
  for (
    let fault = nextFault(gathering, end);
    fault !== undefined;
    fault = nextFault(gathering, end)
  )
    if (fault.spoils && fault.span.start >= start) first ??= fault;
  return first;
}

function nextFault(gathering: Gathering, end: number): Fault | undefined {
  const fault = gathering.faults[gathering.nextFault];
  if (fault === undefined || fault.span.start >= end) return undefined;
  gathering.nextFault += 1;
  return fault;
}

function bracketTrouble(
  list: TokenList,
  open: Opener | undefined,
  stray: Trouble | undefined,
): Trouble | undefined {
  if (open === undefined || stray?.code === 'E_LIMIT') return stray;
  if (stray !== undefined && stray.span.start < list.start(open.index)) return stray;
  return unbalanced(list, open.index, 'is never closed');
}

function unbalanced(list: TokenList, index: number, what: string): Trouble {
  const { start, end, value } = list.token(index);
  return { code: 'E_PARSE_UNBALANCED', span: { start, end }, message: `'${value}' ${what}` };
}

function trackOperator(gathering: Gathering, index: number): void {
  const value = gathering.list.value(index);
  const closer = closers.get(value);
  if (closer !== undefined) openBracket(gathering, { index, closer });
  else if (closing.has(value)) closeBracket(gathering, index, value);
}

function openBracket(gathering: Gathering, opener: Opener): void {
  gathering.stack.push(opener);
  if (gathering.stack.length !== bracketDepthMax + 1) return;
  const { start, end } = gathering.list.token(opener.index);
  const message = `brackets are nested more than ${String(bracketDepthMax)} deep`;
  gathering.stray = { code: 'E_LIMIT', span: { start, end }, message };
}

function closeBracket(gathering: Gathering, index: number, value: string): void {
  const { list, stack } = gathering;
  const match = matchDepth(stack, value);
  if (match === -1) {
    gathering.stray ??= unbalanced(list, index, 'closes nothing');
    return;
  }
  const unclosed = stack[match + 1];
  if (unclosed !== undefined)
    gathering.stray ??= unbalanced(list, unclosed.index, 'is never closed');
  stack.length = match;
}

// Searching is bounded: past the depth limit the statement is refused in any case.
function matchDepth(stack: readonly Opener[], closer: string): number {
  const lowest = Math.max(0, stack.length - bracketDepthMax);
  for (let at = stack.length - 1; at >= lowest; at -= 1)
    if (stack[at]?.closer === closer) return at;
  return -1;
}

/** An unclosed string has swallowed the closers behind it; they still end the statement. */
function closeSwallowed({ stack }: Gathering, value: string): void {
  if (!/^["']/.test(value)) return;
  const own: string[] = [];
  for (const character of value) {
    const closer = closers.get(character);
    if (closer !== undefined) own.push(closer);
    else if (own.at(-1) === character) own.pop();
    else if (own.length === 0 && stack.at(-1)?.closer === character) stack.pop();
  }
}

function beginsStatement(gathering: Gathering, index: number): boolean {
  const { line, list, stack, first, last, indent } = gathering;
  const opener = stack.at(-1);
  if (line === undefined || opener === undefined) return true;
  const isDeeper = indent > line.indent;
  return nextLineEnds({ list, index, opener: list.value(opener.index), first, last, isDeeper });
}
