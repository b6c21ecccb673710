import type { Json } from '../ports/json.ts';

/** Found or not: a value that is there may be null. */
export type Looked = { readonly value: Json } | undefined;

/**
 * The value at a JSON Pointer (RFC 6901); undefined when there is none. `/` alone is everything, as files of
 * people write it: a member whose name is empty cannot be named.
 */
export function lookUp(value: Json, pointer: string): Looked {
  if (pointer === '' || pointer === '/') return { value };
  let at = value;
  for (const raw of pointer.slice(1).split('/')) {
    if (typeof at !== 'object' || at === null) return undefined;
    const step = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(at) && !/^(?:0|[1-9]\d{0,8})$/.test(step)) return undefined;
    if (!Object.hasOwn(at, step)) return undefined;
    at = (at as Readonly<Record<string, Json>>)[step] ?? null;
  }
  return { value: at };
}

/** One step of a pointer, for names that may hold `/` or `~`. */
export const pointerStep = (name: string): string =>
  `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
