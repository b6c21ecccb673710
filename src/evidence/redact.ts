import type { Json } from '../ports/json.ts';
import { makeAutomaton, type Hit } from './byte-automaton.ts';
import { addSpelling, addStart, makeGraph, type ByteGraph } from './byte-graph.ts';
import { byteClasses } from './byte-classes.ts';
import { isSecretText } from './keyed-value.ts';
import { concat } from './concat.ts';
import { makeStream, type Detector, type Pattern } from './redact-stream.ts';
import type { Redactor } from './redactor.ts';
import type { Form } from './secret-forms.ts';
import { secretKeyShape, shapes } from './secret-shapes.ts';
import { addSecret, type Leads } from './secret-spelling.ts';

const cleanKeysMax = 1000;

const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * A redactor without secrets: it masks by shape until some are added. `blind` leaves out one form,
 * for the canaries that prove that its absence is noticed.
 */
export function makeRedactor({ blind }: { readonly blind?: Form } = {}): Redactor {
  const graph = makeGraph();
  const leads: Leads = new Map();
  const patterns: Pattern[] = [];
  const automaton = makeAutomaton(graph);
  const values = new Set<string>();
  let version = 0;
  addShapes(graph, patterns);

  const detector: Detector = { graph, leads, automaton, patterns, version: () => version };
  const spelling = {
    graph,
    leads,
    has: (form: Form) => form !== blind,
    characters: new Map<string, ByteGraph>(),
  };
  // Keys of records are few and come again and again.
  let cleanKeys = new Set<string>();
  let hasNumber = false;

  const add: Redactor['add'] = ({ name, value }) => {
    if (value === '' || values.has(value)) return;
    values.add(value);
    patterns.push({ kind: 'secret', name: maskName(name) });
    addSecret(spelling, value, patterns.length - 1);
    automaton.reset();
    version += 1;
    cleanKeys = new Set();
    hasNumber ||= Number.isFinite(Number(value));
  };

  const redactText = (value: string): string => {
    const bytes = utf8.encode(value);
    const hits: Hit[] = [];
    automaton.scan(bytes, 0, [], hits);
    if (hits.length === 0) return value;
    const stream = makeStream(detector);
    const masked = concat([stream.push(bytes), stream.end()]);
    // Unchanged text is handed back itself: half a surrogate pair has no bytes of its own.
    return isEqual(bytes, masked) ? value : text.decode(masked);
  };

  const redactKey = (key: string): string => {
    if (cleanKeys.has(key)) return key;
    const masked = redactText(key);
    if (masked === key && cleanKeys.size < cleanKeysMax) cleanKeys.add(key);
    return masked;
  };

  const redactJson = (value: Json): Json => {
    if (typeof value === 'string') return redactText(value);
    if (typeof value === 'number') return hasNumber ? redactNumber(value, redactText) : value;
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(redactJson);
    const members = Object.entries(value).map(([key, member]): [string, Json] => {
      const shape = typeof member === 'string' ? secretKeyShape(key) : undefined;
      const masked = redactJson(member);
      const isSecret = shape !== undefined && masked === member && isSecretText(member as string);
      return [redactKey(key), isSecret ? `[REDACTED:${shape}]` : masked];
    });
    return distinctKeys(members);
  };

  return { add, redactText, redactJson, stream: () => makeStream(detector) };
}

/** A mask must not end early, span lines, or carry text that only looks like a mask. */
const maskName = (name: string): string => name.replaceAll(/[^\w.:/-]/gu, '_');

function addShapes(graph: ByteGraph, patterns: Pattern[]): void {
  const anyTokenByte = [...byteClasses.token.has.keys()].filter(
    (b) => byteClasses.token.has[b] === 1,
  );
  for (const shape of shapes)
    for (const prefix of shape.prefixes) {
      const spelling = Array.from(prefix, (character) => {
        if (character === '?') return anyTokenByte;
        const cases = [character.toLowerCase(), character.toUpperCase()];
        return [...utf8.encode((shape.ignoreCase === true ? cases : [character]).join(''))];
      });
      const unique = spelling.map((bytes) => [...new Set(bytes)]);
      patterns.push({ kind: 'shape', shape, length: prefix.length });
      const end = addSpelling(graph, addStart(graph, shape.before), unique);
      graph.accepts[end] = patterns.length - 1;
    }
}

/** Digits can be a secret too; a masked number becomes a string. */
function redactNumber(value: number, redactText: (text: string) => string): Json {
  const digits = String(value);
  const masked = redactText(digits);
  return masked === digits ? value : masked;
}

/** Two keys may have become the same mask; no member may get lost by that. */
function distinctKeys(members: readonly (readonly [string, Json])[]): Json {
  if (new Set(members.map(([key]) => key)).size === members.length)
    return Object.fromEntries(members);
  const seen = new Map<string, Json>();
  for (const [key, member] of members) {
    let free = key;
    for (let count = 2; seen.has(free); count++) free = `${key}#${String(count)}`;
    seen.set(free, member);
  }
  return Object.fromEntries(seen);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  // A call for each byte would take longer than the masking.
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
