// One key of a JSON file, changed without touching another byte: whoever wrote the file by hand finds
// it as they left it.

import { Failure } from '../shared/failure.ts';

/** Throws exit 1 for what is no JSON object. */
export function setTopLevelKey(text: string, key: string, value: string): string {
  const parsed = parse(text);
  if (parsed[key] === value) return text;
  const quoted = JSON.stringify(key);
  const written = JSON.stringify(value);
  const at = topLevelValue(text, quoted);
  if (at !== undefined) return `${text.slice(0, at.start)}${written}${text.slice(at.end)}`;
  const open = text.indexOf('{');
  const [, indent = '\n  '] = /^\s*\{(\r?\n[ \t]+)/.exec(text) ?? [];
  const isEmpty = Object.keys(parsed).length === 0;
  if (isEmpty) return `${text.slice(0, open + 1)}${indent}${quoted}: ${written}\n}\n`;
  return `${text.slice(0, open + 1)}${indent}${quoted}: ${written},${text.slice(open + 1)}`;
}

function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Failure(1, 'the configuration is no JSON; nothing was changed');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Failure(1, 'the configuration is no JSON object; nothing was changed');
  return value as Record<string, unknown>;
}

type Place = { readonly start: number; readonly end: number };

/** Where the value of a key of the outermost object stands, if it is a string, number or word. */
function topLevelValue(text: string, quoted: string): Place | undefined {
  let depth = 0;
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found] = match;
    if (found === '{' || found === '[') depth += 1;
    else if (found === '}' || found === ']') depth -= 1;
    else if (depth === 1 && found === quoted) return valueAfter(text, token.lastIndex);
  }
  return undefined;
}

/** Undefined when what stood there was no key, or its value is a list or an object. */
function valueAfter(text: string, from: number): Place | undefined {
  const rest = /^\s*:\s*("(?:[^"\\]|\\.)*"|[\w.+-]+)/.exec(text.slice(from));
  const value = rest?.[1];
  if (rest === null || value === undefined) return undefined;
  const end = from + rest[0].length;
  return { start: end - value.length, end };
}
