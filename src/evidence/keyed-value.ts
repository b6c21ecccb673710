// The value after a key that names a secret: in JSON, also inside a JSON string, in YAML, env files,
// URLs, headers and code. What only refers to a secret is left alone.

import type { Range, ShapeView } from './shape-view.ts';

const blanksMax = 8;
/** Quotes inside one value; a bound on the work that hostile text can ask for. */
const innerQuotesMax = 64;
const look = 80;

const reference =
  /^(?:\$|\{\{|<|%\w+%|\*\*\*|x{4}|\.\.\.|(?:env|file|secret|vault|op):|\/run\/secrets\/)|\[REDACTED:/iu;
const word =
  /^(?:null|true|false|undefined|none|string|boolean|number|(?:big)?u?int\d*(?:array)?|float\d+(?:array)?|base64(?:url)?|utf-?8|sha-?\d+|md5|ed25519|[hre]s256|0x[\da-f]+)$/iu;
/** Long enough, with letters and digits: not a word of a language. */
const looksDrawn = /^(?=.{6})(?=[^a-z]*[a-z])\D*\d/isu;
const scheme = /^(?:basic|bearer|token|digest|negotiate|ntlm|apikey|hmac|aws4-hmac-sha256)[ \t]/iu;

/** Whether a quoted value under a secret-named key is a secret rather than a reference or a word. */
export function isSecretText(value: string): boolean {
  if (reference.test(value) || word.test(value)) return false;
  const digit = /\d/u.test(value);
  if (/\s/u.test(value)) return digit;
  return value.length >= 8 || (value.length >= 4 && digit);
}

/** `spaced`: a header whose value is a scheme and a token, or a list of pairs. */
export function keyedValue(view: ShapeView, keyEnd: number, spaced: boolean): Range | undefined {
  const key = skipQuote(view, keyEnd);
  const separator = view.runEnd('blank', key);
  const after = skipSeparator(view, separator);
  if (after === undefined) return undefined;
  const start = view.runEnd('blank', after);
  if (separator - key > blanksMax || start - after > blanksMax) return undefined;
  const quoted = skipQuote(view, start);
  if (quoted > start) return quotedValue(view, { open: start, start: quoted }, spaced);
  if (spaced) return headerValue(view, start);
  return bareValue(view, start, {
    assigned: view.text(after - 1, after) === '=',
    tight: separator === keyEnd && start === after,
    upperCase: /[A-Z]/u.test(view.text(keyEnd - 1, keyEnd)),
  });
}

/** Behind a quote, or behind the backslashes and the quote of a JSON string within one. */
function skipQuote(view: ShapeView, index: number): number {
  const quote = /^\\{0,3}["'`]/u.exec(view.text(index, index + 4));
  return index + (quote?.[0].length ?? 0);
}

/** Behind `:`, `=`, `:=` or `=>`; undefined at anything else, comparisons included. */
function skipSeparator(view: ShapeView, index: number): number | undefined {
  const [sign] = /^(?::=|=>|:(?!:)|=(?![=~]))/u.exec(view.text(index, index + 2)) ?? [];
  return sign === undefined ? undefined : index + sign.length;
}

function quotedValue(
  view: ShapeView,
  { open, start }: { readonly open: number; readonly start: number },
  spaced: boolean,
): Range | undefined {
  const end = closingQuote(view, start, start - 1 - open);
  if (end === undefined || end === start) return undefined;
  const value = view.text(start, Math.min(end, start + look));
  // A package may be named `cookie`; credentials have digits.
  if (spaced && !/\d/u.test(value)) return undefined;
  return isSecretText(value) ? { start, end } : undefined;
}

/** End of a quoted value whose quote has that many backslashes; undefined when the line ends first. */
function closingQuote(view: ShapeView, start: number, escapes: number): number | undefined {
  const quote = view.text(start - 1, start);
  let end = view.runEnd('quoted', start);
  for (let inner = 0; inner < innerQuotesMax; inner++) {
    const stop = view.text(end, end + 1);
    if (stop === '\n' || stop === '\r') return undefined;
    if (stop === '') return end;
    if (stop === quote && closes(slashesBefore(view, end, start), escapes)) return end - escapes;
    end = view.runEnd('quoted', end + 1);
  }
  return end;
}

const slashesBefore = (view: ShapeView, end: number, start: number): number =>
  /\\*$/u.exec(view.text(Math.max(start, end - 8), end))?.[0].length ?? 0;

const closes = (slashes: number, escapes: number): boolean =>
  escapes === 0 ? slashes % 2 === 0 : slashes === escapes;

function headerValue(view: ShapeView, start: number): Range | undefined {
  const end = view.runEnd('line', start);
  const value = view.text(start, Math.min(end, start + look));
  const isSecret =
    value.length >= 8 &&
    !reference.test(value) &&
    /\d/u.test(value) &&
    (scheme.test(value) || /^[\w.-]+=[^=\s]/u.test(value));
  return isSecret ? { start, end } : undefined;
}

/** Where an unquoted value stands; `tight`: no blanks around the sign. */
type Assignment = {
  readonly assigned: boolean;
  readonly tight: boolean;
  readonly upperCase: boolean;
};

function bareValue(
  view: ShapeView,
  start: number,
  { assigned, tight, upperCase }: Assignment,
): Range | undefined {
  const end = view.runEnd('bare', start);
  const value = view.text(start, Math.min(end, start + look));
  const next = view.text(end, end + 1);
  if (!isLiteral(value, next)) return undefined;
  // `token = next1` is code unless the line ends there, as in an INI file.
  if (assigned && !tight && !/^[\r\n]?$/u.test(next)) return undefined;
  const isEnv = assigned && tight && upperCase;
  return (isEnv ? /^.{4}/su : looksDrawn).test(value) ? { start, end } : undefined;
}

/** Not a reference, a word of a language, a call or an index. */
const isLiteral = (value: string, next: string): boolean =>
  !reference.test(value) && !word.test(value) && !/[([]/u.test(next);
