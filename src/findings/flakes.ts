// Which failing subjects are broken, which are flaky, and which fail more often than before. A subject
// that fails among others is tried alone first: only then does its failure say something about itself.

import * as z from 'zod';
import { fisherExact, holm } from './fisher.ts';
import type { Intake } from './finding.ts';
import { sortedEntries } from './order.ts';

const tally = z.strictObject({
  failed: z.int().nonnegative(),
  passed: z.int().nonnegative(),
});

const judged = z.strictObject({
  path: z.string(),
  verdict: z
    .enum(['broken', 'worse', 'flaky', 'undecided'])
    .describe(
      'broken: fails every time, alone too · worse: fails more often than chance explains · flaky: passes and fails on the same code · undecided: too few runs',
    ),
  before: tally,
  after: tally,
  alone: tally.describe('Of runs of the failing subjects on their own'),
  p: z.number().min(0).max(1).describe("Fisher's exact test, one-sided: more failures after"),
  p_adjusted: z
    .number()
    .min(0)
    .max(1)
    .describe("After Holm's correction for the number of subjects"),
});

export const flakesSchema = z.strictObject({
  alpha: z.number().gt(0).lt(1),
  runs: z.strictObject({ before: z.int(), after: z.int(), alone: z.int() }),
  subjects: z.array(judged).describe('Those that failed at least once after, by path'),
});
export type Flakes = Readonly<z.infer<typeof flakesSchema>>;
type Tally = { failed: number; passed: number };

/** JSON Schema 2020-12. */
export const flakesJsonSchema = z.toJSONSchema(flakesSchema, { target: 'draft-2020-12' });

export type FlakeInput = {
  /** One intake for each run of the reference. */
  readonly before: readonly Intake[];
  /** One for each run of the code in question, all of the same code. */
  readonly after: readonly Intake[];
  /** Runs of failing subjects on their own, same code. */
  readonly alone: readonly Intake[];
  /** Chance of one false alarm in all that is accepted. */
  readonly alpha: number;
};

export function judgeFlakes({ before, after, alone, alpha }: FlakeInput): Flakes {
  const [old, fresh, single] = [tallies(before), tallies(after), tallies(alone)];
  const failing = sortedEntries(fresh).filter(([, { failed }]) => failed > 0);
  const chances = failing.map(
    ([path, now]) => fisherExact({ before: old.get(path) ?? none, after: now }).moreAfter,
  );
  const adjusted = holm(chances);
  return {
    alpha,
    runs: { before: before.length, after: after.length, alone: alone.length },
    subjects: failing.map(([path, now], index) => {
      const facts = { before: old.get(path) ?? none, after: now, alone: single.get(path) ?? none };
      const [p, p_adjusted] = [rounded(chances[index]), rounded(adjusted[index])];
      return { path, verdict: verdictOf(facts, p_adjusted < alpha), ...facts, p, p_adjusted };
    }),
  };
}

const none: Tally = { failed: 0, passed: 0 };

const rounded = (value = 1): number => Number(value.toPrecision(6));

function verdictOf(
  { after, alone }: { readonly after: Tally; readonly alone: Tally },
  isWorse: boolean,
): Flakes['subjects'][number]['verdict'] {
  // A single green run on the same code proves that the code can pass.
  if (after.passed + alone.passed > 0) return isWorse ? 'worse' : 'flaky';
  if (alone.failed > 0) return 'broken';
  return isWorse ? 'worse' : 'undecided';
}

/** A pass that another try needed counts as both. */
function tallies(intakes: readonly Intake[]): ReadonlyMap<string, Tally> {
  const counts = new Map<string, Tally>();
  const of = (path: string): Tally => {
    const known = counts.get(path) ?? { failed: 0, passed: 0 };
    counts.set(path, known);
    return known;
  };
  for (const { subjects, flaky } of intakes) {
    for (const { path, findings } of subjects)
      of(path)[findings.length > 0 ? 'failed' : 'passed'] += 1;
    for (const { path } of flaky) of(path).failed += 1;
  }
  return counts;
}

/**
 * The intake with what failed among others but passed alone listed as flaky instead of counted. What
 * was not tried alone stays as it is.
 */
export function settleAlone(intake: Intake, alone: readonly Intake[]): Intake {
  const single = tallies(alone);
  const passes = ({ path }: { readonly path: string }): boolean => {
    const { passed, failed } = single.get(path) ?? none;
    return passed > 0 && failed === 0;
  };
  const moved = intake.subjects.filter((each) => each.findings.length > 0 && passes(each));
  if (moved.length === 0) return intake;
  const flaky = moved.map(({ path, findings }) => ({ path, message: findings[0]?.message ?? '' }));
  return {
    ...intake,
    subjects: intake.subjects.map((each) =>
      each.findings.length > 0 && passes(each) ? { ...each, findings: [] } : each,
    ),
    flaky: [...intake.flaky, ...flaky],
  };
}
