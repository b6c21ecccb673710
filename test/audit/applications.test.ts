// Rows of a pack whose apps are deployed by manifests: what makes one complete, and for each way in which a run does
// not show it a store that gives exactly that reason.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { indexAudit } from '../../src/audit/audit.ts';
import { deriveRow } from '../../src/audit/derive.ts';
import { compareIds } from '../../src/audit/load-queue.ts';
import { parseRows } from '../../src/audit/select-rows.ts';
import type { AskedRun, Entry, ExpectedCheck } from '../../src/evidence/record.ts';
import { bound, edit } from './reason-case.ts';
import type { CheckDraft, RunDraft } from './sample-run.ts';
import {
  makeSample,
  openPackReports,
  openSampleAudit,
  writePack,
  writeRun,
  type PackChanges,
  type RunChange,
  type Sample,
} from './sample-store.ts';
import { packFiles } from './sample-pack.ts';

const identity = 'floor.upgrade.identity';
const kept = 'overlay.upgrade.keeps-rows';
const left = 'floor.restore.done';
const manifest = 'apps/web/seatrial.yaml';

const runs = `- id: web-life
  manifest: ${manifest}
  from: git:1.0.0
  checks: [${identity}, ${kept}]
  outcomes: [{ check: ${left}, verdict: skipped, says: nothing to restore }]
- id: web-change
  manifest: ${manifest}
  head: git:refs/pull/7/head
  checks: [${identity}]
- id: by-comment
  waits: there is no service yet that takes an order
  checks: [${identity}, served.order.answered]
`;

const row = (id: string, scenario: string, checks: string): string => `- id: ${id}
  phase: 1
  legacySubject: [accept]
  coverage: An upgrade reaches head.
  boundary: [driver]
  planned: { scenarios: [${scenario}], checks: [${checks}] }
  fixtures: []
  manifest: either
  owner: demo-team
`;

const canary = (id: string, kills: string): string =>
  `  - { id: ${id}, manifest: ${manifest}, ops: upgrade, plant: { driver: [upgrade-does-nothing] }, kills: [${kills}] }\n`;

const applications: PackChanges = {
  ...Object.fromEntries(Object.keys(packFiles).map((path) => [path, undefined])),
  'pack.yaml': 'id: demo\nowner: demo-team\nphases: [1]\n',
  [manifest]: 'seatrial: 1\napp: web\nhooks: { seed: { file: hooks/seed.mjs } }\n',
  'apps/web/hooks/seed.mjs': 'export {};\n',
  'apps/web/checks/upgrade.data.check.mjs': 'export const keeps_rows = () => 1;\n',
  'reference/web/compose.yml': 'services: {}\n',
  'canaries/canaries.yaml': `canaries:\n${canary('does-nothing', identity)}${canary('loses-rows', kept)}`,
  'audit/runs.yaml': runs,
  'audit/inventory.yaml': '- { subject: accept }\n',
  'audit/queue.yaml': [
    row('DG1', 'web-life', `${identity}, ${kept}`),
    row('DG4', 'web-change', identity),
    row('DG4.1', 'by-comment', 'served.order.answered'),
  ].join(''),
};

const facts = { observed: { rows: 3 }, expect: [{ at: '/rows', op: 'equals', value: 3 }] };

/** A life in which the harness judged its own check, and the app's left facts. */
const good = (draft: RunDraft): RunDraft => {
  const harness = { facts: undefined, raw: '{"schema":"seatrial.facts/v1"}' };
  const own = draft.check(identity, harness);
  return own.checks[kept] === undefined
    ? own
    : own.check(kept, { facts: { ...facts, sources: [] } });
};

const skip = (kind: 'structural' | 'declared', id = left, reason = 'there is nothing to restore') =>
  edit('run.started', ({ expected }: { expected: readonly ExpectedCheck[] }) => ({
    expected: [
      ...expected.filter((each) => each.id !== id),
      {
        ...{ id, after: id.split('.')[1] ?? '', boundary: 'driver', source: 'floor', title: id },
        skip: { kind, reason },
      },
    ],
  }));

const life = (change: RunChange = {}): RunChange => ({
  ...change,
  draft: (draft) => (change.draft ?? ((same) => same))(good(draft)),
  entries: (entries) => (change.entries ?? ((same) => same))(skip('structural')(entries)),
});

/** The check is not answered, or not even expected. */
const without =
  (id: string, how: 'unanswered' | 'unexpected') =>
  (draft: RunDraft): RunDraft => {
    const others = Object.entries(draft.checks).filter(([each]) => each !== id);
    const { after = '', boundary = 'driver', touched = [] } = draft.checks[id] ?? {};
    const silent: CheckDraft = { after, boundary, touched, verdict: 'not-run' };
    return draft.with({
      checks: Object.fromEntries(how === 'unexpected' ? others : [...others, [id, silent]]),
    });
  };

async function plantBoth(sample: Sample): Promise<void> {
  for (const [id, check] of [
    ['does-nothing', identity],
    ['loses-rows', kept],
  ] as const)
    await writeRun(sample, 'web-life', `mutant-${id}`, {
      ...life({ draft: (draft) => draft.verdict(check, 'failed') }),
      canary: id,
      started: { selection: 'partial' },
    });
}

type Case = {
  readonly reasons: readonly string[];
  readonly says?: string;
  readonly row?: string;
  readonly runs?: readonly RunChange[];
  readonly later?: PackChanges;
  readonly mutants?: false;
  readonly after?: (sample: Sample) => Promise<void>;
};

const other: AskedRun = { manifest, head: 'git:fault/x' };
const journal = ({ storeRoot }: Sample) => join(storeRoot, 'runs/run-0/journal.jsonl');

const cases: Readonly<Record<string, Case>> = {
  'a whole life, and a planted fault for each check': { reasons: [] },
  'never run': { reasons: ['no-bundle'], runs: [] },
  'the planned faults alone': { reasons: ['no-bundle'], runs: [], says: 'never run' },
  'no planted fault': { reasons: ['canary-never-red'], mutants: false },
  'an edited bundle': {
    reasons: ['bundle-broken'],
    after: async (sample) => {
      const text = await readFile(journal(sample), 'utf8');
      await writeFile(journal(sample), text.replace('"verdict":"passed"', '"verdict":"failed"'));
    },
  },
  'a bundle that is gone, with an older good one left': {
    reasons: ['no-bundle'],
    runs: [life(), life()],
    after: ({ storeRoot }) => rm(join(storeRoot, 'runs/run-1'), { recursive: true }),
  },
  'a run that was killed': {
    reasons: ['not-run'],
    runs: [life({ entries: (entries) => entries.slice(0, -1), endUnlisted: true })],
  },
  'a run of another head': {
    reasons: ['stale-evidence'],
    says: 'its head was git:fault/x and is to be the default',
    runs: [life({ asked: other })],
  },
  'a later run of another head takes nothing away': {
    reasons: [],
    runs: [life(), life({ asked: other, draft: (draft) => draft.verdict(identity, 'failed') })],
  },
  'the head of one plan for another': {
    reasons: ['canary-stale', 'stale-evidence'],
    row: 'DG4',
    says: 'is to be git:refs/pull/7/head',
    later: { 'reference/web/compose.yml': 'services: { web: {} }\n' },
  },
  'another release to start from': {
    reasons: ['plan-mismatch'],
    says: 'was to start from 0.9.0',
    runs: [life({ asked: { manifest, base: '0.9.0' } })],
  },
  'it started from something else': {
    reasons: ['plan-mismatch'],
    says: 'started from no release',
    runs: [life({ started: { base: { skipped: 'no-older-release' } } })],
  },
  'listed as of another manifest': {
    reasons: ['bundle-broken'],
    says: 'is listed as of',
    runs: [life({ asked: { manifest: 'apps/web/other.yaml' }, listedAs: { manifest } })],
  },
  'sources of the reference changed': {
    reasons: ['canary-stale', 'stale-evidence'],
    says: 'subject',
    later: { 'reference/web/compose.yml': 'services: { web: {} }\n' },
  },
  'repositories made anew change nothing': {
    reasons: [],
    later: { 'reference/repositories/web.git/HEAD': 'ref: refs/heads/main\n' },
  },
  'the manifest changed': {
    reasons: ['canary-stale', 'stale-evidence'],
    says: 'plan',
    later: { [manifest]: 'seatrial: 1\napp: web\n' },
  },
  'S6: only a comment in the manifest': {
    reasons: [],
    later: { [manifest]: '# Web.\napp: web\nseatrial: 1\nhooks: {seed: {file: hooks/seed.mjs}}\n' },
  },
  'a canary changed': {
    reasons: ['canary-never-red', 'canary-stale', 'stale-evidence'],
    says: 'plan',
    later: { 'canaries/canaries.yaml': `canaries:\n${canary('does-nothing', identity)}` },
  },
  'a hook changed': {
    reasons: ['canary-stale', 'stale-evidence'],
    says: 'collectors',
    later: { 'apps/web/hooks/seed.mjs': 'throw new Error();\n' },
  },
  'a check of the app changed': {
    reasons: ['canary-stale', 'stale-evidence'],
    says: 'collectors',
    later: { 'apps/web/checks/upgrade.data.check.mjs': 'export const keeps_rows = () => 2;\n' },
  },
  'a floor check skipped by declaration': {
    reasons: ['skipped'],
    runs: [
      life({
        draft: without(identity, 'unanswered'),
        entries: skip('declared', identity, 'it is slow'),
      }),
    ],
  },
  'a check that the run never expected': {
    reasons: ['not-run', 'plan-mismatch'],
    runs: [life({ draft: without(identity, 'unexpected') })],
  },
  'a part of the life, newer than the whole': {
    reasons: ['partial-selection'],
    runs: [life(), life({ started: { selection: 'partial' } })],
  },
  'a planted fault': { reasons: ['mutant-bundle'], runs: [life({ canary: 'by-hand' })] },
  'the fake driver': {
    reasons: ['fake-driver'],
    runs: [life({ started: { driver: { kind: 'fake', version: '1', fake: true } } })],
  },
  'a run that says nothing of a pack': {
    reasons: ['bundle-broken'],
    says: 'and says lifecycle.',
    runs: [
      life({
        entries: (entries) =>
          entries.map((entry) => {
            if (entry.type !== 'run.started') return entry;
            const data = Object.entries(entry.data).filter(([key]) => key !== 'bound');
            return { ...entry, data: Object.fromEntries(data) } as Entry;
          }),
      }),
    ],
  },
  'another subject': {
    reasons: ['wrong-subject'],
    runs: [
      life({ entries: bound({ subject: { name: 'mine', digest: 'a'.repeat(64), builds: [] } }) }),
    ],
  },
  'a check failed': {
    reasons: ['check-failed'],
    runs: [life({ draft: (draft) => draft.verdict(identity, 'failed') })],
  },
  'a check failed in the newer run': {
    reasons: ['newer-run-failed'],
    runs: [life(), life({ draft: (draft) => draft.verdict(identity, 'failed') })],
  },
  'a check of the app without facts': {
    reasons: ['evidence-not-judgeable'],
    runs: [life({ draft: (draft) => draft.check(kept, { facts: undefined, raw: '{}' }) })],
  },
  'a check of the app whose facts do not show it': {
    reasons: ['verdict-mismatch'],
    runs: [life({ draft: (draft) => draft.facts(kept, { observed: { rows: 2 } }) })],
  },
  'what must be left out is left out by declaration': {
    reasons: ['skipped'],
    says: 'left out as declared',
    runs: [life({ entries: skip('declared') })],
  },
  'it is left out for another reason': {
    reasons: ['check-failed'],
    says: 'for another reason',
    runs: [life({ entries: skip('structural', left, 'the disk was full') })],
  },
  'what must be left out was not expected at all': {
    reasons: ['not-run'],
    runs: [{ draft: good }],
  },
  'a run that nobody can make yet': {
    reasons: ['no-bundle'],
    row: 'DG4.1',
    says: 'there is no service yet that takes an order',
  },
};

async function derived(each: Case) {
  const sample = await makeSample(applications);
  if (each.mutants !== false) await plantBoth(sample);
  for (const [at, change] of (each.runs ?? [life()]).entries())
    await writeRun(sample, 'web-life', `run-${String(at)}`, change);
  await each.after?.(sample);
  if (each.later !== undefined) await writePack(sample, each.later);
  const index = indexAudit(await openSampleAudit(sample));
  const asked = index.pack.rows.find(({ id }) => id === (each.row ?? 'DG1'));
  if (asked === undefined) throw new Error('the sample has no such row');
  return deriveRow(index, asked);
}

test.each(Object.entries(cases))('%s', async (_name, each) => {
  const { status, reasons } = await derived(each);
  const told = reasons.map(({ code, message }) => `${code}: ${message}`).join('\n');
  expect([...new Set(reasons.map(({ code }) => code))], told).toEqual(each.reasons);
  expect(told).toContain(each.says ?? '');
  expect(status).toBe(each.reasons.length === 0 ? 'evidence-complete' : 'unresolved');
});

test.each([
  [
    'a manifest that is not there',
    '- { id: a, manifest: apps/none.yaml, checks: [floor.install.done] }',
    'SC011',
  ],
  ['a run twice', '- &a { id: a }', 'SC001'],
  ['neither manifest nor reason', '- { id: a, checks: [floor.install.done] }', 'MF010'],
  [
    'both',
    `- { id: a, manifest: ${manifest}, waits: nobody can make this one yet, checks: [floor.install.done] }`,
    'SC003',
  ],
  ['an id twice', `${runs}${runs}`, 'AU001'],
  [
    'a written status',
    `- { id: a, manifest: ${manifest}, checks: [floor.install.done], status: done }`,
    'AU002',
  ],
])('audit/runs.yaml with %s ends the audit with %s', async (_name, text, code) => {
  const sample = await makeSample({ ...applications, 'audit/runs.yaml': `${text}\n` });
  const { pack, reports } = await openPackReports(sample);
  expect(pack).toBeUndefined();
  expect(reports.flatMap(({ diagnostics }) => diagnostics.map((each) => each.code))).toContain(
    code,
  );
});

test('rows of an acceptance list are sorted and chosen by their names', async () => {
  const ids = ['D1', 'D2', 'D10', 'DG4', 'DG4.1', 'DG5', 'HC1', 'AQ-099', 'AQ-1000'];
  expect(ids.toReversed().sort(compareIds)).toEqual([
    ...['AQ-099', 'AQ-1000', 'D1', 'D2', 'D10', 'DG4', 'DG4.1', 'DG5', 'HC1'],
  ]);
  const { pack } = await openSampleAudit(await makeSample(applications));
  const chosen = (asked: string) => {
    const found = parseRows(asked, pack.rows);
    return 'ids' in found ? [...found.ids] : found.problem;
  };
  expect(chosen('DG4..DG5')).toEqual(['DG4', 'DG4.1']);
  expect(chosen('DG1')).toEqual(['DG1']);
  expect(chosen('D1')).toBe('the queue has no row D1');
});
