// A text as it reads once each encoding is taken off. The second matcher looks for plain values in
// these; it shares no code with the redactor, which goes the other way and encodes the values.
// Texts hold one byte per character.

import type { Form } from './secret-forms.ts';

export type View = { readonly form: Form; readonly text: string; readonly isWide?: true };

const utf8 = new TextEncoder();

export const bytesAsText = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('latin1');

export const utf8AsText = (value: string): string => bytesAsText(utf8.encode(value));

/**
 * The text itself comes first. UTF-16 is read where there are zero bytes, as there are in nearly
 * every such text, or when `wide` asks for it.
 */
export function decodedViews(bytes: Uint8Array, wide: boolean): readonly View[] {
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
  views.push(...digitViews(bytes));
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

const noDigit = 0xff;

function digitValues(alphabets: readonly string[]): Uint8Array {
  const values = new Uint8Array(256).fill(noDigit);
  for (const alphabet of alphabets)
    for (let value = 0; value < alphabet.length; value++)
      values[alphabet.charCodeAt(value)] = value;
  return values;
}

const base64Start = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** By byte, with the letters of base64url. */
const base64Value = digitValues([`${base64Start}+/`, `${base64Start}-_`]);
const hexValue = digitValues(['0123456789abcdef', '0123456789ABCDEF']);
/** Shorter runs hold less than a secret. */
const base64Min = 11;
const hexMin = 16;

type Run = { readonly from: number; readonly to: number };
/** Filled from the front. */
type Sink = { readonly bytes: Uint8Array; at: number };

/**
 * Whatever reads as hex, base64 or base64url, at every alignment, runs apart from each other. Works
 * on bytes: a journal is a quarter digests, and a string for each costs more than decoding it.
 */
function digitViews(bytes: Uint8Array): readonly View[] {
  const all = { from: 0, to: bytes.length };
  const runs = runsIn(bytes, all, { value: base64Value, runMin: base64Min });
  // Each hex digit is one of base64 as well, so nothing else needs to be looked at again.
  const hexRuns = runs.flatMap((run) => runsIn(bytes, run, { value: hexValue, runMin: hexMin }));
  const fromBase64 = sinkFor(runs, 4);
  for (const run of runs) decodeBase64(bytes, run, fromBase64);
  const fromHex = sinkFor(hexRuns, 2);
  for (const run of hexRuns) decodeHex(bytes, run, fromHex);
  return [
    { form: 'hex', text: sunk(fromHex) },
    { form: 'base64', text: sunk(fromBase64) },
  ];
}

function runsIn(
  bytes: Uint8Array,
  within: Run,
  { value, runMin }: { readonly value: Uint8Array; readonly runMin: number },
): readonly Run[] {
  const runs: Run[] = [];
  let from = within.from;
  for (let to = from; to <= within.to; to++) {
    if (to < within.to && value[bytes[to] ?? 0] !== noDigit) continue;
    if (to - from >= runMin) runs.push({ from, to });
    from = to + 1;
  }
  return runs;
}

const sinkFor = (runs: readonly Run[], alignments: number): Sink => ({
  // As long as the digits, since each is less than a byte, and a line end for each.
  bytes: new Uint8Array(runs.reduce((sum, { from, to }) => sum + to - from + 1, 0) * alignments),
  at: 0,
});

const lineEnd = 0x0a;
const sunk = ({ bytes, at }: Sink): string => bytesAsText(bytes.subarray(0, at));

function decodeHex(bytes: Uint8Array, { from, to }: Run, sink: Sink): void {
  const into = sink.bytes;
  let next = sink.at;
  for (let shift = 0; shift < 2; shift++) {
    for (let at = from + shift; at + 1 < to; at += 2)
      into[next++] = (digit(hexValue, bytes, at) << 4) | digit(hexValue, bytes, at + 1);
    into[next++] = lineEnd;
  }
  sink.at = next;
}

/** Four digits are three bytes; of the last few, those bytes that are whole. */
function decodeBase64(bytes: Uint8Array, { from, to }: Run, sink: Sink): void {
  const into = sink.bytes;
  let next = sink.at;
  for (let shift = 0; shift < 4; shift++) {
    for (let at = from + shift; at + 1 < to; at += 4) {
      const second = digit(base64Value, bytes, at + 1);
      into[next++] = (digit(base64Value, bytes, at) << 2) | (second >> 4);
      if (at + 2 >= to) break;
      const third = digit(base64Value, bytes, at + 2);
      into[next++] = (second << 4) | (third >> 2);
      if (at + 3 >= to) break;
      into[next++] = (third << 6) | digit(base64Value, bytes, at + 3);
    }
    into[next++] = lineEnd;
  }
  sink.at = next;
}

const digit = (value: Uint8Array, bytes: Uint8Array, at: number): number =>
  value[bytes[at] ?? 0] ?? 0;

/** Two bytes a character, at both alignments. */
const wideViews = (text: string): View[] =>
  [0, 1].map((shift) => {
    let wide = '';
    for (let at = shift; at + 1 < text.length; at += 2)
      wide += String.fromCharCode(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 8));
    return { form: 'utf16le', text: wide, isWide: true };
  });
