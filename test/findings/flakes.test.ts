import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fisherExact, holm } from '../../src/findings/fisher.ts';
import { flakesJsonSchema, judgeFlakes, settleAlone } from '../../src/findings/flakes.ts';
import { intake, schemaErrors, subject } from './samples.ts';

const table = (a: number, b: number, c: number, d: number) => ({
  before: { failed: a, passed: b },
  after: { failed: c, passed: d },
});

describe("Fisher's exact test", () => {
  // Published values: the lady tasting tea, and tables of the R documentation's kind.
  test.each([
    [table(1, 3, 3, 1), 0.2428571429, 0.4857142857],
    [table(0, 4, 4, 0), 0.0142857143, 0.0285714286],
    [table(2, 15, 10, 3), 0.0004651809, 0.0005367241],
    [table(0, 0, 1, 0), 1, 1],
    [table(5, 5, 5, 5), 0.6718591006, 1],
  ])('%j', (counts, moreAfter, twoSided) => {
    const answer = fisherExact(counts);
    expect(answer.moreAfter).toBeCloseTo(moreAfter, 8);
    expect(answer.twoSided).toBeCloseTo(twoSided, 8);
  });

  test('it agrees with counting every way to deal the failures', () => {
    const small = fc.nat(6);
    fc.assert(
      fc.property(small, small, small, small, (a, b, c, d) => {
        fc.pre(a + b + c + d > 0);
        let [more, all] = [0, 0];
        for (let hand = 0; hand < 1 << (a + b + c + d > 12 ? 0 : a + b + c + d); hand += 1) {
          const bits = hand.toString(2).replaceAll('0', '').length;
          if (bits !== a + c) continue;
          all += 1;
          const after = (hand & ((1 << (c + d)) - 1)).toString(2).replaceAll('0', '').length;
          if (after >= c) more += 1;
        }
        if (all > 0) expect(fisherExact(table(a, b, c, d)).moreAfter).toBeCloseTo(more / all, 9);
      }),
    );
  });

  test('large counts stay exact', () => {
    const { moreAfter } = fisherExact(table(1000, 99_000, 1000, 99_000));
    expect(moreAfter).toBeGreaterThan(0.5);
    expect(moreAfter).toBeLessThan(0.52);
  });
});

test("Holm's correction", () => {
  expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
  expect(holm([])).toEqual([]);
  expect(holm([0.9, 0.8])).toEqual([1, 1]);
});

const runs = (pattern: string) =>
  Array.from(pattern, (letter) =>
    intake([subject('t', letter === 'F' ? [{}] : []), subject('other')]),
  );

describe('verdicts', () => {
  test.each([
    ['passed before, fails now, alone too', 'PPPP', 'F', 'F', 'broken'],
    ['fails now, passes alone', 'PPPP', 'F', 'P', 'flaky'],
    ['both ways on the same code', 'PPPP', 'FP', '', 'flaky'],
    ['one failure, never tried alone', 'PPPP', 'F', '', 'undecided'],
    ['fails far more often', 'P'.repeat(30), 'FFFFFFPP', '', 'worse'],
    ['as often as before', 'FFFPPP', 'FFFPPP', '', 'flaky'],
    ['enough failures speak without a run alone', 'P'.repeat(10), 'F'.repeat(10), '', 'worse'],
  ])('%s', (_, ...[before, after, alone, verdict]) => {
    const input = { before: runs(before), after: runs(after), alone: runs(alone), alpha: 0.05 };
    const answer = judgeFlakes(input);
    expect(answer.subjects).toMatchObject([{ path: 't', verdict }]);
    expect(schemaErrors(flakesJsonSchema, answer)).toEqual([]);
    expect(schemaErrors(flakesJsonSchema, { ...answer, alpha: 2 })).not.toEqual([]);
  });

  test('false alarms stay rare however many subjects there are', () => {
    // Forty subjects that fail every other time, before and after alike.
    const run = (at: number) =>
      intake(
        Array.from({ length: 40 }, (_, index) =>
          subject(`t${String(index)}`, (index * 7 + at * 3) % 5 < 2 ? [{}] : []),
        ),
      );
    const many = Array.from({ length: 10 }, (_, at) => run(at));
    const answer = judgeFlakes({ before: many, after: many, alone: [], alpha: 0.05 });
    expect(answer.subjects.filter(({ verdict }) => verdict === 'worse')).toEqual([]);
    expect(answer.subjects.length).toBeGreaterThan(0);
  });
});

test('what passes alone is listed, not counted; what does not stays', () => {
  const before = intake([subject('a', [{}]), subject('b', [{}]), subject('c', [{}])]);
  const settled = settleAlone(before, [intake([subject('a'), subject('b', [{}])])]);
  expect(settled.subjects.map(({ path, findings }) => `${path}${String(findings.length)}`)).toEqual(
    ['a0', 'b1', 'c1'],
  );
  expect(settled.flaky).toEqual([{ path: 'a', message: "unknown function 'foo'" }]);
});
