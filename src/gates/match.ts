// Whether a value is what a gates file expects of it; pure, and says in words where it is not.

import { RE2JS } from 're2js';
import { canonicalJson } from '../evidence/canonical.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import { valueAtPointer } from './json-pointer.ts';
import type { Matcher } from './matcher-schema.ts';

/** What a matcher may look at beside its own value. */
export type MatchContext = {
  /** The whole document that the value is part of. */
  readonly document?: Json | undefined;
  readonly pointer?: string;
  /** Documents of earlier checks of the gate, by check id. */
  readonly earlier?: ReadonlyMap<string, Json>;
};

type Rules = Exclude<Matcher, string | number | boolean | null>;
type Rule = (value: Json, wanted: never, context: MatchContext) => string | undefined;

/** Why the value does not fit; undefined when it does. An absent value fits nothing. */
export function mismatch(
  value: Json | undefined,
  matcher: Matcher,
  context: MatchContext = {},
): string | undefined {
  if (value === undefined) return 'is absent';
  if (typeof matcher !== 'object' || matcher === null)
    return value === matcher ? undefined : `is ${shown(value)}, not ${shown(matcher)}`;
  for (const [name, wanted] of Object.entries(matcher) as [keyof Rules, unknown][]) {
    if (wanted === undefined) continue;
    const why = rules[name](value, wanted as never, context);
    if (why !== undefined) return why;
  }
  return undefined;
}

const shownMax = 80;

export function shown(value: Json): string {
  const text = canonicalJson(value);
  return text.length <= shownMax ? text : `${text.slice(0, shownMax)}…`;
}

const rules: Readonly<Record<keyof Rules, Rule>> = {
  is: (value, type: string) =>
    (isOfType[type]?.(value) ?? false) ? undefined : `is ${shown(value)}, not of type ${type}`,
  one_of: (value, wanted: readonly Json[]) =>
    wanted.some((each) => each === value)
      ? undefined
      : `is ${shown(value)}, none of ${shown(wanted)}`,
  matches: (value, pattern: string) =>
    RE2JS.compile(pattern).matcher(asText(value)).find()
      ? undefined
      : `is ${shown(value)}, which ${JSON.stringify(pattern)} does not match`,
  contains: (value, part: string) =>
    asText(value).includes(part) ? undefined : `is ${shown(value)}, without ${shown(part)}`,
  min: (value, least: number) =>
    typeof value === 'number' && value >= least
      ? undefined
      : `is ${shown(value)}, not at least ${String(least)}`,
  max: (value, greatest: number) =>
    typeof value === 'number' && value <= greatest
      ? undefined
      : `is ${shown(value)}, not at most ${String(greatest)}`,
  count: (value, wanted: number) => {
    const count = countOf(value);
    return count === wanted ? undefined : `holds ${String(count)}, not ${String(wanted)}`;
  },
  equals: (value, wanted: Json) =>
    isSame(value, wanted) ? undefined : `is ${shown(value)}, not ${shown(wanted)}`,
  same_as: (value, other: string, context) => {
    const there = lookUp(other, context);
    return there !== undefined && isSame(value, there)
      ? undefined
      : `is ${shown(value)}, not the same as ${other} (${there === undefined ? 'absent' : shown(there)})`;
  },
  changed_since: (value, check: string, context) => {
    const before = lookUp(check, context);
    if (before === undefined) return `cannot be compared: ${check} saw no such value`;
    return isSame(value, before) ? `is ${shown(value)} as in ${check}` : undefined;
  },
};

function lookUp(other: string, { document, pointer = '', earlier }: MatchContext) {
  return other === '' || other.startsWith('/')
    ? valueAtPointer(document, other)
    : valueAtPointer(earlier?.get(other), pointer);
}

export const isSame = (a: Json, b: Json): boolean => canonicalJson(a) === canonicalJson(b);

const asText = (value: Json): string => (typeof value === 'string' ? value : canonicalJson(value));

function countOf(value: Json): number {
  if (typeof value === 'string') return Array.from(value).length;
  if (typeof value !== 'object' || value === null) return 0;
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

/** RFC 3339 with a zone; a time without one means something else on every host. */
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/u;

const isOfType: Readonly<Record<string, (value: Json) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isSafeInteger(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  array: Array.isArray,
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  time: (value) =>
    typeof value === 'string' && time.test(value) && !Number.isNaN(Date.parse(value)),
};

/** Every mismatch of a document with matchers by pointer, in their order. */
export function documentMismatches(
  document: Json | undefined,
  matchers: Readonly<Record<string, Matcher>>,
  earlier?: ReadonlyMap<string, Json>,
): readonly string[] {
  return Object.entries(matchers).flatMap(([pointer, matcher]) => {
    const context = { document, pointer, ...(earlier === undefined ? {} : { earlier }) };
    const why = mismatch(valueAtPointer(document, pointer), matcher, context);
    return why === undefined ? [] : [`${pointer === '' ? 'the document' : pointer} ${why}`];
  });
}

/** Pointers at which something stands though nothing may. */
export const presentPointers = (
  document: Json | undefined,
  absent: readonly string[],
): readonly string[] =>
  absent
    .filter((pointer) => valueAtPointer(document, pointer) !== undefined)
    .map((pointer) => `${pointer} is there and must not be`);

export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

export const asObject = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
