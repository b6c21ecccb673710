// The placeholders of a scenario (S7), filled in when they are used.

import type { Json, JsonObject } from '../ports/json.ts';
import { WorldError } from '../ports/world-error.ts';

export type Places = {
  readonly product: string;
  readonly home: string;
  readonly work: string;
  readonly run: string;
  readonly suffix: string;
  readonly name: string;
  readonly nonce: string;
  readonly fixtures: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly secrets: Readonly<Record<string, string>>;
};

const placeholder =
  /\{(product|home|work|run|suffix|name|nonce|(?:fixture|secret)\.[A-Za-z0-9_.-]+)\}/g;

/** Throws `not-found` for an output or secret that there is not. */
export function fillText(text: string, places: Places): string {
  return text.replaceAll(placeholder, (_all, name: string) => {
    const found = valueOf(name, places);
    if (found === undefined) throw new WorldError('not-found', `nothing is known as {${name}}`);
    return found;
  });
}

function valueOf(name: string, places: Places): string | undefined {
  if (name.startsWith('secret.')) return places.secrets[name.slice('secret.'.length)];
  if (!name.startsWith('fixture.')) return places[name as 'home'];
  const [, id = '', ...output] = name.split('.');
  return places.fixtures[id]?.[output.join('.')];
}

export function fill<Value extends Json>(value: Value, places: Places): Value {
  if (typeof value === 'string') return fillText(value, places) as Value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return value.map((each: Json) => fill(each, places)) as unknown as Value;
  const entries = Object.entries(value as JsonObject).map(
    ([key, each]) => [fillText(key, places), fill(each, places)] as const,
  );
  return Object.fromEntries(entries) as Value;
}
