// Values of a run. Sizes are bounded, because a loop can double a list ten thousand times.

import type { JsonValue } from './effects.ts';

export type Duration = { readonly ms: number };
export type List = readonly Value[];
export type Dict = ReadonlyMap<string, Value>;
export type Value = string | number | boolean | null | List | Dict | Duration;

/** Units of text or items that one value may hold. */
export const valueSizeMax = 4_000_000;
/** Values nested in values. */
export const valueDepthMax = 200;

export function isList(value: Value): value is List {
  return Array.isArray(value);
}

export function isDict(value: Value): value is Dict {
  return value instanceof Map;
}

export function isDuration(value: Value): value is Duration {
  return typeof value === 'object' && value !== null && !isList(value) && !isDict(value);
}

export function kindOf(value: Value): string {
  if (value === null) return 'null';
  if (isList(value)) return 'list';
  if (isDict(value)) return 'dict';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'object' ? 'duration' : typeof value;
}

/** False: `false null 0 "" [] {} 0s`. */
export function isTrue(value: Value): boolean {
  if (value === null || typeof value !== 'object') return Boolean(value);
  if (isList(value)) return value.length > 0;
  return isDict(value) ? value.size > 0 : value.ms !== 0;
}

/** A walk over shared parts can take longer than any list is long, so it has an allowance. */
export type Allowance = { left: number };

export class TooLarge extends Error {}

function spend(allowance: Allowance, depth: number, amount = 1): void {
  allowance.left -= amount;
  if (allowance.left < 0 || depth > valueDepthMax) throw new TooLarge('the value is too large');
}

export function isEqual(
  a: Value,
  b: Value,
  allowance: Allowance = { left: valueSizeMax },
): boolean {
  return isEqualAt(a, b, { allowance, depth: 0 });
}

type Walk = { readonly allowance: Allowance; readonly depth: number };

function isEqualAt(a: Value, b: Value, walk: Walk): boolean {
  spend(walk.allowance, walk.depth);
  if (a === b) return true;
  const inner = { allowance: walk.allowance, depth: walk.depth + 1 };
  if (isCompound(a) && isCompound(b)) return isEqualCompound(a, b, inner);
  return false;
}

type Compound = List | Dict | Duration;

function isCompound(value: Value): value is Compound {
  return typeof value === 'object' && value !== null;
}

function isEqualCompound(a: Compound, b: Compound, walk: Walk): boolean {
  if (isList(a)) return isList(b) && isEqualList(a, b, walk);
  if (isDict(a)) return isDict(b) && isEqualDict(a, b, walk);
  return isDuration(b) && a.ms === b.ms;
}

function isEqualList(a: List, b: List, walk: Walk): boolean {
  return a.length === b.length && a.every((item, at) => isEqualAt(item, b[at] ?? null, walk));
}

function isEqualDict(a: Dict, b: Dict, walk: Walk): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    const other = b.get(key);
    if (other === undefined || !isEqualAt(value, other, walk)) return false;
  }
  return true;
}

/** Throws `TooLarge` where the value cannot be written out. */
export function toJson(value: Value, allowance: Allowance = { left: valueSizeMax }): JsonValue {
  return toJsonAt(value, { allowance, depth: 0 });
}

function toJsonAt(value: Value, walk: Walk): JsonValue {
  spend(walk.allowance, walk.depth, typeof value === 'string' ? value.length + 1 : 1);
  if (value === null || typeof value !== 'object') return value;
  const inner = { allowance: walk.allowance, depth: walk.depth + 1 };
  if (isList(value)) return value.map((item) => toJsonAt(item, inner));
  if (!isDict(value)) return value.ms;
  return Object.fromEntries(Array.from(value, ([key, item]) => [key, toJsonAt(item, inner)]));
}

/** What a provider answered, or undefined where it is no JSON value or too large. */
export function fromJson(value: unknown): Value | undefined {
  try {
    return fromJsonAt(value, { allowance: { left: valueSizeMax }, depth: 0 });
  } catch (cause) {
    if (cause instanceof TooLarge) return undefined;
    throw cause;
  }
}

function fromJsonAt(value: unknown, walk: Walk): Value {
  spend(walk.allowance, walk.depth, typeof value === 'string' ? value.length + 1 : 1);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value !== 'object') throw new TooLarge('no JSON value');
  const inner = { allowance: walk.allowance, depth: walk.depth + 1 };
  if (Array.isArray(value)) return value.map((item: unknown) => fromJsonAt(item, inner));
  return new Map(Object.entries(value).map(([key, item]) => [key, fromJsonAt(item, inner)]));
}
