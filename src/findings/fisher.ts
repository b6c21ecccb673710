// Fisher's exact test for a table of two by two: are failures more frequent on one side than chance
// explains? Exact for small counts, where flaky tests live and approximations fail.

export type TwoByTwo = {
  readonly before: { readonly failed: number; readonly passed: number };
  readonly after: { readonly failed: number; readonly passed: number };
};

export type FisherAnswer = {
  /** Chance of at least as many failures after, if nothing had changed. */
  readonly moreAfter: number;
  /** Chance of a table at least as unlikely as this one, either way. */
  readonly twoSided: number;
};

/** Tables whose probability differs by rounding alone are equally likely. */
const tolerance = 1 + 1e-7;

export function fisherExact({ before, after }: TwoByTwo): FisherAnswer {
  const failed = before.failed + after.failed;
  const trials = after.failed + after.passed;
  const total = trials + before.failed + before.passed;
  const fewest = Math.max(0, trials - (total - failed));
  const most = Math.min(failed, trials);
  const observed = likelihood(after.failed, { failed, trials, total });
  let [moreAfter, twoSided] = [0, 0];
  for (let each = fewest; each <= most; each += 1) {
    const chance = likelihood(each, { failed, trials, total });
    if (each >= after.failed) moreAfter += chance;
    if (chance <= observed * tolerance) twoSided += chance;
  }
  return { moreAfter: Math.min(1, moreAfter), twoSided: Math.min(1, twoSided) };
}

type Margins = { readonly failed: number; readonly trials: number; readonly total: number };

/** Hypergeometric: so many of all failures fall among the trials after. */
const likelihood = (among: number, { failed, trials, total }: Margins): number =>
  Math.exp(
    logChoose(failed, among) + logChoose(total - failed, trials - among) - logChoose(total, trials),
  );

const logChoose = (n: number, k: number): number =>
  logFactorial(n) - logFactorial(k) - logFactorial(n - k);

const tableSize = 256;
const table: readonly number[] = Array.from({ length: tableSize }).reduce<number[]>(
  (sums, _, n) => [...sums, n < 2 ? 0 : (sums[n - 1] ?? 0) + Math.log(n)],
  [],
);

/** Sums up to the table's end, Stirling's series beyond, where its error is below 1e-15. */
function logFactorial(n: number): number {
  const known = table[n];
  if (known !== undefined) return known;
  const series = 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5);
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + series;
}

/** Holm's correction: the chance that any of many comparisons misleads stays below the level. */
export function holm(chances: readonly number[]): readonly number[] {
  const order = chances
    .map((chance, index) => ({ chance, index }))
    .sort((a, b) => a.chance - b.chance);
  const adjusted = new Array<number>(chances.length).fill(1);
  let worst = 0;
  for (const [rank, { chance, index }] of order.entries()) {
    worst = Math.max(worst, Math.min(1, chance * (chances.length - rank)));
    adjusted[index] = worst;
  }
  return adjusted;
}
