/**
 * By Unicode code points, which is the order of the UTF-8 bytes. Comparing UTF-16 units would put
 * astral characters before U+E000 and differ from what git and `LC_ALL=C sort` make of the same names.
 */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (one !== other) return weight(one) - weight(other);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points beyond all others, so they move behind U+FFFF. */
function weight(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** The entries of a map in the order of their keys. */
export const sortedEntries = <Value>(
  map: ReadonlyMap<string, Value>,
): readonly (readonly [string, Value])[] => [...map].sort(([a], [b]) => compareText(a, b));
