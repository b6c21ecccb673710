// Top-level assignments of a Python file whose values are written out, read as text: nothing of the file runs.

import type { Json } from '../ports/json.ts';

export type PythonName =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'function' }
  /** Something that only running the file could tell. */
  | { readonly kind: 'computed' };

const textMax = 1 << 20;
const depthMax = 32;

/** By name; of a name assigned twice the last counts, as in Python. Total. */
export function readPythonNames(text: string): ReadonlyMap<string, PythonName> {
  const names = new Map<string, PythonName>();
  if (text.length > textMax) return names;
  const heads =
    /^(?:(?:async[ \t]+)?def[ \t]+([A-Za-z_]\w*)|([A-Za-z_]\w*)[ \t]*(?::[^=\n]+)?=(?!=))/gm;
  const hidden = hideText(text);
  for (const found of hidden.matchAll(heads)) {
    const [all, functionName, name = ''] = found;
    if (functionName !== undefined) names.set(functionName, { kind: 'function' });
    else names.set(name, readValue(text, found.index + all.length));
  }
  return names;
}

/** Long strings may hold lines that look like assignments. */
const hideText = (text: string): string =>
  text.replace(/'''(?:[^\\]|\\[\s\S])*?(?:'''|$)|"""(?:[^\\]|\\[\s\S])*?(?:"""|$)/g, (found) =>
    found.replace(/[^\n]/g, ' '),
  );

function readValue(text: string, at: number): PythonName {
  const reader: Reader = { text, at, depth: 0 };
  const value = readLiteral(reader, false);
  if (value === undefined) return { kind: 'computed' };
  const rest = /[^\n]*/.exec(text.slice(reader.at))?.[0] ?? '';
  return /^[ \t]*(?:#.*)?;?$/.test(rest) ? { kind: 'value', value } : { kind: 'computed' };
}

type Reader = { readonly text: string; at: number; depth: number };

/** Inside brackets a line may end anywhere. */
function skip(reader: Reader, inBrackets: boolean): void {
  const blank = inBrackets ? /(?:\s|#[^\n]*|\\\n)*/y : /(?:[ \t]|\\\n)*/y;
  blank.lastIndex = reader.at;
  reader.at += blank.exec(reader.text)?.[0].length ?? 0;
}

function take(reader: Reader, pattern: RegExp): RegExpExecArray | undefined {
  const sticky = new RegExp(pattern.source, 'y');
  sticky.lastIndex = reader.at;
  const found = sticky.exec(reader.text);
  if (found === null) return undefined;
  reader.at += found[0].length;
  return found;
}

const words: Readonly<Record<string, Json>> = { True: true, False: false, None: null };

function readLiteral(reader: Reader, inBrackets: boolean): Json | undefined {
  skip(reader, inBrackets);
  const plain = readPlain(reader);
  const found = plain === undefined ? readStrings(reader, inBrackets) : plain;
  if (found !== undefined) return found;
  const open = reader.depth < depthMax ? take(reader, /[[({]/)?.[0] : undefined;
  if (open === undefined) return undefined;
  reader.depth += 1;
  const value = open === '{' ? readBraces(reader) : readItems(reader, open === '[' ? ']' : ')');
  reader.depth -= 1;
  return value;
}

function readPlain(reader: Reader): Json | undefined {
  const word = take(reader, /(?:True|False|None)\b/)?.[0];
  if (word !== undefined) return words[word];
  const number = take(reader, /-?(?:\d[\d_]*\.?\d*(?:[eE][+-]?\d+)?)(?![\w.])/)?.[0];
  return number === undefined ? undefined : Number(number.replaceAll('_', ''));
}

const string =
  /(?:[uU]|([rR]))?(?:'''((?:[^\\]|\\[\s\S])*?)'''|"""((?:[^\\]|\\[\s\S])*?)"""|'((?:[^'\\\n]|\\[\s\S])*)'|"((?:[^"\\\n]|\\[\s\S])*)")/;

/** One after the other they are one, as in Python. */
function readStrings(reader: Reader, inBrackets: boolean): string | undefined {
  let text: string | undefined;
  for (let found = take(reader, string); found !== undefined; found = take(reader, string)) {
    const body = found.slice(2).join('');
    text = (text ?? '') + (found[1] === undefined ? unescape(body) : body);
    skip(reader, inBrackets);
  }
  return text;
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\n': '',
  '0': '\0',
};

const unescape = (text: string): string =>
  text.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([\s\S]))/g, (all, hex, wide, one) => {
    const code = (hex ?? wide) as string | undefined;
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    const letter = one as string;
    return escapes[letter] ?? (/['"\\]/.test(letter) ? letter : all);
  });

/** A tuple of one is what has a comma; without it brackets mean nothing. */
function readItems(reader: Reader, close: ']' | ')'): Json | undefined {
  const items: Json[] = [];
  let commas = 0;
  for (;;) {
    skip(reader, true);
    if (take(reader, close === ']' ? /\]/ : /\)/) !== undefined)
      return close === ')' && commas === 0 && items.length === 1 ? items[0] : items;
    const item = readLiteral(reader, true);
    if (item === undefined) return undefined;
    items.push(item);
    skip(reader, true);
    if (take(reader, /,/) !== undefined) commas += 1;
    else if (reader.text[reader.at] !== close) return undefined;
  }
}

/** A set becomes a list. */
function readBraces(reader: Reader): Json | undefined {
  const entries: [string, Json][] = [];
  const items: Json[] = [];
  for (;;) {
    skip(reader, true);
    if (take(reader, /\}/) !== undefined)
      return items.length > 0 ? items : Object.fromEntries(entries);
    const key = readLiteral(reader, true);
    if (key === undefined) return undefined;
    skip(reader, true);
    if (take(reader, /:/) === undefined) items.push(key);
    else {
      const value = readLiteral(reader, true);
      if (value === undefined || typeof key === 'object') return undefined;
      entries.push([String(key), value]);
    }
    skip(reader, true);
    if (take(reader, /,/) === undefined && reader.text[reader.at] !== '}') return undefined;
  }
}
