// Changes single keys in the text of a JSON or YAML file and leaves every other byte as it is (F6): comments, order,
// indentation, line ends and the last newline.

import {
  isMap,
  isScalar,
  parseDocument,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { canonicalJson } from '../evidence/canonical.ts';
import { lookUp } from '../evidence/pointer.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import { WorldError } from '../ports/world-error.ts';

/** A key and what it must be: `raw` is written as it is, undefined removes the key. */
export type KeyEdit = {
  readonly pointer: string;
  readonly raw: string | undefined;
  /** How the key itself is written, where it has to be made. */
  readonly key?: string;
};

const textMax = 4 * 1024 * 1024;

/** Throws `refused` for a text that is no mapping, or in which an edit cannot be made that small. */
export function editKeys(text: string, edits: readonly KeyEdit[]): string {
  return edits.reduce((current, edit) => {
    const next = editKey(current, edit);
    assertOnly(current, next, edit);
    return next;
  }, text);
}

/** The source of a value as it stands in the text; undefined when the key is absent. */
export function rawAt(text: string, pointer: string): string | undefined {
  const found = findPair(parse(text), stepsOf(pointer));
  const value = found.pair?.value;
  if (found.pair === undefined) return undefined;
  const [start, end] = rangeOf(value);
  return text.slice(start, end).trimEnd();
}

/** How the key is written; undefined when it is absent. */
export function keyAt(text: string, pointer: string): string | undefined {
  const { pair } = findPair(parse(text), stepsOf(pointer));
  if (pair === undefined) return undefined;
  const [start, end] = rangeOf(pair.key);
  return text.slice(start, end).trimEnd();
}

export const valueOf = (text: string): Json => parse(text).toJS() as Json;

function parse(text: string): Document.Parsed {
  if (text.length > textMax) throw new WorldError('limit', 'the file is too large to be edited');
  const document = parseDocument(text, { uniqueKeys: true, version: '1.2', merge: false });
  const [error] = document.errors;
  if (error !== undefined)
    throw new WorldError(
      'refused',
      `the file cannot be read: ${error.message.split('\n', 1)[0] ?? ''}`,
    );
  return document;
}

const stepsOf = (pointer: string): readonly string[] =>
  pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

type Found = {
  readonly pair?: Pair<Node, Node | null>;
  /** The deepest mapping on the way. */
  readonly map: YAMLMap<Node, Node | null>;
  /** Steps below it; one when only the last key is absent. */
  readonly rest: readonly string[];
};

function findPair(document: Document.Parsed, steps: readonly string[]): Found {
  let map = document.contents as unknown as YAMLMap<Node, Node | null>;
  if (!isMap(map)) throw new WorldError('refused', 'the file holds no mapping');
  for (const [index, step] of steps.entries()) {
    const pair = map.items.find(({ key }) => isScalar(key) && String(key.value) === step);
    if (pair === undefined) return { map, rest: steps.slice(index) };
    if (index === steps.length - 1) return { pair, map, rest: [] };
    if (!isMap(pair.value)) throw new WorldError('refused', `\`${step}\` is no mapping`);
    map = pair.value as YAMLMap<Node, Node | null>;
  }
  return { map, rest: steps };
}

function editKey(text: string, { pointer, raw, key }: KeyEdit): string {
  const found = findPair(parse(text), stepsOf(pointer));
  if (found.pair !== undefined)
    return raw === undefined
      ? removePair(text, found.map, found.pair)
      : replaceValue(text, found.pair, raw);
  if (raw === undefined) return text;
  const [name, value] = nested(found.rest, raw);
  const own = found.rest.length === 1 ? key : undefined;
  return addPair(text, found.map, [own ?? shortest(found.map, name), value]);
}

/** Keys that are absent on the way are written as a mapping of one line. */
function nested([key = '', ...rest]: readonly string[], raw: string): [string, string] {
  const inner = rest.length === 0 ? raw : `{${nested(rest, raw).join(': ')}}`;
  return [keyText(key), inner];
}

const keyText = (key: string): string => JSON.stringify(key);

function rangeOf(node: Node | null | undefined): readonly [number, number] {
  const range = node?.range;
  if (range === undefined || range === null) throw new WorldError('refused', 'a key has no value');
  return [range[0], range[1]];
}

function replaceValue(text: string, pair: Pair<Node, Node | null>, raw: string): string {
  const [start, end] = rangeOf(pair.value);
  const old = text.slice(start, end);
  // A block ends with its last line break, which belongs to what follows.
  const kept = old.slice(old.trimEnd().length);
  return text.slice(0, start) + raw + kept + text.slice(end);
}

const lineEnd = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');

type BlockMap = YAMLMap<Node, Node | null>;

function addPair(text: string, map: BlockMap, [key, raw]: readonly [string, string]): string {
  const last = map.items.at(-1);
  if (last === undefined) return addFirst(text, map, `${key}: ${raw}`);
  const [keyStart] = rangeOf(last.key);
  const lineStart = text.lastIndexOf('\n', keyStart - 1) + 1;
  const before = text.slice(lineStart, keyStart);
  const place = {
    stop: endOfPair(text, last),
    indent: indentOf(before),
    ownLine: before.trim() === '',
  };
  const line = `${key}: ${raw}`;
  if (map.flow !== true) return addLine(text, place, line);
  const gap = place.ownLine && lineStart > 0 ? `${lineEnd(text)}${place.indent}` : ' ';
  return `${text.slice(0, place.stop)},${gap}${line}${text.slice(place.stop)}`;
}

function addFirst(text: string, map: BlockMap, line: string): string {
  const [start, end] = rangeOf(map);
  const brace = text.indexOf('{', start);
  if (brace === -1 || brace >= end)
    throw new WorldError('refused', 'a mapping without braces is empty');
  return `${text.slice(0, brace + 1)}${line}${text.slice(brace + 1)}`;
}

/** What stands before a key, as spaces: a mapping may begin behind the dash of a list. */
const indentOf = (before: string): string => before.replaceAll(/[^ \t]/g, ' ');

/** Behind the whole line of the last pair, so that a comment on it stays with its key. */
function addLine(
  text: string,
  { stop, indent }: { readonly stop: number; readonly indent: string },
  line: string,
): string {
  const breakAt = text.indexOf('\n', stop);
  return breakAt === -1
    ? `${text}${lineEnd(text)}${indent}${line}`
    : `${text.slice(0, breakAt + 1)}${indent}${line}${lineEnd(text)}${text.slice(breakAt + 1)}`;
}

function endOfPair(text: string, { key, value }: Pair<Node, Node | null>): number {
  const [start, end] = rangeOf(value ?? key);
  return start + text.slice(start, end).trimEnd().length;
}

/** As a person would write it: JSON has quotes, YAML where it needs them. */
function shortest(map: YAMLMap<Node, Node | null>, quoted: string): string {
  const plain = JSON.parse(quoted) as string;
  return map.flow !== true && /^[A-Za-z_][\w.-]*$/.test(plain) ? plain : quoted;
}

function removePair(
  text: string,
  map: YAMLMap<Node, Node | null>,
  pair: Pair<Node, Node | null>,
): string {
  const [from] = rangeOf(pair.key);
  const stop = endOfPair(text, pair);
  if (map.flow === true) return removeFlow(text, from, stop);
  const lineStart = text.lastIndexOf('\n', from - 1) + 1;
  const breakAt = text.indexOf('\n', stop);
  if (breakAt !== -1) return text.slice(0, lineStart) + text.slice(breakAt + 1);
  // The last line of a file without a last newline.
  return text.slice(0, lineStart).replace(/\r?\n$/, '');
}

function removeFlow(text: string, from: number, stop: number): string {
  const before = /,[ \t\r\n]*$/.exec(text.slice(0, from));
  if (before !== null) return text.slice(0, before.index) + text.slice(stop);
  const after = /^[ \t\r\n]*,[ \t\r\n]*/.exec(text.slice(stop));
  return text.slice(0, from) + text.slice(stop + (after?.[0].length ?? 0));
}

/** Whatever a file looks like: an edit that changed more than its key is not made. */
function assertOnly(before: string, after: string, { pointer, raw }: KeyEdit): void {
  const wanted = withValue(valueOf(before), stepsOf(pointer), raw);
  if (canonicalJson(valueOf(after)) !== canonicalJson(wanted))
    throw new WorldError('refused', `${pointer} cannot be edited without changing more`);
}

export function withValue(value: Json, steps: readonly string[], raw: string | undefined): Json {
  const [step = '', ...rest] = steps;
  const object = typeof value === 'object' && value !== null && !Array.isArray(value);
  const members = object ? { ...(value as JsonObject) } : {};
  if (rest.length === 0) {
    return raw === undefined
      ? Object.fromEntries(Object.entries(members).filter(([name]) => name !== step))
      : { ...members, [step]: parseDocument(raw).toJS() as Json };
  }
  if (raw === undefined && members[step] === undefined) return members;
  return { ...members, [step]: withValue(members[step] ?? {}, rest, raw) };
}

/** What stands beside the keys, for the digest of neighbours. */
export function withoutKeys(value: Json, pointers: readonly string[]): Json {
  return pointers.reduce(
    (rest, pointer) =>
      lookUp(rest, pointer) === undefined ? rest : withValue(rest, stepsOf(pointer), undefined),
    value,
  );
}
