// A text as it reads once each encoding is taken off. The second matcher looks for plain values in
// these; it shares no code with the redactor, which goes the other way and encodes the values.
// Texts hold one byte per character.

import { bytesAsText, utf8AsText } from './byte-text.ts';
import { digitTexts } from './digit-texts.ts';
import type { Form } from './secret-forms.ts';

export type View = { readonly form: Form; readonly text: string; readonly isWide?: true };

/** What is looked for, as far as it says which texts must be made. */
export type Sought = {
  /** UTF-16 that may have no zero bytes, by which it is noticed otherwise. */
  readonly wide: boolean;
  /** Base64 that may be hex digits alone; see `mayBeHexDigits`. */
  readonly hexAsBase64: boolean;
};

/** The text itself comes first. */
export function decodedViews(bytes: Uint8Array, { wide, hexAsBase64 }: Sought): readonly View[] {
  const text = bytesAsText(bytes);
  const views: View[] = [{ form: 'plain', text }];
  if (text.includes('%') || text.includes('+')) {
    views.push({ form: 'percent', text: withoutPercent(text) });
    if (text.includes('+'))
      views.push({ form: 'percent', text: withoutPercent(text.replaceAll('+', ' ')) });
  }
  if (text.includes('\\')) {
    const once = withoutJson(text);
    views.push({ form: 'json', text: once });
    if (once.includes('\\')) views.push({ form: 'json-twice', text: withoutJson(once) });
  }
  if (text.includes('&')) views.push({ form: 'html', text: withoutHtml(text) });
  const { hex, base64 } = digitTexts(bytes, hexAsBase64);
  views.push({ form: 'hex', text: hex }, { form: 'base64', text: base64 });
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

/** Two bytes a character, at both alignments. */
const wideViews = (text: string): View[] =>
  [0, 1].map((shift) => {
    let wide = '';
    for (let at = shift; at + 1 < text.length; at += 2)
      wide += String.fromCharCode(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 8));
    return { form: 'utf16le', text: wide, isWide: true };
  });
