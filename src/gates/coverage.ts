// Line coverage, whatever wrote it: which lines of which file count, and which of them ran.

import type { ChangedFile } from '../ports/work-tree.ts';

/** By path relative to the root: line number → whether it ran. */
export type Coverage = ReadonlyMap<string, ReadonlyMap<number, boolean>>;
export type CoverageReading =
  { readonly coverage: Coverage } | { readonly problems: readonly string[] };

export type Fraction = { readonly covered: number; readonly total: number };

export function addLine(
  files: Map<string, Map<number, boolean>>,
  path: string,
  line: { readonly number: number; readonly hit: boolean },
): void {
  const lines = files.get(path) ?? new Map<number, boolean>();
  files.set(path, lines);
  // Several records of one line, as of a test run in two processes: the highest counts.
  lines.set(line.number, line.hit || lines.get(line.number) === true);
}

export function mergeCoverage(parts: readonly Coverage[]): Coverage {
  const merged = new Map<string, Map<number, boolean>>();
  for (const part of parts)
    for (const [path, lines] of part)
      for (const [number, hit] of lines) addLine(merged, path, { number, hit });
  return merged;
}

export const fractionOf = (lines: Iterable<boolean>): Fraction => {
  let [covered, total] = [0, 0];
  for (const hit of lines) {
    total += 1;
    if (hit) covered += 1;
  }
  return { covered, total };
};

export const fileFractions = (coverage: Coverage): Readonly<Record<string, Fraction>> =>
  Object.fromEntries(
    [...coverage]
      .map(([path, lines]): [string, Fraction] => [path, fractionOf(lines.values())])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

export function totalOf(files: Readonly<Record<string, Fraction>>): Fraction {
  let [covered, total] = [0, 0];
  for (const each of Object.values(files)) {
    covered += each.covered;
    total += each.total;
  }
  return { covered, total };
}

const millionths = 1_000_000n;

/**
 * Whether `head` is below `base` by more than `tolerance` percentage points; in integers, since
 * 85.37 and 85.36 are not different enough to be told apart by rounded numbers.
 */
export function isBelow(head: Fraction, base: Fraction, tolerance = 0): boolean {
  const [a, b] = [BigInt(head.covered), BigInt(head.total)];
  const [c, d] = [BigInt(base.covered), BigInt(base.total)];
  const allowed = BigInt(Math.round(tolerance * 10_000)) * b * d;
  return (c * b - a * d) * millionths > allowed;
}

/** Per cent with four decimals, rounded down: what is shown never claims more than there is. */
export function percent({ covered, total }: Fraction): string {
  if (total === 0) return 'nothing';
  const tenThousandths = (BigInt(covered) * millionths) / BigInt(total);
  const digits = String(tenThousandths).padStart(5, '0');
  return `${digits.slice(0, -4)}.${digits.slice(-4)} %`;
}

/** Changed lines that count, and those of them that did not run. */
export function changedLines(
  coverage: Coverage,
  changes: readonly ChangedFile[],
): { readonly fraction: Fraction; readonly uncovered: readonly string[] } {
  const hits: boolean[] = [];
  const uncovered: string[] = [];
  for (const { path, lines } of changes)
    for (const number of lines) {
      const hit = coverage.get(path)?.get(number);
      if (hit === undefined) continue;
      hits.push(hit);
      if (!hit) uncovered.push(`${path}:${String(number)}`);
    }
  return { fraction: fractionOf(hits), uncovered };
}
