// The formatter: printed lines, with comments and blank lines where they stood.

import type { CheckedText } from './check-text.ts';
import type { Token } from './lex.ts';
import { printScript, type PrintedLine } from './print-script.ts';
import { lineIndexAt } from './text.ts';

type Comment = { readonly token: Token; readonly isTrailing: boolean };

type Unit = {
  /** Offset of its first character in the source, and one behind its last. */
  readonly start: number;
  readonly end: number;
  readonly indent: number;
  readonly text: string;
  readonly isBlock: boolean;
};

/** The formatted content without byte order mark; the file must have parsed, in dialect C or A. */
export function formatChecked({ source, tokens, script }: CheckedText): string {
  const { text, lineStarts } = source;
  const comments = findComments(tokens);
  const units = joinComments(printScript(script.body, text), comments, { text, lineStarts });
  const newline = newlineOf(tokens);
  const out: string[] = [];
  for (const [index, unit] of units.entries()) {
    const before = units[index - 1];
    if (before !== undefined)
      for (let blanks = blankLines(units, index, lineStarts); blanks > 0; blanks -= 1) out.push('');
    out.push(' '.repeat(unit.indent) + unit.text);
  }
  return out
    .map((line) => `${line}\n`)
    .join('')
    .replaceAll('\n', newline);
}

/** The one that most lines end in; among equals the one that comes first. */
function newlineOf(tokens: readonly Token[]): string {
  const counts = new Map<string, number>();
  for (const { kind, value } of tokens)
    if (kind === 'newline') counts.set(value, (counts.get(value) ?? 0) + 1);
  const [most] = [...counts].sort(([, one], [, other]) => other - one);
  return most?.[0] ?? '\n';
}

function findComments(tokens: readonly Token[]): Comment[] {
  const comments: Comment[] = [];
  let hasCode = false;
  for (const token of tokens) {
    if (token.kind === 'comment') comments.push({ token, isTrailing: hasCode });
    else if (token.kind === 'newline') hasCode = false;
    else if (token.kind !== 'space') hasCode = true;
  }
  return comments;
}

type Lines = { readonly text: string; readonly lineStarts: readonly number[] };

function joinComments(
  lines: readonly PrintedLine[],
  comments: readonly Comment[],
  around: Lines,
): Unit[] {
  const units: Unit[] = [];
  const queue = [...comments].reverse();
  for (const [index, line] of lines.entries()) {
    const own = takeBefore(queue, line.span.start);
    for (const { token } of own) units.push(ownLine(token, { lines, index, around }));
    const inner = takeBefore(queue, line.span.end);
    const next = queue.at(-1);
    const isBehind =
      next?.isTrailing === true && next.token.start < (lines[index + 1]?.span.start ?? Infinity);
    const trailing = isBehind ? queue.pop() : undefined;
    units.push(makeUnit(line, { inner, trailing, around }));
  }
  for (const { token } of queue.reverse())
    units.push(ownLine(token, { lines, index: lines.length, around }));
  return units;
}

function takeBefore(queue: Comment[], end: number): Comment[] {
  const taken: Comment[] = [];
  for (let next = queue.at(-1); next !== undefined && next.token.start < end; next = queue.at(-1)) {
    taken.push(next);
    queue.pop();
  }
  return taken;
}

type Beside = {
  readonly inner: readonly Comment[];
  readonly trailing: Comment | undefined;
  readonly around: Lines;
};

function makeUnit(line: PrintedLine, { inner, trailing, around }: Beside): Unit {
  const { span, indent, isBlock } = line;
  const text = inner.length === 0 ? line.text : keepText(line, around);
  const comment = trailing === undefined ? '' : `  ${commentText(trailing.token)}`;
  const end = trailing?.token.end ?? span.end;
  return { start: span.start, end, indent, text: text + comment, isBlock };
}

function commentText({ value }: Token): string {
  return value.trimEnd();
}

/** A statement with comments inside keeps its lines as they are; only its indentation moves. */
function keepText({ span, indent }: PrintedLine, { text, lineStarts }: Lines): string {
  const lineStart = lineStarts[lineIndexAt(lineStarts, span.start)] ?? 0;
  const first = text.slice(lineStart, span.start);
  const by = indent - (first.length - first.trimStart().length);
  const [head = '', ...rest] = text
    .slice(lineStart, span.end)
    .trimStart()
    .split(/\r\n|\r|\n/);
  return [head.trimEnd(), ...rest.map((line) => moveLine(line, by))].join('\n');
}

function moveLine(line: string, by: number): string {
  const content = line.trim();
  if (content === '') return '';
  return ' '.repeat(Math.max(0, line.length - line.trimStart().length + by)) + content;
}

type Standing = {
  readonly lines: readonly PrintedLine[];
  readonly index: number;
  readonly around: Lines;
};

/** A comment alone on its line goes with the code below it, or ends the block it is as deep as. */
function ownLine(token: Token, { lines, index, around }: Standing): Unit {
  const before = lines[index - 1];
  const next = lines[index];
  const nextIndent = next?.indent ?? 0;
  const nextColumn = next === undefined ? 0 : columnOf(next.span.start, around);
  const isDeeper = columnOf(token.start, around) > nextColumn;
  const indent =
    isDeeper && before !== undefined ? Math.max(before.indent, nextIndent) : nextIndent;
  return {
    start: token.start,
    end: token.end,
    indent,
    text: commentText(token),
    isBlock: next?.isBlock ?? false,
  };
}

/** Indentation of the line that holds `at`. */
function columnOf(at: number, { text, lineStarts }: Lines): number {
  const start = lineStarts[lineIndexAt(lineStarts, at)] ?? 0;
  const line = text.slice(start, at);
  return line.length - line.trimStart().length;
}

/** At most one, at most two before a block at the top level. */
function blankLines(units: readonly Unit[], index: number, lineStarts: readonly number[]): number {
  const unit = units[index];
  const before = units[index - 1];
  if (unit === undefined || before === undefined) return 0;
  const gap = lineIndexAt(lineStarts, unit.start) - lineIndexAt(lineStarts, before.end) - 1;
  return Math.max(0, Math.min(gap, unit.isBlock && unit.indent === 0 ? 2 : 1));
}
