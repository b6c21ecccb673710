// What digits of hex and base64 say, for the second matcher.

import { bytesAsText } from './byte-text.ts';

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
const hexDigits = ['0123456789abcdef', '0123456789ABCDEF'];
const hexValue = digitValues(hexDigits);
/** What these digits mean in base64. */
const hexSixBits: ReadonlySet<number> = new Set(
  Array.from(hexDigits.join(''), (letter) => base64Value[letter.charCodeAt(0)] ?? 0),
);
/** Shorter runs hold less than a secret. */
const base64Min = 11;
const hexMin = 16;

type Run = { readonly from: number; readonly to: number };
/** Filled from the front. */
type Sink = { readonly bytes: Uint8Array; at: number };

/**
 * Whatever reads as hex, base64 or base64url, at every alignment, runs apart from each other. Works
 * on bytes: a journal is a quarter digests, and a string for each costs more than decoding it. Runs
 * of hex digits alone are read as base64 too only if `hexAsBase64`.
 */
export function digitTexts(
  bytes: Uint8Array,
  hexAsBase64: boolean,
): { readonly hex: string; readonly base64: string } {
  const all = { from: 0, to: bytes.length };
  const runs = runsIn(bytes, all, { value: base64Value, runMin: base64Min });
  const hexRuns: Run[] = [];
  const base64Runs: Run[] = [];
  for (const run of runs) {
    // Each hex digit is one of base64 as well, so nothing else needs to be looked at again.
    const found = runsIn(bytes, run, { value: hexValue, runMin: hexMin });
    hexRuns.push(...found);
    const isHex = found[0]?.from === run.from && found[0].to === run.to;
    if (hexAsBase64 || !isHex) base64Runs.push(run);
  }
  const fromBase64 = sinkFor(base64Runs, 4);
  for (const run of base64Runs) decodeBase64(bytes, run, fromBase64);
  const fromHex = sinkFor(hexRuns, 2);
  for (const run of hexRuns) decodeHex(bytes, run, fromHex);
  return { hex: sunk(fromHex), base64: sunk(fromBase64) };
}

/**
 * Whether the base64 of a text that holds `needle` can be nothing but hex digits there, as nearly no
 * text's is: a digest then needs no second reading. Of the needle's own digits all those count that
 * no neighbour takes part in, at each of the three places that it can begin at.
 */
export const mayBeHexDigits = (needle: Uint8Array): boolean =>
  [0, 2, 4].some((shift) => {
    for (let bit = shift; bit + 6 <= needle.length * 8; bit += 6) {
      const pair = ((needle[bit >> 3] ?? 0) << 8) | (needle[(bit >> 3) + 1] ?? 0);
      if (!hexSixBits.has((pair >> (10 - (bit & 7))) & 0x3f)) return false;
    }
    return true;
  });

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
