import type { Json } from '../ports/json.ts';

export const pointerPattern = /^(?:\/(?:[^~/]|~[01])*)*$/u;

/** The value at a pointer (RFC 6901); undefined when there is none. */
export function valueAtPointer(value: Json | undefined, pointer: string): Json | undefined {
  if (pointer === '') return value;
  let at = value;
  for (const raw of pointer.slice(1).split('/')) {
    if (typeof at !== 'object' || at === null) return undefined;
    const step = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(at) && !/^(?:0|[1-9]\d{0,8})$/u.test(step)) return undefined;
    if (!Object.hasOwn(at, step)) return undefined;
    at = (at as Readonly<Record<string, Json>>)[step];
  }
  return at;
}
