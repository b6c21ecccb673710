// Tokens → logical lines → a tree by indentation. Brackets are settled here, before the grammar is
// looked at: a statement with an unclosed bracket ends before the next line that begins one.

import type { Span } from '../diagnostics/diagnostic.ts';
import { isBraceOpener, nextLineEnds, type LineHead } from './brackets.ts';
import { bracketDepthMax } from './limits.ts';
import type { Fault, Lexed, Token } from './lex.ts';
import type { RuleCode } from './rules.ts';

const tabWidth = 4;

export type Trouble = { readonly code: RuleCode; readonly span: Span; readonly message: string };

export type Line = {
  readonly tokens: Token[];
  /** Width of the indentation; `nest` settles what a tab was meant to be. */
  indent: number;
  readonly hasTab: boolean;
  /** The one lexical or bracket error that keeps the line from being read. */
  trouble?: Trouble;
  /** Set where the indentation fits no open block; spoils nothing. */
  indentTrouble?: 'E_INDENT_UNEXPECTED' | 'E_INDENT_DEDENT';
  /** Ends in a `{` that opens a block of another dialect. */
  isBraceHead: boolean;
  readonly children: Line[];
  /** Its deeper lines were left out because blocks may not nest further. */
  isCut: boolean;
};

type Opener = { readonly token: Token; readonly closer: string };
type Gathering = {
  readonly lines: Line[];
  readonly stack: Opener[];
  readonly tokens: readonly Token[];
  readonly faults: readonly Fault[];
  nextFault: number;
  line: Line | undefined;
  /** The first stray closer or the bracket beyond the limit in the current line. */
  stray: Trouble | undefined;
  indent: number;
  hasTab: boolean;
  isLineStart: boolean;
  hasBraces: boolean;
};

const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

export function gatherLines({ tokens, faults }: Lexed): Line[] {
  const gathering: Gathering = {
    lines: [],
    stack: [],
    tokens,
    faults,
    nextFault: 0,
    line: undefined,
    stray: undefined,
    indent: 0,
    hasTab: false,
    isLineStart: true,
    hasBraces: false,
  };
  let index = 0;
  for (const token of tokens) {
    gatherToken(gathering, token, index);
    index += 1;
  }
  endLine(gathering);
  return gathering.lines;
}

function gatherToken(gathering: Gathering, token: Token, index: number): void {
  if (token.kind === 'newline') {
    endPhysicalLine(gathering);
  } else if (token.kind === 'space') {
    if (gathering.isLineStart) measureIndent(gathering, token);
  } else if (token.kind !== 'comment') {
    if (gathering.isLineStart && gathering.line !== undefined)
      if (beginsStatement(gathering, index)) endLine(gathering);
    gathering.line ??= openLine(gathering);
    gathering.isLineStart = false;
    gathering.line.tokens.push(token);
    trackBrackets(gathering, token);
  }
}

function measureIndent(gathering: Gathering, { value }: Token): void {
  gathering.hasTab = value.includes('\t');
  const tabs = gathering.hasTab ? value.split('\t').length - 1 : 0;
  gathering.indent = value.length + tabs * (tabWidth - 1);
}

function openLine({ indent, hasTab }: Gathering): Line {
  return { tokens: [], indent, hasTab, isBraceHead: false, children: [], isCut: false };
}

function endPhysicalLine(gathering: Gathering): void {
  const { line, stack } = gathering;
  if (line !== undefined && !gathering.isLineStart && isBraceOpener(line.tokens)) {
    line.isBraceHead = true;
    stack.pop();
  }
  if (stack.length === 0) endLine(gathering);
  gathering.isLineStart = true;
  gathering.indent = 0;
  gathering.hasTab = false;
}

function endLine(gathering: Gathering): void {
  const { line, stack, stray } = gathering;
  if (line === undefined) return;
  const trouble = lexicalTrouble(gathering, line) ?? bracketTrouble(stack[0]?.token, stray);
  if (trouble !== undefined) line.trouble = trouble;
  gathering.hasBraces ||= line.isBraceHead;
  if (!gathering.hasBraces && isCloser(line.tokens[0])) joinOrphan(gathering.lines, line);
  else gathering.lines.push(line);
  gathering.line = undefined;
  gathering.stray = undefined;
  stack.length = 0;
}

function isCloser(token: Token | undefined): boolean {
  return token?.kind === 'op' && Object.values(closers).includes(token.value);
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
  else joinLines(target, [...lines.splice(from), orphan]);
}

function joinLines(target: Line, parts: readonly Line[]): void {
  for (const { tokens } of parts) for (const token of tokens) target.tokens.push(token);
  const trouble = [target, ...parts].find((part) => part.trouble !== undefined)?.trouble;
  if (trouble !== undefined) target.trouble = trouble;
}

function lexicalTrouble(gathering: Gathering, { tokens }: Line): Trouble | undefined {
  const start = tokens[0]?.start ?? 0;
  const end = tokens.at(-1)?.end ?? 0;
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

function bracketTrouble(open: Token | undefined, stray: Trouble | undefined): Trouble | undefined {
  if (open === undefined || stray?.code === 'E_LIMIT') return stray;
  if (stray !== undefined && stray.span.start < open.start) return stray;
  return unbalanced(open, `'${open.value}' is never closed`);
}

function unbalanced({ start, end }: Token, message: string): Trouble {
  return { code: 'E_PARSE_UNBALANCED', span: { start, end }, message };
}

function trackBrackets(gathering: Gathering, token: Token): void {
  if (token.kind === 'op') trackOperator(gathering, token);
  else if (token.kind === 'bad' && /^["']/.test(token.value)) closeSwallowed(gathering, token);
}

function trackOperator(gathering: Gathering, token: Token): void {
  const closer = closers[token.value];
  if (closer !== undefined) openBracket(gathering, { token, closer });
  else if (token.value === ')' || token.value === ']' || token.value === '}')
    closeBracket(gathering, token);
}

function openBracket(gathering: Gathering, opener: Opener): void {
  gathering.stack.push(opener);
  if (gathering.stack.length !== bracketDepthMax + 1) return;
  const { start, end } = opener.token;
  const message = `brackets are nested more than ${String(bracketDepthMax)} deep`;
  gathering.stray = { code: 'E_LIMIT', span: { start, end }, message };
}

function closeBracket(gathering: Gathering, token: Token): void {
  const { stack } = gathering;
  const match = matchDepth(stack, token.value);
  if (match === -1) {
    gathering.stray ??= unbalanced(token, `'${token.value}' closes nothing`);
    return;
  }
  const unclosed = stack[match + 1]?.token;
  if (unclosed !== undefined)
    gathering.stray ??= unbalanced(unclosed, `'${unclosed.value}' is never closed`);
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
function closeSwallowed({ stack }: Gathering, { value }: Token): void {
  const own: string[] = [];
  for (const character of value) {
    const closer = closers[character];
    if (closer !== undefined) own.push(closer);
    else if (own.at(-1) === character) own.pop();
    else if (own.length === 0 && stack.at(-1)?.closer === character) stack.pop();
  }
}

function beginsStatement(gathering: Gathering, index: number): boolean {
  const { line, stack, tokens, indent } = gathering;
  const opener = stack.at(-1);
  if (line === undefined || opener === undefined) return true;
  const head: LineHead = {
    tokens,
    index,
    opener: opener.token.value,
    statement: line.tokens,
    isDeeper: indent > line.indent,
  };
  return nextLineEnds(head);
}
