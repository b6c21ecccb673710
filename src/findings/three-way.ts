// Merging two descendants of one file, value by value.

/** The value both sides agree on, or `conflict` when both changed it, differently. */
export function mergeValue<Value>(
  base: Value,
  ours: Value,
  theirs: Value,
): { readonly value: Value } | 'conflict' {
  const [b, o, t] = [base, ours, theirs].map((each) => JSON.stringify(each));
  if (o === t || t === b) return { value: ours };
  return o === b ? { value: theirs } : 'conflict';
}

/** How often each key occurs in the merge: what each side added and took away, on top of the base. */
export function mergeCounts(
  base: ReadonlyMap<string, number>,
  ours: ReadonlyMap<string, number>,
  theirs: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    const [b, o, t] = [base, ours, theirs].map((side) => side.get(key) ?? 0) as [
      number,
      number,
      number,
    ];
    const count = Math.max(0, o + t - b);
    // Both sides that made the same change made it once.
    counts.set(key, o === t ? o : count);
  }
  return counts;
}

/** Lines of both sides: what either added is there, what either took away is not. Ours come first. */
export function mergeLines(
  base: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
): readonly string[] {
  const gone = new Set(base.filter((line) => !theirs.includes(line)));
  const known = new Set([...base, ...ours]);
  return [...ours.filter((line) => !gone.has(line)), ...theirs.filter((line) => !known.has(line))];
}
