// A text as it reads once each encoding is taken off. The second matcher looks for plain values in
// these; it shares no code with the redactor, which goes the other way and encodes the values.
// Texts hold one byte per character.

import type { Form } from './secret-forms.ts';

export type View = { readonly form: Form; readonly text: string; readonly isWide?: true };

const utf8 = new TextEncoder();

export function bytesAsText(bytes: Uint8Array): string {
  let text = '';
  // Longer lists of arguments overflow the stack, and spreading one is slower than applying it.
  for (let at = 0; at < bytes.length; at += 8192)
    text += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(at, at + 8192)) as string;
  return text;
}

export const utf8AsText = (value: string): string => bytesAsText(utf8.encode(value));

/**
 * The text itself comes first. UTF-16 is read where there are zero bytes, as there are in nearly
 * every such text, or when `wide` asks for it.
 */
export function decodedViews(text: string, wide: boolean): readonly View[] {
  const views: View[] = [{ form: 'plain', text }];
  if (/[%+]/u.test(text)) {
    const decoded = withoutPercent(text);
    views.push({ form: 'percent', text: decoded });
    views.push({ form: 'percent', text: withoutPercent(text.replaceAll('+', ' ')) });
  }
  if (text.includes('\\')) {
    const once = withoutJson(text);
    views.push({ form: 'json', text: once });
    if (once.includes('\\')) views.push({ form: 'json-twice', text: withoutJson(once) });
  }
  if (text.includes('&')) views.push({ form: 'html', text: withoutHtml(text) });
  views.push({ form: 'hex', text: fromHex(text) });
  views.push({ form: 'base64', text: fromBase64(text) });
  if (wide || text.includes('\0')) views.push(...wideViews(text));
  return views;
}

const withoutPercent = (text: string): string =>
  text.replaceAll(/%([\da-f]{2})/giu, (_, pair: string) =>
    String.fromCharCode(Number.parseInt(pair, 16)),
  );

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** Adjacent `\uXXXX` are decoded together: two of them may be one character. */
const withoutJson = (text: string): string =>
  text.replaceAll(/(?:\\u[\da-f]{4})+|\\["\\/bfnrt]/giu, (escape) => {
    if (!/^\\u/iu.test(escape)) return escapes[escape[1] ?? ''] ?? escape[1] ?? '';
    const units = escape.slice(2).split(/\\u/iu);
    return utf8AsText(String.fromCharCode(...units.map((unit) => Number.parseInt(unit, 16))));
  });

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  excl: '!',
  num: '#',
  dollar: '$',
  percnt: '%',
  lpar: '(',
  rpar: ')',
  ast: '*',
  plus: '+',
  comma: ',',
  period: '.',
  sol: '/',
  colon: ':',
  semi: ';',
  equals: '=',
  quest: '?',
  commat: '@',
  lsqb: '[',
  lbrack: '[',
  bsol: '\\',
  rsqb: ']',
  rbrack: ']',
  hat: '^',
  lowbar: '_',
  grave: '`',
  lcub: '{',
  lbrace: '{',
  verbar: '|',
  vert: '|',
  rcub: '}',
  rbrace: '}',
};

const withoutHtml = (text: string): string =>
  text.replaceAll(
    /&(?:#(\d{1,8})|#x([\da-f]{1,8})|([a-z]{2,8}));/giu,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return utf8AsText(entities[name.toLowerCase()] ?? whole);
      const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return point <= 0x10ffff ? utf8AsText(String.fromCodePoint(point)) : whole;
    },
  );

/** Whatever reads as hex, at both alignments. */
const fromHex = (text: string): string =>
  fromDigits(text, /[\da-f]{16,}/giu, { bits: 4, value: hexValue, alignments: 2 });

/** Whatever reads as base64 or base64url, at all four alignments. */
const fromBase64 = (text: string): string =>
  fromDigits(text, /[\w+/-]{11,}/gu, { bits: 6, value: base64Value, alignments: 4 });

type Digits = {
  readonly bits: number;
  /** By character code. */
  readonly value: Uint8Array;
  readonly alignments: number;
};

function digitValues(alphabets: readonly string[]): Uint8Array {
  const values = new Uint8Array(256);
  for (const alphabet of alphabets)
    for (let value = 0; value < alphabet.length; value++)
      values[alphabet.charCodeAt(value)] = value;
  return values;
}

const base64Start = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const base64Value = digitValues([`${base64Start}+/`, `${base64Start}-_`]);
const hexValue = digitValues(['0123456789abcdef', '0123456789ABCDEF']);

/** The bytes of all runs of digits, at every alignment, apart from each other. */
function fromDigits(text: string, runs: RegExp, digits: Digits): string {
  const found = Array.from(text.matchAll(runs), ([run]) => run);
  const size = found.reduce((sum, { length }) => sum + length + 1, 0) * digits.alignments;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const run of found)
    for (let shift = 0; shift < digits.alignments; shift++) {
      at = decodeRun(run, shift, { digits, bytes, at });
      bytes[at++] = lineEnd;
    }
  return bytesAsText(bytes.subarray(0, at));
}

const lineEnd = 0x0a;

/** Writes the bytes of one run; answers the index after them. */
function decodeRun(
  run: string,
  shift: number,
  { digits, bytes, at }: { digits: Digits; bytes: Uint8Array; at: number },
): number {
  let next = at;
  let bits = 0;
  let held = 0;
  for (let index = shift; index < run.length; index++) {
    bits = ((bits << digits.bits) | (digits.value[run.charCodeAt(index)] ?? 0)) & 0xffff;
    held += digits.bits;
    if (held < 8) continue;
    held -= 8;
    bytes[next++] = (bits >> held) & 0xff;
  }
  return next;
}

/** Two bytes a character, at both alignments. */
const wideViews = (text: string): View[] =>
  [0, 1].map((shift) => {
    let wide = '';
    for (let at = shift; at + 1 < text.length; at += 2)
      wide += String.fromCharCode(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 8));
    return { form: 'utf16le', text: wide, isWide: true };
  });
