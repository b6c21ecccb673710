// Whether a shape really stands where its prefix was found. Every run of bytes is asked for through
// `runEnd`, which never walks the same bytes twice, so the whole is linear in the text.

import { byteClasses, type ByteClassName } from './byte-classes.ts';
import { keyedValue } from './keyed-value.ts';
import type { Shape, TokenRule } from './secret-shapes.ts';
import type { Range, ShapeView } from './shape-view.ts';

/** What to mask, given a prefix at `prefix`; undefined when it is something else. */
export function matchShape(shape: Shape, view: ShapeView, prefix: Range): Range | undefined {
  switch (shape.rule) {
    case 'token':
      return tokenRange(shape, view, prefix);
    case 'jwt':
      return jwtRange(view, prefix);
    case 'pem':
      return pemRange(view, prefix);
    case 'bearer':
      return bearerRange(view, prefix.end);
    case 'telegram':
      return telegramRange(view, prefix);
    case 'discord':
      return discordRange(view, prefix);
    case 'keyed':
      return keyedValue(view, prefix.end, shape.spaced === true);
    case 'url-password':
      return urlPasswordRange(view, prefix.end);
  }
}

function tokenRange(rule: TokenRule, view: ShapeView, prefix: Range): Range | undefined {
  if (rule.bounded === true && !isBoundary(view, prefix.start)) return undefined;
  const end = view.runEnd(rule.body, prefix.end);
  const length = end - prefix.end;
  if (length < rule.min || length > (rule.max ?? length)) return undefined;
  if (rule.digit === true && !hasDigit(view, prefix.end, end)) return undefined;
  return { start: prefix.start, end };
}

/** Whether a word may begin here; the last letter of an escape is no part of a word. */
function isBoundary(view: ShapeView, index: number): boolean {
  const before = view.byteAt(index - 1);
  if (before === -1 || byteClasses.word.has[before] === 0) return true;
  if (view.text(index - 2, index - 1) === '\\') return true;
  return view.text(index - 3, index - 2) === '%' || view.text(index - 6, index - 4) === '\\u';
}

const hasDigit = (view: ShapeView, from: number, to: number): boolean =>
  /\d/u.test(view.text(from, Math.min(to, from + 64)));

/** Header, then a payload or, of an encrypted one, four parts of which the first may be empty. */
function jwtRange(view: ShapeView, prefix: Range): Range | undefined {
  if (!isBoundary(view, prefix.start)) return undefined;
  let end = view.runEnd('token', prefix.end);
  if (end - prefix.end < 10) return undefined;
  const headerEnd = end;
  for (let parts = 0; parts < 4 && view.text(end, end + 1) === '.'; parts++)
    end = view.runEnd('token', end + 1);
  return end - headerEnd < 20 ? undefined : { start: prefix.start, end };
}

const rule = '-----';

function pemRange(view: ShapeView, prefix: Range): Range | undefined {
  const labelEnd = view.runEnd('pemLabel', prefix.end);
  const label = view.text(prefix.end, Math.min(labelEnd, prefix.end + 40));
  if (!label.includes('PRIVATE KEY') || view.text(labelEnd, labelEnd + 5) !== rule)
    return undefined;
  const body = labelEnd + rule.length;
  let end = view.runEnd('pemBody', body);
  while (view.text(end, end + 1) === '-' && view.text(end, end + 5) !== rule)
    end = view.runEnd('pemBody', end + 1);
  if (end - body < 16) return undefined;
  if (view.text(end, end + 8) === `${rule}END`) {
    const closing = view.runEnd('pemLabel', end + rule.length);
    return {
      start: prefix.start,
      end: closing + (view.text(closing, closing + 5) === rule ? 5 : 0),
    };
  }
  // Cut off: only what goes on like key material, or prose after the mention would be masked.
  return /^[\s\\nr"']*[\w+/=]{16}/u.test(view.text(body, body + 64))
    ? { start: prefix.start, end }
    : undefined;
}

function bearerRange(view: ShapeView, after: number): Range | undefined {
  const start = view.text(after, after + 3) === '%20' ? after + 3 : view.runEnd('blank', after);
  if (start === after) return undefined;
  const end = view.runEnd('bearer', start);
  return end - start >= 8 && hasDigit(view, start, end) ? { start, end } : undefined;
}

function telegramRange(view: ShapeView, prefix: Range): Range | undefined {
  const start = runStart(view, 'digit', prefix.start, 10);
  const digits = prefix.start + 1 - start;
  const end = view.runEnd('token', prefix.start + 2);
  const length = end - (prefix.start + 2);
  return digits >= 8 && digits <= 10 && length >= 35 && length <= 46 ? { start, end } : undefined;
}

function discordRange(view: ShapeView, prefix: Range): Range | undefined {
  const start = runStart(view, 'token', prefix.start, 29);
  const id = prefix.start - start;
  if (id < 23 || id > 28 || !/[MNO]/u.test(view.text(start, start + 1))) return undefined;
  const end = view.runEnd('token', prefix.end);
  return end - prefix.end >= 27 ? { start, end } : undefined;
}

function runStart(view: ShapeView, name: ByteClassName, before: number, most: number): number {
  let start = before;
  while (before - start < most && byteClasses[name].has[view.byteAt(start - 1)] === 1) start -= 1;
  return start;
}

function urlPasswordRange(view: ShapeView, after: number): Range | undefined {
  const user = view.runEnd('urlPart', after);
  if (view.text(user, user + 1) !== ':') return undefined;
  const start = user + 1;
  const end = view.runEnd('urlPart', start);
  const value = view.text(start, Math.min(end, start + 64));
  const literal = end > start && end - start <= 256 && !/^[{*]|\$/u.test(value);
  return literal && view.text(end, end + 1) === '@' ? { start, end } : undefined;
}
