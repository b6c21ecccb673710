import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderBaseline } from '../../src/findings/baseline.ts';
import type { Baseline } from '../../src/findings/baseline-schema.ts';
import { fingerprintOf } from '../../src/findings/fingerprint.ts';
import type { Finding, Subject } from '../../src/findings/finding.ts';
import { readBaseline, type Reference } from '../../src/findings/read-baseline.ts';
import { mayLower, regress, type RegressOptions } from '../../src/findings/regress.ts';
import { regressJsonSchema } from '../../src/findings/regress-schema.ts';
import { at, finding, schemaErrors, subject } from './samples.ts';
import { baselineOf } from './samples-baseline.ts';

const options: RegressOptions = {
  ...{ timestamp: at, today: '2026-03-01', absThreshold: 5, relThreshold: 0.1, any: false },
  ...{
    ratchet: false,
    perFingerprint: false,
    allowShrink: 0,
    suppressions: [],
    requireOwner: false,
  },
};

function reread(baseline: Baseline): Reference {
  const reading = readBaseline(renderBaseline(baseline));
  if ('problems' in reading) throw new Error(reading.problems.map(({ message }) => message).join());
  return reading.baseline;
}

function compare(
  now: readonly Subject[],
  before: readonly Subject[],
  change: Partial<RegressOptions> = {},
) {
  const sides = [reread(baselineOf(now)), reread(baselineOf(before))] as const;
  const answer = regress(...sides, { ...options, ...change });
  if ('problems' in answer) throw new Error(answer.problems.join('\n'));
  return answer.result;
}

function lowers(now: readonly Subject[], before: readonly Subject[]): boolean {
  return mayLower(reread(baselineOf(now)), reread(baselineOf(before)), compare(now, before));
}

/** So many failing files of each class among 2 000. */
function corpus(counts: Readonly<Record<string, number>>): readonly Subject[] {
  const names = Object.entries(counts).flatMap(([name, count]) => Array<string>(count).fill(name));
  return Array.from({ length: 2000 }, (_, index) => {
    const name = names[index];
    const path = `f${String(index).padStart(4, '0')}`;
    return subject(path, name === undefined ? [] : [{ class: name, context: path }]);
  });
}

describe('thresholds', () => {
  const parse = (count: number) => corpus({ PARSE_ERROR: count });
  const valid = (count: number) => corpus({ VALIDATION_ERROR: count });
  const table: readonly (readonly [
    what: string,
    now: readonly Subject[],
    before: readonly Subject[],
    ok: boolean,
  ])[] = [
    ['1800 to 1805', parse(1805), parse(1800), true],
    ['30 to 42', valid(42), valid(30), false],
    ['30 to 35: five is not more than five', valid(35), valid(30), true],
    ['60 to 66: exactly ten per cent', valid(66), valid(60), true],
    ['60 to 67', valid(67), valid(60), false],
    ['0 to 5', valid(5), valid(0), true],
    ['0 to 6', valid(6), valid(0), false],
    ['42 to 30', valid(30), valid(42), true],
    ['a class that is not asked for', corpus({ TIMEOUT_ERROR: 90 }), corpus({}), true],
    ['one internal error', corpus({ INTERNAL_ERROR: 1 }), corpus({}), false],
  ];
  test.each(table)('%s', (_, now, before, ok) => {
    expect(compare(now, before).ok).toBe(ok);
  });

  test('either is enough with any; a class can be asked for', () => {
    expect(compare(parse(1806), parse(1800), { any: true }).ok).toBe(false);
    expect(compare(valid(2), valid(1), { any: true }).ok).toBe(false);
    const asked = { codes: ['TIMEOUT_ERROR'] };
    expect(compare(corpus({ TIMEOUT_ERROR: 90 }), corpus({}), asked).ok).toBe(false);
  });

  test('the answer of the source document, and its schema', () => {
    const now = corpus({ PARSE_ERROR: 1810, VALIDATION_ERROR: 42 });
    const answer = compare(now, corpus({ PARSE_ERROR: 1800, VALIDATION_ERROR: 30 }));
    expect(answer).toMatchObject({
      ok: false,
      timestamp: at,
      new_counts: { PARSE_ERROR: 1810, VALIDATION_ERROR: 42 },
      ref_counts: { PARSE_ERROR: 1800, VALIDATION_ERROR: 30 },
      abs_threshold: 5,
      rel_threshold: 0.1,
      regressions: [
        { code: 'VALIDATION_ERROR', old: 30, new: 42, delta: 12, relative_increase: 0.4 },
      ],
      mode: 'thresholds',
      hard: [],
    });
    expect(schemaErrors(regressJsonSchema, answer)).toEqual([]);
    expect(schemaErrors(regressJsonSchema, { ...answer, ok: 'yes' })).not.toEqual([]);
  });
});

test('the ratchet notices one more of any class', () => {
  const [one, two] = [corpus({ TIMEOUT_ERROR: 1 }), corpus({ TIMEOUT_ERROR: 2 })];
  expect(compare(two, one).ok).toBe(true);
  expect(compare(two, one, { ratchet: true }).ok).toBe(false);
  expect(compare(one, two, { ratchet: true }).ok).toBe(true);
});

test('a reference is lowered, never raised', () => {
  const [one, two] = [corpus({ PARSE_ERROR: 1 }), corpus({ PARSE_ERROR: 2 })];
  expect(lowers(one, two)).toBe(true);
  expect(compare(two, one).ok).toBe(true);
  expect(lowers(two, one)).toBe(false);
});

describe('per fingerprint', () => {
  const other = (index: number): Partial<Finding> => ({ context: `other ${String(index)}` });
  const same = (index: number): Partial<Finding> => ({ context: `same ${String(index)}` });
  const perFingerprint = { perFingerprint: true };

  test('ten fixed and ten broken are equal by count', () => {
    const files = (what: (index: number) => Partial<Finding>) =>
      Array.from({ length: 10 }, (_, index) => subject(`f${String(index)}`, [what(index)]));
    const byCount = compare(files(other), files(same));
    expect([byCount.ok, byCount.new.length, byCount.fixed.length]).toEqual([true, 10, 10]);
    expect(compare(files(other), files(same), perFingerprint).ok).toBe(false);
    expect(compare(files(same), files(same), perFingerprint).ok).toBe(true);
  });

  test('another line or another file is a move, and never fails', () => {
    const before = [subject('a', [same(1)]), subject('b', [])];
    const down = compare(
      [subject('a', [{ ...same(1), place: { line: 9 } }]), subject('b')],
      before,
      perFingerprint,
    );
    expect(down).toMatchObject({
      ok: true,
      new: [],
      moved: [{ from: { line: 3 }, to: { line: 9 } }],
    });
    const elsewhere = compare([subject('a'), subject('b', [same(1)])], before, perFingerprint);
    expect(elsewhere).toMatchObject({
      ok: true,
      moved: [{ from: { path: 'a' }, to: { path: 'b' } }],
    });
  });

  test('a second occurrence is new', () => {
    const twice = compare(
      [subject('a', [same(1), { ...same(1), place: { line: 8 } }])],
      [subject('a', [same(1)])],
      perFingerprint,
    );
    expect(twice).toMatchObject({ ok: false, new: [{ path: 'a', line: 8 }], moved: [], fixed: [] });
  });

  test('what is set aside is left out on both sides', () => {
    const { fingerprint } = fingerprintOf(finding(other(1)));
    const suppressions = [{ fingerprint, reason: 'x', file: 's', line: 1 }];
    const now = [subject('a', [other(1)])];
    expect(compare(now, [subject('a')], { ...perFingerprint, suppressions }).ok).toBe(true);
    expect(compare(now, [subject('a')], perFingerprint).ok).toBe(false);
    expect(compare([subject('a')], now, { ...perFingerprint, suppressions }).fixed).toEqual([]);
  });
});

test('new, fixed and moved add up to what is there', () => {
  const anyFinding = fc.record({
    context: fc.constantFrom('a', 'b', 'c'),
    place: fc.record({ line: fc.integer({ min: 1, max: 4 }) }),
  });
  const anySide = fc.tuple(fc.array(anyFinding), fc.array(anyFinding));
  fc.assert(
    fc.property(anySide, anySide, (now, before) => {
      const files = (side: typeof now) => [subject('a', side[0]), subject('b', side[1])];
      const answer = compare(files(now), files(before), { perFingerprint: true });
      const count = (side: typeof now) => side.flat().length;
      expect(count(now) - answer.new.length).toBe(count(before) - answer.fixed.length);
      const back = compare(files(before), files(now), { perFingerprint: true });
      expect([back.new.length, back.fixed.length, back.moved.length]).toEqual([
        ...[answer.fixed.length, answer.new.length, answer.moved.length],
      ]);
    }),
  );
});

describe('not comparable', () => {
  const sides = (change: Partial<Reference>, shrunk = 0) => {
    const all = corpus({});
    const now = { ...reread(baselineOf(all.slice(shrunk))), ...change };
    return [now, reread(baselineOf(all))] as const;
  };
  const problemsOf = (
    pair: readonly [Reference, Reference],
    change: Partial<RegressOptions> = {},
  ) => {
    const answer = regress(...pair, { ...options, ...change });
    return 'problems' in answer ? answer.problems.join('\n') : '';
  };

  test.each([
    ['one file fewer', sides({}, 1), /1 fewer .*\nf0000/s],
    ['another checker', sides({ checker: 'reference' }), /checker reference/],
    ['another kind', sides({ inputs: ['junit'] }), /of junit, the reference of aether/],
  ])('%s', (_, pair, problem) => {
    expect(problemsOf(pair)).toMatch(problem);
  });

  test('canary: the same are; so are fewer when that is allowed', () => {
    expect(problemsOf(sides({}))).toBe('');
    expect(problemsOf(sides({}, 2), { allowShrink: 2 })).toBe('');
    expect(problemsOf(sides({}, 3), { allowShrink: 2 })).toMatch(/f0002/);
  });

  test('without fingerprints there is no comparison by them', () => {
    const pair = sides({ fingerprinted: false });
    expect(problemsOf(pair)).toBe('');
    expect(problemsOf(pair, { perFingerprint: true })).toMatch(/without fingerprints/);
  });
});

test('a mended file of a SARIF log is no shrinkage, a sound one that vanished is', () => {
  const sarif = (subjects: readonly Subject[]) =>
    reread(baselineOf(subjects, { kinds: ['sarif'] }));
  const answer = (now: readonly Subject[]) =>
    regress(sarif(now), sarif([subject('bad', [{}]), subject('good')]), options);
  expect(answer([subject('good')])).toHaveProperty('result.ok', true);
  expect(answer([subject('bad', [{}])])).toHaveProperty('problems');
});

test('every failing class of a test report counts unless others are asked for', () => {
  const junit = (count: number) =>
    reread(
      baselineOf(
        Array.from({ length: 20 }, (_, index) =>
          subject(
            `t${String(index)}`,
            index < count ? [{ class: 'FAILURE', source: 'junit' }] : [],
          ),
        ),
        { kinds: ['junit'] },
      ),
    );
  expect(regress(junit(10), junit(1), options)).toHaveProperty('result.ok', false);
  const other = { ...options, codes: ['PARSE_ERROR'] };
  expect(regress(junit(10), junit(1), other)).toHaveProperty('result.ok', true);
});
