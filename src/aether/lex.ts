// Source → tokens that tile it. Nothing is thrown and nothing is lost: what is no token becomes a
// `bad` token with a fault, and the parser goes on behind it.

import type { Span } from '../diagnostics/diagnostic.ts';
import type { RuleCode } from './rules.ts';
import { TokenList, type Token, type TokenKind } from './token-list.ts';

export type { Token, TokenKind };

export type Fault = {
  readonly code: RuleCode;
  readonly span: Span;
  readonly message: string;
  /** Whether the statement around it can no longer be read; not so in indents and comments. */
  readonly spoils: boolean;
};

export type Scanned = {
  readonly list: TokenList;
  readonly faults: readonly Fault[];
  /** Escapes that are no escapes: harmless, warned about. */
  readonly escapes: readonly Span[];
};

export type Lexed = Omit<Scanned, 'list'> & { readonly tokens: readonly Token[] };

export type LexOptions = { readonly slashComments?: boolean };

export const keywords: ReadonlySet<string> = new Set(
  'if elif else for in while await and or not true false null'.split(' '),
);

type State = {
  readonly text: string;
  readonly slashComments: boolean;
  readonly list: TokenList;
  readonly faults: Fault[];
  readonly escapes: Span[];
  /** Rules that report once a line and have reported on this one. */
  readonly reported: Set<RuleCode>;
  at: number;
  spoils: boolean;
};

export function lex(text: string, options: LexOptions = {}): Lexed {
  const { list, faults, escapes } = scan(text, options);
  return { tokens: list.toArray(), faults, escapes };
}

/** As `lex`, with the tokens still packed. */
export function scan(text: string, options: LexOptions = {}): Scanned {
  const state: State = {
    text,
    slashComments: options.slashComments ?? false,
    list: new TokenList(text),
    faults: [],
    escapes: [],
    reported: new Set(),
    at: 0,
    spoils: true,
  };
  while (state.at < text.length) lexOne(state);
  return { list: state.list, faults: state.faults, escapes: state.escapes };
}

type Lexer = (state: State) => void;

const operators = new Set('== != <= >= = < > + - * / % ( ) . , : [ ] { }'.split(' '));

const specialLexers: Readonly<Record<string, Lexer>> = {
  ' ': lexSpace,
  '\t': lexSpace,
  '\n': lexNewline,
  '\r': lexNewline,
  '#': lexComment,
  '"': lexString,
  "'": lexString,
  '.': lexDot,
  '/': lexSlash,
};

// One lexer for each ASCII code unit; everything else goes to `lexWide`.
const ascii: readonly Lexer[] = Array.from({ length: 128 }, (_, unit) =>
  lexerFor(String.fromCharCode(unit)),
);

function lexOne(state: State): void {
  const unit = state.text.charCodeAt(state.at);
  (ascii[unit] ?? lexWide)(state);
}

function lexerFor(character: string): Lexer {
  if (/[A-Za-z_]/.test(character)) return lexName;
  if (/[0-9]/.test(character)) return lexNumber;
  const special = specialLexers[character];
  if (special !== undefined) return special;
  if (operators.has(character) || character === '!') return lexOperator;
  return character < ' ' || character === '\x7f' ? lexControl : lexUnknown;
}

function push(state: State, kind: TokenKind, end: number): void {
  state.list.add(kind, state.at);
  state.at = end;
}

function fault(state: State, code: RuleCode, span: Span, message: string): void {
  state.faults.push({ code, span, message, spoils: state.spoils });
}

function faultOnce(state: State, code: RuleCode, at: number, message: string): void {
  if (state.reported.has(code)) return;
  state.reported.add(code);
  fault(state, code, { start: at, end: at + 1 }, message);
}

/** End of the match of a sticky expression here, or `state.at` where it does not match. */
function matchEnd(state: State, pattern: RegExp, from = state.at): number {
  pattern.lastIndex = from;
  return pattern.test(state.text) ? pattern.lastIndex : from;
}

const blanks = / */y;
const blanksAndTabs = /[ \t]*/y;

function lexSpace(state: State): void {
  const end = matchEnd(state, blanks);
  if (state.text[end] !== '\t') {
    push(state, 'space', end);
    return;
  }
  state.spoils = !/^[\r\n]?$/.test(characterBefore(state));
  faultOnce(state, 'E_LEX_TAB', end, 'a tab; the language is indented with spaces');
  state.spoils = true;
  push(state, 'space', matchEnd(state, blanksAndTabs));
}

function lexNewline(state: State): void {
  const isPair = state.text.startsWith('\r\n', state.at);
  push(state, 'newline', state.at + (isPair ? 2 : 1));
  state.reported.clear();
}

const restOfLine = /[^\r\n]*/y;

function lexComment(state: State): void {
  const end = matchEnd(state, restOfLine);
  state.spoils = false;
  inspectRaw(state, state.at, end);
  state.spoils = true;
  push(state, 'comment', end);
}

function lexSlash(state: State): void {
  if (state.slashComments && state.text[state.at + 1] === '/') lexComment(state);
  else lexOperator(state);
}

// NUL, a byte order mark and bytes that are not UTF-8 are wrong even inside strings and comments.
const rawTrouble =
  /[\0\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const anyTrouble = /[\0\ufeff\ud800-\udfff]/;

function inspectRaw(state: State, from: number, to: number): void {
  const raw = state.text.slice(from, to);
  if (!anyTrouble.test(raw)) return;
  for (const found of raw.matchAll(rawTrouble)) reportRaw(state, from + found.index);
}

function reportRaw(state: State, at: number): void {
  const unit = state.text.charCodeAt(at);
  if (unit === 0 || unit === 0xfeff)
    faultOnce(state, 'E_LEX_CONTROL', at, `control character ${codePoint(unit)}`);
  else faultOnce(state, 'E_LEX_UTF8', at, 'not valid UTF-8');
}

function codePoint(unit: number): string {
  return `U+${unit.toString(16).toUpperCase().padStart(4, '0')}`;
}

function lexString(state: State): void {
  const { text } = state;
  const quote = text[state.at] ?? '';
  let at = state.at + 1;
  for (let unit = text[at]; unit !== quote; unit = text[at]) {
    if (unit === undefined || unit === '\n' || unit === '\r') {
      endOpenString(state, at);
      return;
    }
    at += unit === '\\' ? escapeWidth(state, at) : 1;
  }
  inspectRaw(state, state.at, at + 1);
  push(state, 'string', at + 1);
}

function endOpenString(state: State, end: number): void {
  const span = { start: state.at, end };
  fault(state, 'E_LEX_STRING', span, 'this string is not closed on its line');
  inspectRaw(state, state.at, end);
  push(state, 'bad', end);
}

const escapePattern = /\\(?:[\\"'nrt]|u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]{1,6}\})/y;

/** Code units of the escape at `at`; a backslash before a newline leaves the newline alone. */
function escapeWidth(state: State, at: number): number {
  const end = matchEnd(state, escapePattern, at);
  if (end > at && isCharacter(state.text.slice(at, end))) return end - at;
  const next = state.text[at + 1];
  if (next === undefined || next === '\n' || next === '\r') return 1;
  state.escapes.push({ start: at, end: at + 2 });
  return 2;
}

function isCharacter(escape: string): boolean {
  if (escape[1] !== 'u') return true;
  return Number.parseInt(escape.replaceAll(/[^0-9A-Fa-f]/g, ''), 16) <= 0x10ffff;
}

const asciiName = /[A-Za-z0-9_]+/y;
const wideName = /[\p{XID_Start}_]\p{XID_Continue}*/uy;

function lexName(state: State): void {
  let end = matchEnd(state, asciiName);
  if (state.text.charCodeAt(end) > 0x7f) end = matchEnd(state, wideName);
  const word = state.text.slice(state.at, end);
  push(state, keywords.has(word) ? 'keyword' : 'name', end);
}

const goodNumber = /(?:0|[1-9][0-9]*(?:_[0-9]+)*)(?:\.[0-9]+)?/y;
const durationUnit = /(?:ms|s|m|h)(?![\p{XID_Continue}.])/uy;
const numberTail = /[\p{XID_Continue}.]+/uy;
const percentTail = /%(?![A-Za-z0-9_("'[{.-])/y;

function lexNumber(state: State): void {
  const good = matchEnd(state, goodNumber);
  const unit = matchEnd(state, durationUnit, good);
  if (unit > good) {
    push(state, 'duration', unit);
    return;
  }
  const tail = matchEnd(state, numberTail, good);
  const end = matchEnd(state, percentTail, tail);
  if (end === good) push(state, 'number', end);
  else badNumber(state, good, end);
}

function badNumber(state: State, good: number, end: number): void {
  const span = { start: state.at, end };
  const written = state.text.slice(state.at, end);
  const isDuration = good > state.at && /^[A-Za-z]+$/.test(state.text.slice(good, end));
  if (isDuration)
    fault(state, 'E_LEX_DURATION', span, `'${written}' has no unit of time (ms, s, m, h)`);
  else fault(state, 'E_LEX_NUMBER', span, `malformed number '${written}'`);
  push(state, 'bad', end);
}

/** The code unit in front of the place, empty at the start of the text. */
function characterBefore({ text, at }: State): string {
  return at === 0 ? '' : (text[at - 1] ?? '');
}

function lexDot(state: State): void {
  const next = state.text[state.at + 1] ?? '';
  const isAccess = /^[\p{XID_Continue})\]]$/u.test(characterBefore(state));
  if (!/[0-9]/.test(next) || isAccess) {
    lexOperator(state);
    return;
  }
  badNumber(state, state.at, matchEnd(state, numberTail));
}

const pairStart = /[=!<>]/;

function lexOperator(state: State): void {
  const first = state.text[state.at] ?? '';
  const isPair = pairStart.test(first) && state.text[state.at + 1] === '=';
  if (!isPair && first === '!') lexUnknown(state);
  else push(state, 'op', state.at + (isPair ? 2 : 1));
}

function lexUnknown(state: State): void {
  const character = String.fromCodePoint(state.text.codePointAt(state.at) ?? 0);
  const end = state.at + character.length;
  const message = `'${character}' is not part of the language`;
  fault(state, 'E_LEX_CHAR', { start: state.at, end }, message);
  push(state, 'bad', end);
}

function lexControl(state: State): void {
  const unit = state.text.charCodeAt(state.at);
  faultOnce(state, 'E_LEX_CONTROL', state.at, `control character ${codePoint(unit)}`);
  push(state, 'bad', state.at + 1);
}

const control = /[\u0080-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const lone = /[\ud800-\udfff]/;

function lexWide(state: State): void {
  const character = String.fromCodePoint(state.text.codePointAt(state.at) ?? 0);
  if (control.test(character)) {
    lexControl(state);
  } else if (character.length === 1 && lone.test(character)) {
    reportRaw(state, state.at);
    push(state, 'bad', state.at + 1);
  } else if (matchEnd(state, wideName) > state.at) {
    lexName(state);
  } else lexUnknown(state);
}
