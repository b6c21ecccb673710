// Where the YAML reader of the programs that deploy differs from the one here: what only it refuses, and
// what only it takes. All of it was measured with `docker stack config` and `docker stack deploy`.

import { parse } from 'yaml';
import type { Span } from '../diagnostics/diagnostic.ts';

export type YamlFault = { readonly span: Span; readonly message: string; readonly hint: string };

const unprintable =
  /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

/** Characters that stand nowhere in a file, not even in quotes or comments. */
export function unprintableIn(text: string): YamlFault | undefined {
  const at = text.search(unprintable);
  return at === -1
    ? undefined
    : {
        span: { start: at, end: at + 1 },
        message: 'A control character stands here.',
        hint: 'Remove it, or write it as an escape in double quotes.',
      };
}

/**
 * A tab before anything else of a line, also of an empty one or a comment. `inside` are quotes, brackets and
 * blocks of text, in the order in which they begin: there it is a part of what is written.
 */
export function indentingTabIn(text: string, inside: readonly Span[]): YamlFault | undefined {
  let next = 0;
  let until = 0;
  for (const { 0: blank, index } of text.matchAll(/^ *\t/gm)) {
    const at = index + blank.length - 1;
    for (; next < inside.length && (inside[next]?.start ?? 0) <= at; next += 1)
      until = Math.max(until, inside[next]?.end ?? 0);
    if (at >= until)
      return {
        span: { start: at, end: at + 1 },
        message: 'A tab stands where only spaces may.',
        hint: 'Replace it, or empty the line.',
      };
  }
  return undefined;
}

/** `\/` is an escape of newer YAML only. */
export function escapeFaultIn(written: string, start: number): YamlFault | undefined {
  for (const { 0: escape, index } of written.matchAll(/\\[^]/g))
    if (escape === '\\/')
      return {
        span: { start: start + index, end: start + index + 2 },
        message: 'Docker knows no escape `\\/`.',
        hint: 'Write the slash alone.',
      };
  return undefined;
}

/** `\'` is an escape of no YAML, and Docker takes it. */
export const isQuoteEscape = (text: string, at: number): boolean => text.startsWith("\\'", at);

/** Of a text in double quotes that has such an escape; undefined for any other. */
export function quoteEscaped(written: string): string | undefined {
  if (!written.startsWith('"') || !written.includes("\\'")) return undefined;
  const usual = written.replace(/\\([^])/g, (escape, of: string) => (of === "'" ? of : escape));
  try {
    return String(parse(usual));
  } catch {
    // Another escape in it is wrong, which the whole file was refused for.
    return undefined;
  }
}

const short = 'tag:yaml.org,2002:';

/** What a tag like `!!str` makes of a text; undefined without one, and for tags that mean nothing. */
export function taggedValue(
  tag: string | undefined,
  text: string,
): { readonly value: string | number | boolean | null } | undefined {
  if (tag === `${short}str`) return { value: text };
  if (tag === `${short}null`) return { value: null };
  if (tag === `${short}bool`) return { value: /^(?:true|yes|on|y)$/i.test(text) };
  if (tag === `${short}int` || tag === `${short}float`) return { value: Number(text) };
  if (tag === `${short}binary`) return { value: Buffer.from(text, 'base64').toString('utf8') };
  return undefined;
}
