// One workflow file as text that knows its bytes. A byte that is not UTF-8 becomes a lone surrogate
// U+DC80..U+DCFF, so nothing is dropped or replaced and the text can be turned back into the very
// bytes it came from.

/** 1-based line and column in UTF-16 code units, 0-based offset in bytes. */
export type Place = { readonly line: number; readonly column: number; readonly offset: number };

export type Text = {
  readonly path: string;
  /** The content without a leading byte order mark. */
  readonly text: string;
  readonly hasBom: boolean;
  /** Offset in `text` of each line's first code unit. LF, CRLF and a lone CR end a line. */
  readonly lineStarts: readonly number[];
  /** Byte offset in the file of each line's first byte. */
  readonly lineBytes: readonly number[];
  readonly byteLength: number;
};

const bomBytes = 3;
const escapeBase = 0xdc00;

/** Reads bytes; total: any input gives a text. */
export function decodeText(path: string, bytes: Uint8Array): Text {
  return makeText(path, decodeBytes(bytes));
}

/** `content` may start with U+FEFF, which then counts as the byte order mark. */
export function makeText(path: string, content: string): Text {
  const hasBom = content.charCodeAt(0) === 0xfeff;
  const text = hasBom ? content.slice(1) : content;
  const lineStarts = findLineStarts(text);
  const lineBytes = measureLines(text, lineStarts, hasBom ? bomBytes : 0);
  const lastStart = lineStarts.at(-1) ?? 0;
  const byteLength = (lineBytes.at(-1) ?? 0) + byteCount(text, lastStart, text.length);
  return { path, text, hasBom, lineStarts, lineBytes, byteLength };
}

/** The bytes `decodeText` was given. */
export function encodeText({ text, hasBom }: Pick<Text, 'text' | 'hasBom'>): Uint8Array {
  const encoded = encodeString(text);
  if (!hasBom) return encoded;
  const whole = new Uint8Array(encoded.length + bomBytes);
  whole.set([0xef, 0xbb, 0xbf]);
  whole.set(encoded, bomBytes);
  return whole;
}

export function placeAt(source: Text, at: number): Place {
  const index = lineIndexAt(source.lineStarts, at);
  const start = source.lineStarts[index] ?? 0;
  const offset = (source.lineBytes[index] ?? 0) + byteCount(source.text, start, at);
  return { line: index + 1, column: at - start + 1, offset };
}

/** Index of the line that holds offset `at`, by bisection. */
export function lineIndexAt(lineStarts: readonly number[], at: number): number {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function isLoneEscape(unit: number): boolean {
  return unit >= escapeBase + 0x80 && unit <= escapeBase + 0xff;
}

function findLineStarts(text: string): number[] {
  const starts = [0];
  if (!text.includes('\r')) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1))
      starts.push(at + 1);
    return starts;
  }
  const newline = /\r\n|\r|\n/g;
  while (newline.exec(text) !== null) starts.push(newline.lastIndex);
  return starts;
}

function measureLines(text: string, starts: readonly number[], from: number): number[] {
  const bytes: number[] = [];
  let total = from;
  for (const [index, start] of starts.entries()) {
    bytes.push(total);
    const next = starts[index + 1];
    if (next !== undefined) total += byteCount(text, start, next);
  }
  return bytes;
}

/** UTF-8 length of a range; an escaped byte counts one, a stray surrogate three. */
function byteCount(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) count += 1;
    else if (unit < 0x800) count += 2;
    else count += wideCount(text, at, unit);
  }
  return count;
}

// A pair is four bytes, two for each half; ranges may cut a pair without losing the sum.
function wideCount(text: string, at: number, unit: number): number {
  if (unit < 0xd800 || unit > 0xdfff) return 3;
  const isHigh = unit < 0xdc00;
  const partner = text.charCodeAt(isHigh ? at + 1 : at - 1);
  const isPaired = isHigh
    ? partner >= 0xdc00 && partner <= 0xdfff
    : partner >= 0xd800 && partner <= 0xdbff;
  if (isPaired) return 2;
  return isLoneEscape(unit) ? 1 : 3;
}

function decodeBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return decodeBroken(bytes);
  }
}

function decodeBroken(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const parts: string[] = [];
  let from = 0;
  let at = 0;
  while (at < bytes.length) {
    const width = sequenceWidth(bytes, at);
    if (width > 0) {
      at += width;
      continue;
    }
    parts.push(decoder.decode(bytes.subarray(from, at)));
    parts.push(String.fromCharCode(escapeBase + (bytes[at] ?? 0)));
    at += 1;
    from = at;
  }
  parts.push(decoder.decode(bytes.subarray(from)));
  return parts.join('');
}

// The allowed range of the second byte by first byte, after the table of well-formed sequences.
const secondRanges: Readonly<Record<number, readonly [number, number]>> = {
  0xe0: [0xa0, 0xbf],
  0xed: [0x80, 0x9f],
  0xf0: [0x90, 0xbf],
  0xf4: [0x80, 0x8f],
};

/** Bytes of the well-formed sequence at `at`, 0 where there is none. */
function sequenceWidth(bytes: Uint8Array, at: number): number {
  const first = byteAt(bytes, at);
  const width = leadWidth(first);
  if (width < 2) return width;
  const [low, high] = secondRanges[first] ?? [0x80, 0xbf];
  const second = byteAt(bytes, at + 1);
  if (second < low || second > high) return 0;
  for (let next = at + 2; next < at + width; next += 1)
    if ((byteAt(bytes, next) & 0xc0) !== 0x80) return 0;
  return width;
}

/** 0 behind the end, which continues no sequence. */
function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function leadWidth(first: number): number {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

// An escape is lone by construction: decoding never puts one behind a high surrogate. Text that did
// not come from bytes may hold such a pair, which then is the character it spells.
const escapes = /(?<![\ud800-\udbff])[\udc80-\udcff]/;

function encodeString(text: string): Uint8Array {
  const encoder = new TextEncoder();
  if (!escapes.test(text)) return encoder.encode(text);
  const out = new Uint8Array(text.length * 3);
  let length = 0;
  let from = 0;
  const each = new RegExp(escapes.source, 'g');
  for (let found = each.exec(text); found !== null; found = each.exec(text)) {
    length += encoder.encodeInto(text.slice(from, found.index), out.subarray(length)).written;
    out[length] = text.charCodeAt(found.index) - escapeBase;
    length += 1;
    from = found.index + 1;
  }
  length += encoder.encodeInto(text.slice(from), out.subarray(length)).written;
  return out.slice(0, length);
}
