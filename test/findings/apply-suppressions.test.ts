import { expect, test } from 'vitest';
import {
  applySuppressions,
  type ApplyOptions,
  type Candidate,
} from '../../src/findings/apply-suppressions.ts';
import { suppressionWarnings } from '../../src/findings/suppression-warnings.ts';
import type { Entry, Suppression } from '../../src/findings/suppression.ts';

const [one, two, reference] = ['1'.repeat(16), '2'.repeat(16), 'e'.repeat(16)];
const today = '2026-03-01';
const options: ApplyOptions = { today, requireOwner: false };

const candidate = (fingerprint: string, change: Partial<Candidate> = {}): Candidate => ({
  fingerprint,
  rule: 'E_X',
  subject: 'a/b.aether',
  ...change,
});
const listed = (fingerprint: string): Entry => ({
  fingerprint,
  reason: '',
  file: 'l.txt',
  line: 1,
});
const record = (change: Partial<Suppression> = {}): Entry => {
  const values: Suppression = {
    fingerprint: one,
    reason: 'it is being migrated',
    owner: 'mara',
    created: '2026-02-01',
    expires: '2026-06-01',
    ...change,
  };
  const { fingerprint, reason } = values;
  return { fingerprint, reason, record: values, file: 's.yaml', line: 2 };
};

function apply(
  entries: readonly Entry[],
  candidates: readonly Candidate[],
  change: Partial<ApplyOptions> = {},
) {
  const applied = applySuppressions(entries, candidates, { ...options, ...change });
  const suppressed = candidates.map((each) => applied.entryFor(each) !== undefined);
  const uses = applied.uses();
  const codes = suppressionWarnings(uses, candidates.length, change.today ?? today).map(
    ({ code }) => code,
  );
  return { suppressed, uses, codes };
}

/** So many others that nothing counts as mass suppression. */
const crowd = Array.from({ length: 30 }, (_, at) => candidate(String(at).padStart(16, 'a')));

test.each<readonly [what: string, entry: Entry, candidate: Candidate, expected: boolean]>([
  ['the whole fingerprint', record(), candidate(one), true],
  ['another fingerprint', record(), candidate(two), false],
  ['a prefix of it', listed('1'.repeat(8)), candidate(one), false],
  ['a list entry', listed(one), candidate(one), true],
  ['its rule', record({ rule: 'E_X' }), candidate(one), true],
  ['another rule', record({ rule: 'E_Y' }), candidate(one), false],
  ['a fitting path', record({ paths: ['x/*', 'a/**'] }), candidate(one), true],
  ['another path', record({ paths: ['a/*.yaml'] }), candidate(one), false],
  ['the last day', record({ expires: today }), candidate(one), true],
  ['the day after', record({ expires: '2026-02-28' }), candidate(one), false],
])('%s', (_, entry, each, expected) => {
  expect(apply([entry], [each]).suppressed).toEqual([expected]);
});

test('a reference fingerprint works where it covers one finding alone', () => {
  const covered = { referenceFingerprint: reference };
  const single = apply([listed(reference)], [candidate(one, covered), candidate(one, covered)]);
  expect(single.suppressed).toEqual([true, true]);
  const several = apply([listed(reference)], [candidate(one, covered), candidate(two, covered)]);
  expect(several.suppressed).toEqual([false, false]);
  expect(several.uses[0]).toMatchObject({ state: 'ambiguous', strangers: [one, two] });
  expect(several.codes).toContain('W_SUPPRESS_AMBIGUOUS');
});

test('an own fingerprint is not taken for a reference one', () => {
  const others = [candidate(one), candidate(two, { referenceFingerprint: one })];
  expect(apply([listed(one)], others).suppressed).toEqual([true, false]);
});

test('a record counts before a list entry, also when it has expired', () => {
  const both = apply([listed(one), record()], [candidate(one)]);
  expect(both.uses.map(({ state, findings }) => [state, findings])).toEqual([
    ['overruled', 0],
    ['active', 1],
  ]);
  const expired = apply([listed(one), record({ expires: '2026-02-02' })], [candidate(one)]);
  expect(expired.suppressed).toEqual([false]);
});

test('list entries are powerless where owners are required', () => {
  const strict = { requireOwner: true };
  expect(apply([listed(one)], [candidate(one)], strict).suppressed).toEqual([false]);
  expect(apply([record()], [candidate(one)], strict).suppressed).toEqual([true]);
});

test.each<readonly [entry: Entry, codes: readonly string[]]>([
  [record(), []],
  [record({ fingerprint: two }), ['W_SUPPRESS_UNUSED']],
  [record({ expires: '2026-03-15' }), ['W_SUPPRESS_SOON']],
  [record({ expires: '2026-03-16' }), []],
  [record({ created: '2025-11-30' }), ['W_SUPPRESS_OLD']],
  [record({ created: '2025-12-01' }), []],
  [record({ expires: '2026-02-28' }), ['W_SUPPRESS_EXPIRED']],
  [listed(one), ['W_SUPPRESS_NO_OWNER']],
])('warnings about %j', (entry, codes) => {
  expect(apply([entry], [candidate(one), ...crowd]).codes).toEqual(codes);
});

test('setting many aside is noticed', () => {
  const same = (count: number) => Array.from({ length: count }, () => candidate(one));
  const rest = Array.from({ length: 300 }, () => candidate(two));
  expect(apply([record()], [...same(20), ...rest]).codes).toEqual([]);
  expect(apply([record()], [...same(21), ...rest]).codes).toEqual(['W_SUPPRESS_MASS']);
  const ten = Array.from({ length: 9 }, () => candidate(two));
  expect(apply([record()], [...same(1), ...ten]).codes).toEqual([]);
  expect(apply([record()], [...same(1), ...ten.slice(1)]).codes).toEqual(['W_SUPPRESS_MASS']);
});
