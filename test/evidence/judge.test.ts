import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { operators, type Expectation, type Operator } from '../../src/evidence/expectation.ts';
import { judgeFacts } from '../../src/evidence/judge.ts';
import { isNewer } from '../../src/evidence/newer.ts';
import type { Json } from '../../src/ports/json.ts';

type Case = readonly [op: Operator, left: Json, right: Json, verdict: string];

/** Of every operator one that holds and one that does not; `right` is given as a value and as a place. */
const cases: readonly Case[] = [
  ['equals', { b: [1, 'x'], a: 1 }, { a: 1, b: [1, 'x'] }, 'passed'],
  ['equals', false, 0, 'failed'],
  ['equals', 0, 0, 'passed'],
  ['not-equals', 'a', 'b', 'passed'],
  ['not-equals', 'a', 'a', 'failed'],
  ['same-as', 'a', 'a', 'passed'],
  ['same-as', 'a', 'b', 'failed'],
  ['differs-from', 'a', 'b', 'passed'],
  ['differs-from', [1], [1], 'failed'],
  ['contains', 'up to date', 'date', 'passed'],
  ['contains', [1, { a: 1 }], { a: 1 }, 'passed'],
  ['contains', { a: 1 }, 'a', 'passed'],
  ['contains', { a: 1 }, 'b', 'failed'],
  ['contains', [1], 2, 'failed'],
  ['contains', 1, 'a', 'inconclusive'],
  ['lacks', 'stale', 'date', 'passed'],
  ['lacks', [1], 1, 'failed'],
  ['lacks', true, 'a', 'inconclusive'],
  ['subset-of', [1], [2, 1], 'passed'],
  ['subset-of', [1, 3], [2, 1], 'failed'],
  ['subset-of', 'a', ['a'], 'inconclusive'],
  ['set-equals', [1, 2, 1], [2, 1], 'passed'],
  ['set-equals', [1], [2, 1], 'failed'],
  ['at-least', 2, 2, 'passed'],
  ['at-least', 1, 2, 'failed'],
  ['at-least', '3', 2, 'inconclusive'],
  ['at-most', 2, 2, 'passed'],
  ['at-most', 3, 2, 'failed'],
  ['newer-than', '2026.5.22', '2026.3.11', 'passed'],
  ['newer-than', '2026.3.11', '2026.3.11', 'failed'],
  ['newer-than', 'new', 'old', 'inconclusive'],
  ['matches', 'recreate failed: old kept', 'failed.*kept$', 'passed'],
  ['matches', 'done', 'fail', 'failed'],
  ['matches', 'done', '(?=x)', 'inconclusive'],
];

describe('comparing', () => {
  test.each(cases)('%s %j %j: %s', (op, left, right, verdict) => {
    const observed = { left, right };
    expect(judgeFacts(observed, [{ at: '/left', op, value: right }]).verdict).toBe(verdict);
    expect(judgeFacts(observed, [{ at: '/left', op, to: '/right' }]).verdict).toBe(verdict);
  });

  const compared = [...new Set(cases.map(([op]) => op))];

  test.each(compared)('%s of what was not observed', (op) => {
    for (const [at, to] of [
      ['/gone', '/right'],
      ['/right', '/gone'],
      ['/right/0/deep', '/right'],
    ] as const)
      expect(judgeFacts({ right: ['a'] }, [{ at, op, to }])).toMatchObject({
        verdict: 'inconclusive',
        reasons: ['not-found'],
      });
  });

  test.each(compared)('%s of nothing', (op) => {
    for (const empty of ['', [], {}, null])
      for (const [left, right] of [
        [empty, 'a'],
        ['a', empty],
        [empty, empty],
      ] as const)
        expect(judgeFacts({ left, right }, [{ at: '/left', op, to: '/right' }])).toMatchObject({
          verdict: 'inconclusive',
          reasons: ['empty-comparison'],
        });
  });

  test('nothing may be compared where the register says why', () => {
    const mayBeEmpty = 'a fresh app has no notes';
    const same: Expectation = { at: '/a', op: 'same-as', to: '/b', mayBeEmpty };
    expect(judgeFacts({ a: [], b: [] }, [same]).verdict).toBe('passed');
    expect(judgeFacts({ a: [], b: [1] }, [same]).verdict).toBe('failed');
  });

  test('every operator has a case that holds and one that does not', () => {
    const asked = ['exists', 'absent', 'non-empty'];
    for (const op of operators.filter((each) => !asked.includes(each)))
      expect(cases.filter((each) => each[0] === op).map(([, , , verdict]) => verdict)).toEqual(
        expect.arrayContaining(['passed', 'failed']),
      );
  });
});

test.each([
  ['exists', '/a', 'passed'],
  ['exists', '/b', 'failed'],
  ['absent', '/b', 'passed'],
  ['absent', '/a/0', 'failed'],
  ['absent', '/a/1', 'passed'],
  ['non-empty', '/a', 'passed'],
  ['non-empty', '/e', 'failed'],
  ['non-empty', '/b', 'inconclusive'],
] as const)('%s %s: %s', (op, at, verdict) => {
  expect(judgeFacts({ a: [null], e: {} }, [{ at, op }]).verdict).toBe(verdict);
});

test('what failed outweighs what is open, and says its reason', () => {
  const judged = judgeFacts({ exit: 0, said: 'done' }, [
    { at: '/exit', op: 'not-equals', value: 0, reason: 'did-not-fail' },
    { at: '/gone', op: 'equals', value: 1 },
  ]);
  expect(judged).toMatchObject({ verdict: 'failed', reasons: ['did-not-fail', 'not-found'] });
  expect(judged.message).toContain('did-not-fail: `/exit` is 0');
});

test('names with slash and tilde are reached', () => {
  expect(judgeFacts({ 'a/b~c': 1 }, [{ at: '/a~1b~0c', op: 'equals', value: 1 }]).verdict).toBe(
    'passed',
  );
  expect(judgeFacts({ a: 1 }, [{ at: '/', op: 'equals', value: { a: 1 } }]).verdict).toBe('passed');
});

const pointer = fc.constantFrom('/', '/a', '/b', '/a/0', '/a/b');
const expectation = fc.record({
  at: pointer,
  op: fc.constantFrom(...operators),
  value: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
});

test('no facts, no expectations: never passed', () => {
  const facts = fc.constantFrom<Json>(null, '', [], {});
  fc.assert(
    fc.property(facts, fc.array(expectation), (observed, expect_) => {
      expect(judgeFacts(observed, expect_).verdict).not.toBe('passed');
    }),
  );
  fc.assert(
    fc.property(fc.jsonValue(), (observed) => {
      expect(judgeFacts(observed as Json, []).verdict).toBe('inconclusive');
    }),
  );
});

test('one more expectation never makes it better', () => {
  const rank = ['passed', 'inconclusive', 'failed'];
  const facts = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
  fc.assert(
    fc.property(facts, fc.array(expectation, { minLength: 1 }), expectation, (all, some, more) => {
      const [before, after] = [judgeFacts(all, some), judgeFacts(all, [...some, more])];
      expect(rank.indexOf(after.verdict)).toBeGreaterThanOrEqual(rank.indexOf(before.verdict));
    }),
  );
});

test.each([
  ['0.0.45', '0.0.44', true],
  ['0.0.9', '0.0.44', false],
  ['1.0.0', '1.0.0-rc.1', true],
  ['2026.5.22.1', '2026.5.22', true],
  ['2026.5', '2026.5.0', false],
  ['2026-11-21T10:00:00.5Z', '2026-11-21T10:00:00Z', true],
  ['2026-11-21T10:00:00.50Z', '2026-11-21T10:00:00.5Z', false],
  ['2026-11-21T10:00:00Z', '1.0.0', undefined],
  ['', '1.0.0', undefined],
])('%s newer than %s: %s', (one, other, newer) => {
  expect(isNewer(one, other)).toBe(newer);
});
