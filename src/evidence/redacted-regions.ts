// The parts of a stream that are to be masked, and handing out the rest. Regions that overlap are
// merged, so that no byte of a secret survives because another secret began earlier.

import { concat } from './concat.ts';
import type { Range } from './shape-view.ts';

export type Region = Range & {
  readonly name: string;
  /** The heaviest of merged regions gives the name. */
  readonly weight: number;
};

/** Bytes of a stream; `base` is the position of the first. */
export type Slice = { readonly bytes: Uint8Array; readonly base: number };

export type Regions = {
  readonly add: (region: Region) => void;
  /** Hands out everything before `until`, masked. A region across it stays open; its bytes go. */
  readonly give: (slice: Slice, until: number) => Uint8Array;
  /** Everything before this position has been handed out. */
  readonly given: () => number;
};

const utf8 = new TextEncoder();

export function makeRegions(): Regions {
  // Sorted and apart.
  let regions: Region[] = [];
  let given = 0;

  /** New regions nearly always belong at the end, so the search begins there. */
  const add = (region: Region): void => {
    let after = regions.length;
    while (after > 0 && (regions[after - 1]?.start ?? 0) >= region.end) after -= 1;
    let first = after;
    let merged = region;
    let each = regions[first - 1];
    while (each !== undefined && each.end > region.start) {
      merged = merge(each, merged);
      first -= 1;
      each = regions[first - 1];
    }
    regions.splice(first, after - first, merged);
  };

  const give = ({ bytes, base }: Slice, until: number): Uint8Array => {
    const parts: Uint8Array[] = [];
    for (const { start, end, name } of regions) {
      if (start >= until) break;
      if (start > given) parts.push(bytes.subarray(given - base, start - base));
      given = Math.max(given, Math.min(end, until));
      if (end <= until) parts.push(utf8.encode(`[REDACTED:${name}]`));
    }
    regions = regions.filter(({ end }) => end > until);
    if (until > given) parts.push(bytes.subarray(given - base, until - base));
    given = Math.max(given, until);
    return concat(parts);
  };

  return { add, give, given: () => given };
}

/** The name of the heavier, the extent of both. */
function merge(a: Region, b: Region): Region {
  const named = a.weight >= b.weight ? a : b;
  return { ...named, start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}
