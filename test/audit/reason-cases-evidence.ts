// Stores in which amendments, plans, evidence or bundles are wrong.

import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canaryMarker } from '../../src/evidence/canary-secrets.ts';
import { expectations, packFiles } from './sample-pack.ts';
import { headBuild, registryFile, stagedDigest, subjectDigest } from './sample-run.ts';
import { writeRun, type Sample } from './sample-store.ts';
import { amendment, bound, edit, marker, objectOf, swap, type Case } from './reason-case.ts';

const staging = 'fixture.staged.staged';

/** Changes some letters of the newest run's first record. */
const altering =
  (from: string, to: string) =>
  async ({ storeRoot }: Sample): Promise<void> => {
    const path = join(storeRoot, 'runs/run-1/journal.jsonl');
    const text = await readFile(path, 'utf8');
    if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
    await writeFile(path, text.replace(from, to));
  };

export const evidenceCases: Readonly<Record<string, Case>> = {
  'amendment expired': {
    reasons: ['amendment-expired', 'no-bundle'],
    runs: [],
    pack: { 'audit/amendments.yaml': amendment({ expires: '2026-01-01T23:59:59Z' }) },
  },
  'amendment without a second person': {
    reasons: ['amendment-invalid', 'no-bundle'],
    runs: [],
    pack: { 'audit/amendments.yaml': amendment({ approvedBy: 'ada' }) },
  },
  'manifest where none may be': {
    reasons: ['manifest-not-allowed'],
    pack: swap('audit/queue.yaml', 'manifest: required', 'manifest: forbidden'),
  },
  'manifest read where none may be': {
    row: 'AQ-002',
    reasons: ['manifest-not-allowed'],
    after: (sample) =>
      writeRun(sample, 'refuse', 'run-refuse-2', {
        draft: (draft) =>
          draft.facts('demo.refuse.keeps-old', {
            sources: [{ when: 'before' }, { when: 'after', target: 'manifests/plain.yaml' }],
          }),
      }),
  },
  'a sad path that was judged as if it were none': {
    row: 'AQ-002',
    reasons: ['verdict-mismatch'],
    after: (sample) =>
      writeRun(sample, 'refuse', 'run-refuse-2', {
        draft: (draft) =>
          draft.facts('demo.refuse.keeps-old', {
            expect: expectations['demo.refuse.keeps-old'] ?? [],
          }),
      }),
  },
  'no manifest where one must be': {
    row: 'AQ-002',
    reasons: ['manifest-missing'],
    pack: swap('audit/queue.yaml', 'manifest: forbidden', 'manifest: required'),
  },
  'check failed': { reasons: ['check-failed'], runs: [{ draft: (draft) => draft.fail(marker) }] },
  'a newer run failed, and the older one is named': {
    reasons: ['newer-run-failed'],
    runs: [{}, { draft: (draft) => draft.fail(marker) }],
    audit: { only: new Set(['run-0', 'run-refuse']) },
  },
  'a newer run failed, whose scenario was altered': {
    reasons: ['bundle-broken'],
    runs: [{}, { draft: (draft) => draft.fail(marker) }],
    after: altering('"scenario":"rebuild"', '"scenario":"Rebuild"'),
  },
  'a newer run failed, whose subject was altered': {
    reasons: ['bundle-broken'],
    runs: [{}, { draft: (draft) => draft.fail(marker) }],
    after: altering('"name":"reference"', '"name":"referencE"'),
  },
  'a newer run failed, whose head was altered': {
    reasons: ['bundle-broken'],
    runs: [{}, { draft: (draft) => draft.fail(marker) }],
    after: altering(`"digest":"${subjectDigest}"`, `"digest":"6${subjectDigest.slice(1)}"`),
  },
  'a newer run failed': {
    reasons: ['newer-run-failed'],
    runs: [{}, { draft: (draft) => draft.fail(marker) }],
  },
  skipped: {
    reasons: ['skipped'],
    runs: [
      {
        draft: (draft) => draft.verdict(marker, 'not-run'),
        entries: edit('run.started', ({ expected }: { expected: readonly { id: string }[] }) => ({
          expected: expected.map((each) =>
            each.id === marker
              ? { ...each, skip: { kind: 'declared', reason: 'not today' } }
              : each,
          ),
        })),
      },
    ],
  },
  'collector not written': {
    reasons: ['pending'],
    pack: {
      'checks/demo.ts': (packFiles['checks/demo.ts'] ?? '').replace(
        'markerkept = () => 1;',
        "markerkept = () => {\n  throw new Error('later');\n};",
      ),
    },
  },
  'a plan instead of a run': {
    reasons: ['preview-only'],
    after: async ({ storeRoot }) => {
      const run = join(storeRoot, 'runs/run-0');
      await rm(run, { recursive: true });
      await mkdir(run);
      await writeFile(join(run, 'plan.json'), '{"format":"seatrial.plan/v1"}');
    },
  },
  'a part of the scenario': {
    reasons: ['partial-selection'],
    runs: [{ started: { selection: 'partial' } }],
  },
  'generic checks alone': {
    reasons: ['generic-only'],
    pack: {
      'checks/register.yaml': (packFiles['checks/register.yaml'] ?? '').replaceAll(
        'generic: false',
        'generic: true',
      ),
    },
  },
  'passed without evidence': {
    reasons: ['evidence-missing'],
    runs: [{ draft: (draft) => draft.check(marker, { facts: undefined }) }],
  },
  'evidence under another name': {
    reasons: ['evidence-missing'],
    runs: [{ draft: (draft) => draft.check(marker, { name: 'other.json' }) }],
  },
  'evidence of the staging deleted': {
    reasons: ['bundle-broken'],
    runs: [{ draft: (draft) => draft.check(staging, { raw: '{}', name: 'staged.json' }) }],
    after: async (sample) => rm(await objectOf(sample, 'run-0', staging)),
  },
  'evidence of the staging shows that nothing was staged': {
    reasons: ['verdict-mismatch'],
    runs: [
      {
        draft: (draft) =>
          draft.check(staging, {
            name: 'facts.json',
            facts: {
              observed: { there: false },
              expect: [{ at: '/there', op: 'equals', value: true }],
              sources: [{ transport: 'file-read', when: 'after' }],
            },
          }),
      },
    ],
  },
  'evidence deleted': {
    reasons: ['evidence-missing'],
    after: async (sample) => rm(await objectOf(sample, 'run-0', marker)),
  },
  'one bit of evidence flipped': {
    reasons: ['evidence-digest-mismatch'],
    after: async (sample) => {
      const path = await objectOf(sample, 'run-0', marker);
      const bytes = await readFile(path);
      bytes[5] = (bytes[5] ?? 0) ^ 1;
      await writeFile(path, bytes);
    },
  },
  'evidence of another form': {
    reasons: ['evidence-not-judgeable'],
    runs: [{ draft: (draft) => draft.check(marker, { raw: '{"ok":true}' }) }],
  },
  'a verdict that does not follow': {
    reasons: ['verdict-mismatch'],
    runs: [{ draft: (draft) => draft.fail(marker).verdict(marker, 'passed') }],
  },
  'weaker expectations than the register’s': {
    reasons: ['verdict-mismatch'],
    runs: [
      {
        draft: (draft) => draft.facts(marker, { expect: [{ at: '/after/marker', op: 'exists' }] }),
      },
    ],
  },
  'what a fixture wrote, read back': {
    reasons: ['evidence-is-input'],
    runs: [
      {
        draft: (draft) =>
          draft.facts(marker, {
            sources: (['before', 'after'] as const).map((when) => ({
              ...{ when, transport: 'file-read', target: registryFile },
              output: `sha256:${stagedDigest}`,
            })),
          }),
      },
    ],
  },
  'record removed': {
    reasons: ['bundle-broken'],
    after: async ({ storeRoot }) => {
      const path = join(storeRoot, 'runs/run-0/result.json');
      await appendFile(path, ' ');
    },
  },
  'foreign file in the bundle': {
    reasons: ['bundle-broken'],
    after: ({ storeRoot }) => writeFile(join(storeRoot, 'runs/run-0/extra.txt'), 'x'),
  },
  'list of runs broken': {
    reasons: ['bundle-broken'],
    after: ({ storeRoot }) => appendFile(join(storeRoot, 'runs.jsonl'), '{}\n'),
  },
  'without a signature': {
    row: 'AQ-002',
    // What runs with planted faults show counts no more than what the others do.
    reasons: ['bundle-broken', 'canary-never-red'],
    audit: { requireSignature: true },
  },
  'another subject': {
    reasons: ['wrong-subject'],
    runs: [
      {
        entries: bound({
          subject: { name: 'installed', digest: '5'.repeat(64), builds: [headBuild] },
        }),
      },
    ],
    audit: { head: '5'.repeat(64) },
  },
  'fake driver': {
    reasons: ['fake-driver'],
    runs: [{ started: { driver: { kind: 'fake', version: '1', fake: true } } }],
  },
  'planted fault': { reasons: ['mutant-bundle'], runs: [{ canary: 'other.fault' }] },
  'planted fault that only the product reports': {
    reasons: ['mutant-bundle'],
    runs: [
      {
        draft: (draft) =>
          draft.with({
            observed: {
              ...draft.observed,
              deploy: [
                { schema: 'seatrial.mutants/v1', mutants: ['rebuild.lose-marker'] },
                ...(draft.observed['deploy'] ?? []),
              ],
            },
          }),
      },
    ],
  },
  'restored check failed': {
    reasons: ['fixture-not-restored'],
    runs: [{ draft: (draft) => draft.verdict('fixture.patched.restored', 'failed') }],
  },
  'undo failed': {
    reasons: ['fixture-not-restored'],
    runs: [{ entries: edit('undo.ended', () => ({ outcome: 'failed' })) }],
  },
  'undo timed out': {
    reasons: ['undo-timed-out'],
    runs: [{ entries: edit('undo.ended', () => ({ outcome: 'timed-out' })) }],
  },
  'secret in a bundle': {
    reasons: ['secret-found'],
    runs: [
      {
        entries: edit('note', ({ code }: { code: string }) => ({
          code,
          message: `nvapi-00${canaryMarker}00`,
        })),
      },
    ],
  },
  'secret found by the run': {
    reasons: ['secret-found'],
    runs: [{ draft: (draft) => draft.verdict('run.secrets.absent', 'failed') }],
  },
};
