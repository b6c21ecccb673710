// Claims and amendments, at their borders.

import { expect, test } from 'vitest';
import { judgeAmendments } from '../../src/audit/amendment.ts';
import { judgeClaim } from '../../src/audit/claim.ts';
import type { Amendment, Claim } from '../../src/audit/queue-schema.ts';
import { reasonOf, type ReasonCode } from '../../src/audit/reason.ts';
import { packFiles } from './sample-pack.ts';
import { headBuild, instance } from './sample-run.ts';
import { makeSample, openSampleAudit, writeCompleteStore, writeRun } from './sample-store.ts';

const claim = (change: Partial<Claim> = {}): Claim => ({
  ...{ id: 'CL-1', row: 'AQ-001', by: 'ada', statement: 'It is covered.' },
  ...{ bundles: ['run-rebuild'], at: '2026-01-01T00:00:00Z' },
  ...change,
});

const codes = (reasons: readonly { readonly code: string }[]): readonly string[] => [
  ...new Set(reasons.map(({ code }) => code)),
];

test('a claim of what is proven is validated, by run or by chain head', async () => {
  const sample = await makeSample();
  await writeCompleteStore(sample);
  const audit = await openSampleAudit(sample);
  const head = audit.view.bundles.get('run-rebuild')?.head ?? '';
  for (const bundles of [['run-rebuild'], [head]])
    expect(judgeClaim(audit, claim({ bundles }))).toMatchObject({
      outcome: 'validated',
      reasons: [],
    });
});

test('a claim from something fresh names the old state that is missing', async () => {
  const sample = await makeSample({
    'scenarios/fresh.yaml': (packFiles['scenarios/rebuild.yaml'] ?? '')
      .replace('id: rebuild,', 'id: fresh,')
      // Its role is called as the row wants it; records decide.
      .replace('rows: [AQ-001]}\nspec', 'rows: []}\nspec')
      .replaceAll('rows: [AQ-001]}', 'rows: []}'),
  });
  await writeCompleteStore(sample);
  await writeRun(sample, 'fresh', 'run-fresh', {
    draft: (draft) =>
      draft
        .applied('old-image', headBuild)
        .with({ observed: { deploy: [instance(headBuild, 'c1')] } }),
  });
  const audit = await openSampleAudit(sample);
  const { outcome, reasons } = judgeClaim(audit, claim({ bundles: ['run-fresh'] }));
  expect(outcome).toBe('rejected');
  expect(codes(reasons)).toEqual(
    expect.arrayContaining([
      ...['fresh-only-claim', 'missing-old-sandbox-fixture', 'no-bundle', 'unplanned-scenario'],
    ]),
  );
});

test('a claim of an older pass does not outlive a newer failure', async () => {
  const sample = await makeSample();
  await writeCompleteStore(sample);
  await writeRun(sample, 'rebuild', 'run-red', {
    draft: (draft) => draft.fail('demo.rebuild.marker-kept'),
  });
  const { reasons } = judgeClaim(await openSampleAudit(sample), claim());
  expect(codes(reasons)).toEqual(['newer-run-failed']);
});

test.each<readonly [string, Partial<Claim>, string]>([
  ['a bundle that is not there', { bundles: ['run-gone'] }, 'no-bundle'],
  ['a row that is not there', { row: 'AQ-999' }, 'unplanned-scenario'],
  ['a bundle with a planted fault', { bundles: ['mutant-rebuild.lose-marker'] }, 'mutant-bundle'],
])('a claim of %s', async (_name, change, expected) => {
  const sample = await makeSample();
  await writeCompleteStore(sample);
  const { outcome, reasons } = judgeClaim(await openSampleAudit(sample), claim(change));
  expect(outcome).toBe('rejected');
  expect(codes(reasons)).toContain(expected);
});

const at = '2026-01-02T00:00:00Z';
const amendment = (change: Partial<Amendment> = {}): Amendment => ({
  ...{ id: 'AM-1', row: 'AQ-001', owner: 'ada', approvedBy: 'bo', acknowledges: [] },
  rationale: 'x'.repeat(40),
  ...{ created: '2026-01-01T00:00:00Z', expires: '2026-03-01T00:00:00Z' },
  link: 'https://example.org/1',
  ...change,
});
const reason = (code: ReasonCode, check?: string) =>
  reasonOf('AQ-001', { code, message: code, ...(check === undefined ? {} : { check }) });
const open = [reason('no-bundle')];

const days = (from: string, count: number): string =>
  new Date(Date.parse(from) + count * 86_400_000).toISOString();

test.each<
  readonly [string, Partial<Amendment>, 'stands' | 'amendment-expired' | 'amendment-invalid']
>([
  ['as it should be', {}, 'stands'],
  ['a rationale of 40 characters', { rationale: 'x'.repeat(40) }, 'stands'],
  ['a rationale of 39', { rationale: 'x'.repeat(39) }, 'amendment-invalid'],
  ['blanks around 39', { rationale: ` ${'x'.repeat(39)} ` }, 'amendment-invalid'],
  ['180 days', { expires: days('2026-01-01T00:00:00Z', 180) }, 'stands'],
  ['a millisecond more', { expires: '2026-06-30T00:00:00.001Z' }, 'amendment-invalid'],
  ['expiring this very moment', { expires: at }, 'stands'],
  ['expired a second ago', { expires: '2026-01-01T23:59:59Z' }, 'amendment-expired'],
  ['one person', { approvedBy: 'Ada ' }, 'amendment-invalid'],
  ['nobody', { approvedBy: ' ' }, 'amendment-invalid'],
  ['no URL', { link: 'see the wiki' }, 'amendment-invalid'],
  ['of tomorrow', { created: '2026-01-03T00:00:00Z' }, 'amendment-invalid'],
  [
    'ending before it begins',
    { created: at, expires: '2026-01-01T00:00:00Z' },
    'amendment-invalid',
  ],
  ['acknowledging what is no reason', { acknowledges: ['everything'] }, 'amendment-invalid'],
])('an amendment: %s', (_name, change, expected) => {
  const { amendment: standing, found } = judgeAmendments([amendment(change)], open, at);
  expect(standing === undefined ? found.map(({ code }) => code) : ['stands']).toEqual([expected]);
});

test.each<readonly [ReasonCode, string | undefined, string[], boolean]>([
  ['secret-found', undefined, ['secret-found'], false],
  ['fixture-not-restored', undefined, ['fixture-not-restored'], false],
  ['bundle-broken', undefined, ['bundle-broken'], false],
  ['undo-timed-out', undefined, ['undo-timed-out'], false],
  ['evidence-digest-mismatch', undefined, ['evidence-digest-mismatch'], false],
  ['check-failed', 'demo.a.b', [], false],
  ['check-failed', 'demo.a.b', ['demo.a.c'], false],
  ['check-failed', 'demo.a.b', ['demo.a.b'], true],
  ['newer-run-failed', 'demo.a.b', ['newer-run-failed'], true],
  ['not-run', undefined, [], true],
])('an amendment over %s of %s that lists %j', (code, check, acknowledges, covers) => {
  const answer = judgeAmendments([amendment({ acknowledges })], [reason(code, check)], at);
  expect(answer.amendment !== undefined).toBe(covers);
  if (!covers) expect(answer.warnings.join()).toContain(`cannot hide ${code}`);
});

test('it warns for fourteen days before it ends, and when nothing needs it', () => {
  const warned = (expires: string) => judgeAmendments([amendment({ expires })], open, at).warnings;
  expect(warned(days(at, 14))).toEqual(['AM-1 expires in 14 days.']);
  expect(warned(days(at, 15))).toEqual([]);
  expect(judgeAmendments([amendment()], [], at).warnings[0]).toContain('not needed');
  // Once the evidence is complete, an old decision says nothing any more.
  expect(judgeAmendments([amendment({ expires: '2026-01-01T12:00:00Z' })], [], at).found).toEqual(
    [],
  );
});
