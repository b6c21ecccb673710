// Makes what an app said fit for a record: its words may hold half a surrogate pair or megabytes.

import type { Json } from '../ports/json.ts';

const keepChars = 8192;
const loneSurrogates = /\p{Surrogate}/gu;

/**
 * `render` of the value; where that throws or is longer than `maxBytes`, the same with lone
 * surrogates replaced and long strings cut visibly. Undefined when even that is too long.
 */
export function renderRepaired<Value extends Json>(
  value: Value,
  render: (value: Value) => string,
  maxBytes: number,
): string | undefined {
  try {
    const text = render(value);
    if (fits(text, maxBytes)) return text;
  } catch {
    // Half a surrogate pair, most likely; if not, the second try throws again.
  }
  // Same shape, other strings.
  const text = render(repaired(value) as Value);
  return fits(text, maxBytes) ? text : undefined;
}

/** UTF-8 takes at most three bytes for a UTF-16 code unit; only near the limit is counting needed. */
const fits = (text: string, maxBytes: number): boolean =>
  text.length * 3 <= maxBytes || new TextEncoder().encode(text).length <= maxBytes;

function repaired(value: Json): Json {
  if (typeof value === 'string') return repairedText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(repaired);
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [repairedText(key), repaired(member)]),
  );
}

function repairedText(text: string): string {
  const cut = text.length - keepChars;
  const kept = cut > 0 ? `${text.slice(0, keepChars)} [${String(cut)} characters cut]` : text;
  return kept.replace(loneSurrogates, '\ufffd');
}
