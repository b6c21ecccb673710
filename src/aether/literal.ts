// Literals: the value of a string as written and back, and durations.

const simpleEscapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  '"': '"',
  "'": "'",
  n: '\n',
  r: '\r',
  t: '\t',
};
const escape = /\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|([^]))/gu;

/** The value of a quoted token. An escape that is none keeps both its characters. */
export function decodeString(token: string): string {
  const inner = token.slice(1, -1);
  if (!inner.includes('\\')) return inner;
  return inner.replaceAll(escape, (all: string, braced?: string, four?: string, one?: string) => {
    if (one !== undefined) return simpleEscapes[one] ?? all;
    const code = Number.parseInt(braced ?? four ?? '', 16);
    if (four !== undefined) return String.fromCharCode(code);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}

/** A literal that decodes to `value`, in double quotes unless that needs more escapes. */
export function encodeString(value: string): string {
  const quote = count(value, '"') > count(value, "'") ? "'" : '"';
  let out = quote;
  for (const character of value) out += encodeCharacter(character, quote);
  return out + quote;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

const written: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const invisible =
  /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]/;

function encodeCharacter(character: string, quote: string): string {
  if (character === quote || character === '\\') return `\\${character}`;
  const short = written[character];
  if (short !== undefined) return short;
  if (character.length > 1 || !invisible.test(character)) return character;
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const duration = /^((?:0|[1-9][0-9]*(?:_[0-9]+)*)(?:\.[0-9]+)?)(ms|s|m|h)$/;

/** Milliseconds, or undefined where the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const found = duration.exec(text);
  if (found === null) return undefined;
  return Number((found[1] ?? '').replaceAll('_', '')) * (unitMs[found[2] ?? ''] ?? 1);
}
