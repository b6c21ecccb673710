// Lines → tree, with recovery: a statement that cannot be read is set aside and reported once. The
// grammar is aether.md §4; dialect `indent` differs in headers, assignments and a few verbs.

import type { Span } from '../diagnostics/diagnostic.ts';
import {
  accept,
  behind,
  butFound,
  expectEnd,
  expectOp,
  fail,
  isAt,
  isKind,
  readName,
  StatementFault,
  type Cursor,
} from './cursor.ts';
import type { Line, Trouble } from './layout.ts';
import { parseBlock, blockWords } from './parse-block.ts';
import { parseIndentVerb } from './parse-indent.ts';
import { callPathLength, parseCall, parseExpression } from './parse-expression.ts';
import { failStatement, parseAssign, readHeaderEnd } from './parse-line-parts.ts';
import {
  attempt,
  headSpan,
  inlineChildren,
  lineSpan,
  peekLine,
  readLines,
  report,
  setAside,
  takeLine,
  type Parser,
  type Reader,
} from './parser.ts';
import type { Problem } from './problem.ts';
import type { Body, Branch, Script, Statement } from './tree.ts';

export type Parsed = { readonly script: Script; readonly problems: readonly Problem[] };

export type ParseInput = {
  readonly text: string;
  readonly lines: readonly Line[];
  readonly isIndent: boolean;
  readonly foreign: ReadonlyMap<Line, Trouble>;
};

export function parseScript(input: ParseInput): Parsed {
  const parser: Parser = {
    text: input.text,
    isIndent: input.isIndent,
    foreign: input.foreign,
    problems: [],
    parseBody,
  };
  const body = parseBody(parser, input.lines);
  return { script: { body }, problems: parser.problems };
}

function parseBody(parser: Parser, lines: readonly Line[]): Body {
  const reader = readLines(lines);
  const body: Statement[] = [];
  for (let line = takeLine(parser, reader); line !== undefined; line = takeLine(parser, reader))
    body.push(parseStatement(parser, reader, line));
  return body;
}

function parseStatement(parser: Parser, reader: Reader, line: Line): Statement {
  const word = headWord(parser, line);
  if (word === 'if' && !isReservedName(line)) return parseIf(parser, reader, line);
  const block = blockWords.get(word);
  if (block !== undefined && isBlockHead(parser, line)) return parseBlock(parser, line, block);
  const compound = isReservedName(line) ? undefined : compounds.get(word);
  if (compound !== undefined) return compound(parser, reader, line);
  return parseSimple(parser, reader, line);
}

function headWord({ isIndent }: Parser, { tokens }: Line): string {
  const first = tokens[0];
  if (first === undefined || (first.kind !== 'name' && first.kind !== 'keyword')) return '';
  return isIndent ? first.value.toLowerCase() : first.value;
}

// `policy(…)` and `memory.x(…)` are calls; a block word is special only before `:` or a line's end.
function isBlockHead({ isIndent }: Parser, { tokens, children }: Line): boolean {
  const second = tokens[1];
  if (second === undefined || second.value === ':') return true;
  return isIndent ? children.length > 0 : tokens.at(-1)?.value === ':' && second.value !== '(';
}

/** `for: 5` names something with a keyword; `else:` and `if x:` do not. */
function isReservedName({ tokens }: Line): boolean {
  const [first, second] = tokens;
  if (first?.kind !== 'keyword' || second?.value !== ':') return false;
  return tokens.length > 2 && first.value !== 'else';
}

type Compound = (parser: Parser, reader: Reader, line: Line) => Statement;

const compounds: ReadonlyMap<string, Compound> = new Map(
  Object.entries<Compound>({
    for: parseFor,
    while: parseWhile,
    function: parseFunction,
    elif: parseStray,
    else: parseStray,
  }),
);

function parseSimple(parser: Parser, reader: Reader, line: Line): Statement {
  if (isUnknownHeader(line) && !line.trouble && !parser.foreign.has(line)) {
    const at = line.tokens.length === 1 ? behindLine(line) : headSpan(line);
    const name = line.tokens[0]?.value ?? '';
    report(parser, 'E_PARSE_HEADER', at, `'${name}' does not begin a block`);
    return setAside(parser, line);
  }
  const statement = attempt(parser, line, (cursor) => readSimple(parser, cursor, line));
  if (statement === undefined) return setAside(parser, line, reader);
  inlineChildren(parser, reader, line);
  return statement;
}

/** A name alone over deeper lines, with or without its colon. */
function isUnknownHeader({ tokens, children }: Line): boolean {
  if (children.length === 0 || tokens[0]?.kind !== 'name') return false;
  return tokens.length === 1 || (tokens.length === 2 && tokens[1]?.value === ':');
}

function behindLine({ tokens }: Line): Span {
  const end = tokens.at(-1)?.end ?? 0;
  return { start: end, end };
}

function readSimple(parser: Parser, cursor: Cursor, line: Line): Statement {
  const verb = parser.isIndent ? parseIndentVerb(parser, cursor, line) : undefined;
  const statement = verb ?? readPlain(parser, cursor, line);
  if (statement.kind !== 'unsupported') expectEnd(cursor);
  return statement;
}

type PlainReader = (parser: Parser, cursor: Cursor, line: Line) => Statement;

const colonReaders: ReadonlyMap<string, PlainReader> = new Map(
  Object.entries<PlainReader>({ goal: readGoal, memory: readMemory }),
);

function readPlain(parser: Parser, cursor: Cursor, line: Line): Statement {
  const [first, second] = cursor.tokens;
  const isColon = second?.value === ':';
  const reader = isColon ? colonReaders.get(first?.value ?? '') : undefined;
  if (reader !== undefined) return reader(parser, cursor, line);
  if (first?.value === 'await' && !isColon) return readAwait(cursor, line);
  return parseAssign(parser, cursor, line) ?? readCall(cursor, line);
}

function readCall(cursor: Cursor, line: Line): Statement {
  if (callPathLength(cursor) === 0) return failStatement(cursor, headSpan(line));
  const call = parseCall(cursor);
  if (isAt(cursor, ':')) return failStatement(cursor, headSpan(line));
  return { kind: 'call-statement', call, span: lineSpan(line) };
}

function readGoal(parser: Parser, cursor: Cursor, line: Line): Statement {
  cursor.at = 2;
  if (parser.isIndent)
    throw new StatementFault('E_PARSE_GOAL', headSpan(line), "write 'goal' without a colon here");
  const text = isKind(cursor, 'string') ? parseExpression(cursor) : undefined;
  if (text?.kind !== 'string')
    return fail(cursor, 'E_PARSE_GOAL', `expected the goal in quotes${butFound(cursor)}`);
  return { kind: 'goal', text, head: headSpan(line), span: lineSpan(line) };
}

function readMemory(_: Parser, cursor: Cursor, line: Line): Statement {
  cursor.at = 2;
  if (cursor.tokens.length === 2 || isAt(cursor, ':'))
    throw new StatementFault('E_PARSE_ASSIGNMENT', behind(cursor), 'a call is missing');
  if (callPathLength(cursor) === 0)
    return fail(cursor, 'E_PARSE_EXPRESSION', `expected a call${butFound(cursor)}`);
  const call = parseCall(cursor);
  return { kind: 'memory', call, head: headSpan(line), span: lineSpan(line) };
}

function readAwait(cursor: Cursor, line: Line): Statement {
  cursor.at = 1;
  const names = [readName(cursor, 'E_PARSE_EXPRESSION')];
  while (accept(cursor, ',') !== undefined) names.push(readName(cursor, 'E_PARSE_EXPRESSION'));
  return { kind: 'await', names, head: headSpan(line), span: lineSpan(line) };
}

function parseIf(parser: Parser, reader: Reader, line: Line): Statement {
  const parts: Branches = { branches: [], loose: [], otherwise: undefined };
  readBranch(parser, line, parts);
  for (let next = peekLine(reader); next !== undefined; next = peekLine(reader))
    if (!readFurther(parser, next, parts)) break;
    else takeLine(parser, reader);
  const { branches, loose, otherwise } = parts;
  const span = lineSpan(line);
  if (loose.length > 0) {
    const rest = [...branches.flatMap(({ body }) => body), ...(otherwise?.body ?? [])];
    return { kind: 'broken', names: [], words: [], body: [...loose, ...rest], span };
  }
  const head = headSpan(line);
  return { kind: 'if', branches, ...(otherwise === undefined ? {} : { otherwise }), head, span };
}

type Branches = {
  readonly branches: Branch[];
  readonly loose: Statement[];
  otherwise: { readonly body: Body; readonly span: Span } | undefined;
};

/** Whether the line goes on with the `if` above it. */
function readFurther(parser: Parser, line: Line, parts: Branches): boolean {
  const word = headWord(parser, line);
  if (parts.otherwise !== undefined || isReservedName(line)) return false;
  if (word === 'elif') readBranch(parser, line, parts);
  else if (word === 'else')
    parts.otherwise = { body: readElse(parser, line), span: lineSpan(line) };
  else return false;
  return true;
}

function readBranch(parser: Parser, line: Line, { branches, loose }: Branches): void {
  const condition = attempt(parser, line, (cursor) => {
    cursor.at = 1;
    const read = parseExpression(cursor);
    readHeaderEnd(parser, cursor, line);
    return read;
  });
  if (condition === undefined) loose.push(setAside(parser, line));
  else branches.push({ condition, body: readBlockBody(parser, line), span: lineSpan(line) });
}

function readElse(parser: Parser, line: Line): Body {
  attempt(parser, line, (cursor) => {
    cursor.at = 1;
    readHeaderEnd(parser, cursor, line);
    return true;
  });
  return readBlockBody(parser, line);
}

function readBlockBody(parser: Parser, line: Line): Body {
  return parser.parseBody(parser, line.children);
}

function parseStray(parser: Parser, _: Reader, line: Line): Statement {
  const word = line.tokens[0]?.value ?? '';
  const fault = line.trouble ?? parser.foreign.get(line);
  if (fault !== undefined) report(parser, fault.code, fault.span, fault.message);
  else report(parser, 'E_PARSE_ELSE', headSpan(line), `'${word}' without an 'if' before it`);
  return setAside(parser, line);
}

function parseFor(parser: Parser, _: Reader, line: Line): Statement {
  const read = attempt(parser, line, (cursor) => {
    cursor.at = 1;
    const name = readName(cursor, 'E_PARSE_EXPRESSION');
    if (parser.isIndent && cursor.tokens[cursor.at]?.value.toLowerCase() === 'in') cursor.at += 1;
    else expectOp(cursor, 'in', 'E_PARSE_EXPRESSION');
    const source = parseExpression(cursor);
    readHeaderEnd(parser, cursor, line);
    return { name, source };
  });
  if (read === undefined) return setAside(parser, line);
  const body = readBlockBody(parser, line);
  return { kind: 'for', ...read, body, head: headSpan(line), span: lineSpan(line) };
}

function parseWhile(parser: Parser, _: Reader, line: Line): Statement {
  const head = headSpan(line);
  const condition = attempt(parser, line, (cursor) => {
    cursor.at = 1;
    const read = parseExpression(cursor);
    readHeaderEnd(parser, cursor, line);
    return read;
  });
  if (condition === undefined) return setAside(parser, line);
  if (!parser.isIndent)
    report(parser, 'E_FEATURE_WHILE', head, "'while' is announced, not part of the language yet");
  const body = readBlockBody(parser, line);
  return { kind: 'while', condition, body, head, span: lineSpan(line) };
}

function parseFunction(parser: Parser, reader: Reader, line: Line): Statement {
  if (line.tokens[1]?.kind !== 'name') return parseSimple(parser, reader, line);
  const head = headSpan(line);
  const names = attempt(parser, line, (cursor) => readSignature(parser, cursor, line));
  if (names === undefined) return setAside(parser, line);
  report(
    parser,
    'E_FEATURE_FUNCTION',
    head,
    "'function' is announced, not part of the language yet",
  );
  const body = readBlockBody(parser, line);
  const span = lineSpan(line);
  return { kind: 'unsupported', code: 'E_FEATURE_FUNCTION', names, body, head, span };
}

/** Names a function's text may use: its own and its parameters. */
function readSignature(parser: Parser, cursor: Cursor, line: Line): string[] {
  cursor.at = 1;
  const path = readName(cursor, 'E_PARSE_STATEMENT');
  const names = [path.text];
  expectOp(cursor, '(', 'E_PARSE_EXPRESSION');
  while (!isAt(cursor, ')')) {
    names.push(readName(cursor, 'E_PARSE_EXPRESSION').text);
    if (accept(cursor, '=') !== undefined) parseExpression(cursor);
    if (accept(cursor, ',') === undefined) break;
  }
  expectOp(cursor, ')', 'E_PARSE_EXPRESSION');
  readHeaderEnd(parser, cursor, line);
  return names;
}
