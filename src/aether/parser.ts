// What every part of the parser shares: the lines still to be read, the problems found, and how a
// line that cannot be read is set aside without losing what it still tells.

import type { Span } from '../diagnostics/diagnostic.ts';
import { StatementFault, type Cursor } from './cursor.ts';
import type { Line, Trouble } from './layout.ts';
import { looksLikeHeader } from './header.ts';
import { problem, type Problem } from './problem.ts';
import type { RuleCode } from './rules.ts';
import type { Body, Broken } from './tree.ts';

export type Parser = {
  readonly text: string;
  /** Headers without a colon, `name = expr`: dialect `indent`. */
  readonly isIndent: boolean;
  /** Lines of another dialect, which spoil themselves. */
  readonly foreign: ReadonlyMap<Line, Trouble>;
  readonly problems: Problem[];
  /** Statements of a block, for parts that `parse.ts` calls and that may not import it. */
  readonly parseBody: (parser: Parser, lines: readonly Line[]) => Body;
};

type Frame = { readonly lines: readonly Line[]; at: number };
export type Reader = { readonly frames: Frame[] };

export function readLines(lines: readonly Line[]): Reader {
  return { frames: [{ lines, at: 0 }] };
}

export function peekLine({ frames }: Reader): Line | undefined {
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const line = frame.lines[frame.at];
    if (line !== undefined) return line;
    frames.pop();
  }
  return undefined;
}

export function skipLine(reader: Reader): void {
  const frame = reader.frames.at(-1);
  if (frame !== undefined) frame.at += 1;
}

/** Consumes the next line and reports an indentation that fits nowhere. */
export function takeLine(parser: Parser, reader: Reader): Line | undefined {
  const line = peekLine(reader);
  if (line === undefined) return undefined;
  skipLine(reader);
  if (line.indentTrouble !== undefined)
    report(parser, line.indentTrouble, headSpan(line), indentMessage(line.indentTrouble));
  return line;
}

function indentMessage(code: 'E_INDENT_UNEXPECTED' | 'E_INDENT_DEDENT'): string {
  return code === 'E_INDENT_DEDENT'
    ? 'this indentation matches no open block'
    : 'this line is indented but no block begins above it';
}

/** Deeper lines below a statement that has no block: one error, then they are neighbours. */
export function inlineChildren(parser: Parser, reader: Reader, line: Line): void {
  const first = line.children[0];
  if (first === undefined) return;
  const isLenient = first.hasTab || first.indentTrouble !== undefined || endsBadly(line);
  if (!isLenient)
    report(parser, 'E_INDENT_UNEXPECTED', headSpan(first), indentMessage('E_INDENT_UNEXPECTED'));
  reader.frames.push({ lines: line.children, at: 0 });
}

// A string without its closing quote may have swallowed the colon of a header.
function endsBadly({ last }: Line): boolean {
  return last.kind === 'bad';
}

export function report(parser: Parser, code: RuleCode, span: Span | null, message: string): void {
  parser.problems.push(problem(code, span, message));
}

export function headSpan({ first }: Line): Span {
  return { start: first.start, end: first.end };
}

export function lineSpan({ first, last }: Line): Span {
  return { start: first.start, end: last.end };
}

export function openCursor({ tokens }: Line): Cursor {
  return { tokens, at: 0 };
}

/** `read`'s result, or the problem it ran into, reported, and undefined. */
export function attempt<Result>(
  parser: Parser,
  line: Line,
  read: (cursor: Cursor) => Result,
): Result | undefined {
  const trouble = parser.foreign.get(line) ?? line.trouble;
  if (trouble !== undefined) {
    report(parser, trouble.code, trouble.span, trouble.message);
    return undefined;
  }
  try {
    return read(openCursor(line));
  } catch (cause) {
    if (!(cause instanceof StatementFault)) throw cause;
    report(parser, cause.code, cause.span, cause.message);
    return undefined;
  }
}

const namePattern = '[\\p{XID_Start}_]\\p{XID_Continue}*';
const assigned = new RegExp(`(?:^|[\\r\\n])[ \\t]*(${namePattern})[ \\t]*[:=]`, 'gu');
const introduced = new RegExp(`(?<!\\p{XID_Continue})(?:as|for)[ \\t]+(${namePattern})`, 'gu');
const mentioned = new RegExp(`[\\p{XID_Start}_][\\p{XID_Continue}.-]*`, 'gu');

/** The line as a broken statement; its deeper lines are its body if it looks like a header. */
export function setAside(parser: Parser, line: Line, reader?: Reader): Broken {
  const span = lineSpan(line);
  const raw = parser.text.slice(span.start, span.end);
  const words = Array.from(raw.matchAll(mentioned), ([word]) => word.normalize('NFC'));
  const names = [...namesIn(raw, assigned), ...namesIn(raw, introduced)];
  // The first word is what an assignment without its colon would have named.
  names.push(...(words[0] === 'await' ? words.slice(1) : words.slice(0, 1)));
  const owns = line.isBraceHead || looksLikeHeader(line) || reader === undefined;
  if (!owns) inlineChildren(parser, reader, line);
  const body = owns ? parser.parseBody(parser, line.children) : [];
  return { kind: 'broken', names, words, body, span };
}

function namesIn(raw: string, pattern: RegExp): string[] {
  return Array.from(raw.matchAll(pattern), (found) => (found[1] ?? '').normalize('NFC'));
}
