// How each form spells a secret. Forms that encode character by character may be mixed in one
// occurrence; base64, hex and UTF-16 spell the whole value.

import {
  addCopy,
  addNode,
  addSpelling,
  addStart,
  makeGraph,
  type ByteGraph,
  type Spelling,
} from './byte-graph.ts';
import { htmlNames } from './html-names.ts';
import type { Form } from './secret-forms.ts';

const utf8 = new TextEncoder();
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const shortEscapes = new Map(
  Array.from('"\\/\b\f\n\r\t', (character, index): [string, string] => [
    character,
    '"\\/bfnrt'.charAt(index),
  ]),
);
/** Below this, the digits of base64 that a value fixes are too few to mean anything. */
const base64ShortestBytes = 5;
const leadingZerosMax = 5;

/** Where a complete match may begin one byte earlier, and with which bytes; see `addBase64`. */
export type Leads = Map<number, ReadonlySet<number>>;

export type SpellingTarget = {
  readonly graph: ByteGraph;
  readonly leads: Leads;
  readonly has: (form: Form) => boolean;
  /** The spellings of each character that was needed before. */
  readonly characters: Map<string, ByteGraph>;
};

/** Adds all forms of a value to the graph; `pattern` is what their last nodes accept. */
export function addSecret(target: SpellingTarget, value: string, pattern: number): void {
  const { graph, has } = target;
  const accept = (node: number): void => {
    graph.accepts[node] = pattern;
  };
  let node = addStart(graph);
  for (const character of value) node = addCopy(graph, node, spellingsOf(target, character));
  accept(node);
  const bytes = utf8.encode(value);
  if (has('hex')) accept(addSpelling(graph, addStart(graph), [...bytes].flatMap(hexPair)));
  if (has('utf16le')) accept(addSpelling(graph, addStart(graph), utf16(value)));
  if (bytes.length < base64ShortestBytes) return;
  for (const shift of [0, 1, 2]) addBase64(target, bytes, shift).forEach(accept);
}

/** All ways to spell one character, between nodes 0 and 1. */
function spellingsOf({ has, characters }: SpellingTarget, character: string): ByteGraph {
  const known = characters.get(character);
  if (known !== undefined) return known;
  const graph = makeGraph();
  characters.set(character, graph);
  const from = addNode(graph);
  const end = addNode(graph);
  const add = (spelling: Spelling): void => {
    addSpelling(graph, from, spelling, end);
  };
  if (has('percent')) addPercent(graph, { from, end, plain: has('plain') }, character);
  else if (has('plain')) add([...utf8.encode(character)].map((byte) => [byte]));
  if (has('json')) jsonSpellings(character).forEach(add);
  if (has('html')) {
    htmlSpellings(character).forEach(add);
    addHtmlNumbers(graph, from, character.codePointAt(0) ?? 0, end);
  }
  if (has('json-twice'))
    for (const once of jsonSpellings(character)) addSlots(graph, from, once.map(jsonSlot), end);
  return graph;
}

/** Each byte of the character by itself or as %XX. */
function addPercent(
  graph: ByteGraph,
  { from, end, plain }: { from: number; end: number; plain: boolean },
  character: string,
): void {
  const slots = [...utf8.encode(character)].map((byte): Spelling[] => [
    ...(plain ? [[[byte]]] : []),
    [codes('%'), ...hexPair(byte)],
  ]);
  if (character === ' ') slots[0]?.push([codes('+')]);
  addSlots(graph, from, slots, end);
}

/** A sequence of choices, each with its own spellings. */
function addSlots(
  graph: ByteGraph,
  from: number,
  slots: readonly (readonly Spelling[])[],
  end: number,
): void {
  let node = from;
  for (const [index, spellings] of slots.entries()) {
    const next = index === slots.length - 1 ? end : addNode(graph);
    for (const spelling of spellings) addSpelling(graph, node, spelling, next);
    node = next;
  }
}

/** `\n` and `\u000a`, of one character; a character outside the plane is two units. */
function jsonSpellings(character: string): Spelling[] {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  const unicode = units.flatMap((unit) => [
    codes('\\'),
    codes('u'),
    ...hexDigits(unit.toString(16).padStart(4, '0')),
  ]);
  const short = shortEscapes.get(character);
  return short === undefined ? [unicode] : [unicode, [codes('\\'), codes(short)]];
}

/** What the second escaping may do to one position of the first. */
function jsonSlot(position: readonly number[]): Spelling[] {
  return position.flatMap((byte) => {
    const character = String.fromCharCode(byte);
    const plain = character === '\\' || character === '"' ? [] : [[[byte]]];
    return [...plain, ...jsonSpellings(character)];
  });
}

const htmlSpellings = (character: string): Spelling[] =>
  (htmlNames.get(character) ?? []).map((name) => Array.from(`&${name};`, codes));

/** `&#NN;` and `&#xNN;` with some leading zeros, all of which share their digits' nodes. */
function addHtmlNumbers(graph: ByteGraph, from: number, point: number, end: number): void {
  const number = addSpelling(graph, from, [codes('&'), codes('#')]);
  const hex = addSpelling(graph, number, [[...codes('x'), ...codes('X')]]);
  const decimals = Array.from(String(point), codes);
  for (const [prefix, digits] of [
    [number, decimals],
    [hex, hexDigits(point.toString(16))],
  ] as const) {
    const [first = [], ...rest] = digits;
    const second = addNode(graph);
    let node = prefix;
    for (let zeros = 0; zeros <= leadingZerosMax; zeros++) {
      addSpelling(graph, node, [first], second);
      if (zeros < leadingZerosMax) node = addSpelling(graph, node, [codes('0')]);
    }
    addSpelling(graph, second, [...rest, codes(';')], end);
  }
}

const utf16 = (value: string): Spelling =>
  Array.from({ length: value.length }, (_, index) => value.charCodeAt(index)).flatMap((unit) => [
    [unit & 0xff],
    [unit >> 8],
  ]);

/**
 * The value at one of the three offsets in a longer base64 text. Its first and last digit may hold
 * bits of neighbours: of the last, all possible digits are spelled out; the first would begin a
 * match nearly everywhere and slow everything down, so it is only noted as a lead.
 */
function addBase64(
  { graph, leads, has }: SpellingTarget,
  bytes: Uint8Array,
  shift: number,
): number[] {
  if (!has('base64') && !has('base64url')) return [];
  const digit = (value: number): number[] => [
    ...(value < 62 || has('base64') ? codes(alphabet[value] ?? '') : []),
    ...(value < 62 || !has('base64url') ? [] : codes(value === 62 ? '-' : '_')),
  ];
  const digits = base64Digits(bytes, shift);
  const whole = digits.filter(({ known }) => known === 6).map(({ value }) => digit(value));
  const start = addStart(graph, shift === 0 ? 0 : 1);
  if (shift > 0) leads.set(start, new Set(choices(digits[0], 'first').flatMap(digit)));
  const last = digits.at(-1);
  const body = addSpelling(graph, start, whole);
  if (last === undefined || last.known === 6) return [body];
  const end = addSpelling(graph, body, [choices(last, 'last').flatMap(digit)]);
  const padding = addSpelling(
    graph,
    end,
    last.known === 2 ? [codes('='), codes('=')] : [codes('=')],
  );
  return [end, padding];
}

type Digit = { readonly value: number; readonly known: number };

/** Six bits at a time; `known` of them belong to the value, the others are 0. */
function base64Digits(bytes: Uint8Array, shift: number): Digit[] {
  const before = shift * 8;
  const end = before + bytes.length * 8;
  const digits: Digit[] = [];
  for (let from = 0; from < end; from += 6) {
    let [value, known] = [0, 0];
    for (let at = from; at < from + 6; at += 1) {
      value <<= 1;
      if (at < before || at >= end) continue;
      const bit = at - before;
      value |= ((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
      known += 1;
    }
    if (known > 0) digits.push({ value, known });
  }
  return digits;
}

/** All digits that agree with the known bits, which are the last ones of the first digit. */
function choices(digit: Digit | undefined, place: 'first' | 'last'): number[] {
  if (digit === undefined) return [];
  const free = 6 - digit.known;
  return Array.from({ length: 2 ** free }, (_, index) =>
    place === 'first' ? (index << digit.known) | digit.value : digit.value | index,
  );
}

/** Of ASCII text, which is all that encodings are made of. */
const codes = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));

const hexPair = (byte: number): number[][] => hexDigits(byte.toString(16).padStart(2, '0'));

/** By value, what a hexadecimal digit may look like. */
const digitCodes = Array.from('0123456789abcdef', (digit) => [
  ...new Set(codes(digit + digit.toUpperCase())),
]);

const hexDigits = (text: string): number[][] =>
  Array.from(text, (digit) => digitCodes[Number.parseInt(digit, 16)] ?? []);
