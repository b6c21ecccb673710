// Canonical JSON by RFC 8785, so that equal values have equal bytes and digests.

import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../ports/json.ts';

const loneSurrogate = /\p{Surrogate}/u;

/** Throws a TypeError for what JSON cannot say: non-finite numbers, lone surrogates, `undefined`. */
export function canonicalJson(value: Json): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'object') {
    if (value === null) return 'null';
    return Array.isArray(value)
      ? `[${value.map(canonicalJson).join(',')}]`
      : objectText(value as JsonObject);
  }
  if (typeof value === 'number' ? Number.isFinite(value) : typeof value === 'boolean')
    return JSON.stringify(value);
  throw new TypeError(`${String(value)} is not JSON`);
}

/** Hex SHA-256; of a string, of its UTF-8 bytes. */
export const sha256Hex = (content: Uint8Array | string): string => hash('sha256', content);

function objectText(value: JsonObject): string {
  let text = '{';
  // The default order of `sort` is that of UTF-16 code units, as the RFC asks.
  for (const key of Object.keys(value).sort()) {
    // `Object.keys` names only what is there.
    const member = canonicalJson(value[key] as Json);
    text += `${text === '{' ? '' : ','}${quote(key)}:${member}`;
  }
  return `${text}}`;
}

/** Printable ASCII but quote and backslash: most strings, and nothing in them is escaped. */
const plain = /^[ !#-[\]-~]*$/;

function quote(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  const quoted = JSON.stringify(text);
  // `JSON.stringify` escapes lone surrogates and nothing else this way; only then look closer.
  if (quoted.includes('\\ud') && loneSurrogate.test(text))
    throw new TypeError('a string holds half of a surrogate pair');
  return quoted;
}
