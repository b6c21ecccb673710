import type { Json } from '../ports/json.ts';

const pathsMax = 12;

/**
 * JSON Pointers at which two values differ, at most 12, in key order. Empty means equal by content:
 * key order does not count, everything else does.
 */
export function differences(wanted: Json | undefined, seen: Json | undefined): readonly string[] {
  const found: string[] = [];
  walk(wanted, seen, '', found);
  return found;
}

function walk(
  wanted: Json | undefined,
  seen: Json | undefined,
  path: string,
  found: string[],
): void {
  if (found.length >= pathsMax || Object.is(wanted, seen)) return;
  const [left, right] = [children(wanted), children(seen)];
  if (left === undefined || right === undefined || Array.isArray(wanted) !== Array.isArray(seen)) {
    found.push(path === '' ? '/' : path);
    return;
  }
  for (const key of [...new Set([...left.keys(), ...right.keys()])].sort())
    walk(
      left.get(key),
      right.get(key),
      `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      found,
    );
}

function children(value: Json | undefined): Map<string, Json> | undefined {
  return typeof value === 'object' && value !== null
    ? new Map<string, Json>(Object.entries(value))
    : undefined;
}
