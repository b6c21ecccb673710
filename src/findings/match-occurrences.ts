import type { BaselineFile } from './baseline-schema.ts';
import type { Move, Occurrence } from './regress-schema.ts';

export type Matched = {
  readonly new: readonly Occurrence[];
  readonly fixed: readonly Occurrence[];
  readonly moved: readonly Move[];
};

/**
 * Pairs what is found now with what was found before, by fingerprint: first those at the same place,
 * then the rest in order as moved. What is left over is new or fixed. Each in the order of its side.
 */
export function matchOccurrences(
  now: readonly Occurrence[],
  before: readonly Occurrence[],
): Matched {
  const [nowKeys, beforeKeys] = [now.map(keyOf), before.map(keyOf)];
  const displaced = without({ side: now, keys: nowKeys }, beforeKeys);
  const left = without({ side: before, keys: beforeKeys }, nowKeys);
  const old = new Map<string, Occurrence[]>();
  for (const each of left) {
    const known = old.get(each.fingerprint);
    if (known === undefined) old.set(each.fingerprint, [each]);
    else known.push(each);
  }
  const taken = new Map<string, number>();
  const moved: Move[] = [];
  const fresh: Occurrence[] = [];
  for (const each of displaced) {
    const next = taken.get(each.fingerprint) ?? 0;
    const from = old.get(each.fingerprint)?.[next];
    if (from === undefined) fresh.push(each);
    else moved.push({ fingerprint: each.fingerprint, from: placeOf(from), to: placeOf(each) });
    taken.set(each.fingerprint, next + 1);
  }
  const gone = new Set([...old].flatMap(([print, all]) => all.slice(taken.get(print) ?? 0)));
  return { new: fresh, fixed: left.filter((each) => gone.has(each)), moved };
}

/** Those of one side that have no counterpart at the same place on the other, one for one. */
function without(
  { side, keys }: { readonly side: readonly Occurrence[]; readonly keys: readonly string[] },
  other: readonly string[],
): readonly Occurrence[] {
  const counts = new Map<string, number>();
  for (const key of other) counts.set(key, (counts.get(key) ?? 0) + 1);
  return side.filter((_, index) => {
    const key = keys[index] ?? '';
    const count = counts.get(key) ?? 0;
    counts.set(key, count - 1);
    return count <= 0;
  });
}

const keyOf = ({ fingerprint, path, line }: Occurrence): string =>
  `${fingerprint} ${String(line)} ${path}`;

const placeOf = ({ path, line }: Occurrence) => ({ path, line });

export const occurrencesOf = ({ path, findings }: BaselineFile): readonly Occurrence[] =>
  findings.map((finding) => {
    const { fingerprint, class: name, rule, line, message } = finding;
    return { fingerprint, class: name, rule, path, line, message };
  });
