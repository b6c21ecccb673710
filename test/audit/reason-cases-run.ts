// Stores whose newest run does not show the row, by what is wrong with it.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packFiles } from './sample-pack.ts';
import { headBuild, instance, oldBuild } from './sample-run.ts';
import { writeRun } from './sample-store.ts';
import { bound, edit, marker, swap, unasked, version, type Case } from './reason-case.ts';

export const runCases: Readonly<Record<string, Case>> = {
  'never run': { reasons: ['no-bundle'], runs: [] },
  'bundle deleted, with an older good one left': {
    reasons: ['no-bundle'],
    runs: [{}, {}],
    after: ({ storeRoot }) => rm(join(storeRoot, 'runs/run-1'), { recursive: true }),
  },
  'check not asked': {
    reasons: ['not-run'],
    runs: [{ draft: (draft) => draft.verdict(marker, 'not-run') }],
  },
  'killed after everything had passed': {
    reasons: ['not-run'],
    runs: [{}, { entries: (entries) => entries.slice(0, -1), endUnlisted: true }],
  },
  interrupted: {
    reasons: ['not-run'],
    runs: [{ entries: edit('run.ended', () => ({ outcome: 'interrupted' })) }],
  },
  'testbed failed': {
    reasons: ['testbed-error'],
    runs: [{ draft: (draft) => draft.verdict(marker, 'error') }],
  },
  inconclusive: {
    reasons: ['inconclusive'],
    runs: [
      {
        draft: (draft) =>
          draft
            .facts(version, { observed: { registry: '2.0.0' } })
            .verdict(version, 'inconclusive')
            .with({ observed: draft.observed }),
      },
    ],
    // The proof that reads the same check goes with it.
    pack: swap(
      'audit/queue.yaml',
      '    - {role: staged-registry, proof: staged-not-observed}\n',
      '',
    ),
  },
  'host lacks something': {
    reasons: ['environment-unmet'],
    runs: [
      {
        draft: (draft) => unasked(draft),
        entries: (entries) => [
          ...entries.slice(0, 1),
          {
            type: 'note',
            data: { code: 'environment-unmet', message: 'It needs Docker.', severity: 'error' },
          },
          { type: 'run.ended', data: { outcome: 'stopped' } },
        ],
      },
    ],
  },
  'fresh from the beginning': {
    reasons: ['fresh-only-claim', 'missing-old-sandbox-fixture'],
    runs: [
      {
        draft: (draft) =>
          draft.with({
            observed: {
              ...draft.observed,
              deploy: [instance(headBuild, 'c1'), ...(draft.observed['deploy'] ?? []).slice(1)],
            },
          }),
      },
    ],
  },
  'old by name, with the head’s image': {
    reasons: ['fresh-only-claim', 'missing-old-sandbox-fixture'],
    runs: [
      {
        draft: (draft) =>
          draft.applied('old-image', headBuild).with({
            observed: {
              ...draft.observed,
              deploy: [instance(headBuild, 'c1'), ...(draft.observed['deploy'] ?? []).slice(1)],
            },
          }),
      },
    ],
  },
  'old image with the head’s version inside': {
    reasons: ['fresh-only-claim', 'missing-old-sandbox-fixture'],
    runs: [
      {
        draft: (draft) =>
          draft.with({
            observed: {
              ...draft.observed,
              deploy: [
                instance({ ...oldBuild, version: '2.0.0' }, 'c1'),
                ...(draft.observed['deploy'] ?? []).slice(1),
              ],
            },
          }),
      },
    ],
  },
  'another boundary touched': {
    reasons: ['wrong-boundary'],
    runs: [{ draft: (draft) => draft.check(marker, { touched: ['http'] }) }],
  },
  'a run that itself saw no touch': {
    reasons: ['wrong-boundary'],
    runs: [
      {
        draft: (draft) => draft.check(marker, { touched: [] }).verdict(marker, 'inconclusive'),
      },
    ],
  },
  'nothing observed before': {
    reasons: ['pre-state-not-observed'],
    runs: [{ draft: (draft) => draft.facts(marker, { sources: [{ when: 'after' }] }) }],
  },
  'nothing compared': {
    reasons: ['empty-comparison'],
    runs: [
      {
        draft: (draft) =>
          draft
            .facts(marker, { observed: { before: { marker: '' }, after: { marker: '' } } })
            .verdict(marker, 'inconclusive'),
      },
    ],
  },
  'another head': {
    reasons: ['canary-stale', 'stale-evidence'],
    audit: { head: '6'.repeat(64) },
  },
  'subject of a newer head': {
    reasons: ['stale-evidence'],
    runs: [
      {
        entries: bound({
          subject: { name: 'reference', digest: '7'.repeat(64), builds: [headBuild] },
        }),
      },
    ],
    audit: { head: '5'.repeat(64) },
  },
  'plan changed': {
    reasons: ['canary-stale', 'stale-evidence'],
    later: swap('scenarios/rebuild.yaml', 'budget: 1m', 'budget: 2m'),
  },
  'comment and key order changed': {
    reasons: [],
    later: swap(
      'scenarios/rebuild.yaml',
      'apiVersion: seatrial/v1',
      '# a note\napiVersion: seatrial/v1',
    ),
  },
  'collector changed': {
    reasons: ['canary-stale', 'stale-evidence'],
    later: { 'checks/demo.ts': `${packFiles['checks/demo.ts'] ?? ''}export const more = 1;\n` },
  },
  'too old': { reasons: ['stale-evidence'], audit: { maxAgeMs: 3_600_000 } },
  'records of another format': {
    reasons: ['stale-evidence'],
    after: async ({ storeRoot }) => {
      const path = join(storeRoot, 'runs/run-0/journal.jsonl');
      const text = await readFile(path, 'utf8');
      await writeFile(path, text.replaceAll('seatrial.journal/v1', 'seatrial.journal/v9'));
    },
  },
  'checks dropped from the plan': {
    reasons: ['plan-mismatch'],
    runs: [
      {
        draft: (draft) => {
          const { 'fixture.mutation.staged': dropped, ...checks } = draft.checks;
          return draft.with({ checks, ...(dropped === undefined ? {} : {}) });
        },
      },
    ],
  },
  'a check that no canary names': {
    reasons: ['canary-never-red'],
    pack: swap(
      'canaries/canaries.yaml',
      'kills: [demo.rebuild.version-probed]',
      `kills: [${marker}]`,
    ),
    mutants: false,
    after: (sample) =>
      writeRun(sample, 'rebuild', 'mutant', {
        canary: 'rebuild.lose-marker',
        draft: (draft) => draft.fail(marker),
      }),
  },
  'a canary that breaks everything': {
    reasons: ['canary-never-red'],
    mutants: false,
    after: async (sample) => {
      await writeRun(sample, 'rebuild', 'mutant-a', {
        canary: 'rebuild.lose-marker',
        draft: (draft) => draft.fail(marker).fail(version),
      });
      await writeRun(sample, 'rebuild', 'mutant-b', {
        canary: 'rebuild.copy-version',
        draft: (draft) => draft.fail(version),
      });
    },
  },
  'a canary in error': {
    reasons: ['canary-never-red'],
    mutants: false,
    after: async (sample) => {
      await writeRun(sample, 'rebuild', 'mutant-a', {
        canary: 'rebuild.lose-marker',
        draft: (draft) => draft.verdict(marker, 'error'),
      });
      await writeRun(sample, 'rebuild', 'mutant-b', {
        canary: 'rebuild.copy-version',
        draft: (draft) => draft.fail(version),
      });
    },
  },
};
