// Each code of the nine gates, given by a bad input, and by its own gate alone among its codes.

import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkAudit } from '../../src/audit/check-audit.ts';
import { crossPhaseGates } from '../../src/audit/gates-file.ts';
import { canaryMarker } from '../../src/evidence/canary-secrets.ts';
import type { Entry } from '../../src/evidence/record.ts';
import {
  amendment,
  bound,
  edit,
  marker,
  objectOf,
  swap,
  version,
  type Case,
} from './reason-case.ts';
import { packFiles } from './sample-pack.ts';
import { stagedDigest, type RunDraft } from './sample-run.ts';
import {
  makeSample,
  openSampleAudit,
  writeCompleteStore,
  writeMutants,
  writePack,
  writeRun,
  writeUndoMutants,
  type RunChange,
  type Sample,
} from './sample-store.ts';

type GateCase = Pick<Case, 'runs' | 'pack' | 'after' | 'later' | 'audit'> & {
  readonly gate: string;
  readonly codes: readonly string[];
};

const part = (from: string, to = ''): Pick<GateCase, 'gate' | 'codes' | 'later'> => ({
  ...{ gate: 'setup-gate', codes: ['AU110'] },
  later: swap('scenarios/rebuild.yaml', from, to),
});
const checks = /  expectedChecks:\n(?: {4}-.*\n)*/.exec(
  packFiles['scenarios/rebuild.yaml'] ?? '',
)?.[0];
const actions = /  runtimeActions:\n(?: {4}-.*\n)*/.exec(
  packFiles['scenarios/rebuild.yaml'] ?? '',
)?.[0];
const fixtures = /  fixtures:\n(?: {4}-.*\n)*/.exec(packFiles['scenarios/rebuild.yaml'] ?? '')?.[0];

const cases: Readonly<Record<string, GateCase>> = {
  'no environment': part(
    '  environment: {os: [linux], arch: [x64, arm64], driver: process, product: [reference], network: none}\n',
  ),
  'no texts': part('  text: {given: [something old], when: [it is rebuilt], then: [it is kept]}\n'),
  'neither manifest nor reason': part('  manifest: manifests/plain.yaml\n'),
  'both manifest and reason': part(
    '  fixtures:',
    '  noManifestReason: {contract: no-instance, reason: A reason that is long enough to be one of them}\n  fixtures:',
  ),
  'neither fixtures nor a reason': part(fixtures ?? '?'),
  'no action': part(actions ?? '?'),
  'no check': part(checks ?? '?'),
  'another plan': {
    ...{ gate: 'setup-gate', codes: ['AU111'] },
    later: swap('scenarios/rebuild.yaml', 'budget: 1m', 'budget: 2m'),
  },
  'a contract that is not there': {
    ...{ gate: 'setup-gate', codes: ['AU112'] },
    later: swap('scenarios/refuse.yaml', 'contract: no-instance', 'contract: other'),
  },
  'a plan posing as a bundle': {
    ...{ gate: 'no-cheat-gate', codes: ['AU120'] },
    after: async ({ storeRoot }) => {
      const run = join(storeRoot, 'runs/run-rebuild');
      await rm(join(run, 'journal.jsonl'));
      await writeFile(join(run, 'plan.json'), '{}');
    },
  },
  'actions in which nothing happened': {
    ...{ gate: 'no-cheat-gate', codes: ['AU120'] },
    runs: [
      {
        draft: (draft) => draft.with({ observed: {} }),
        entries: (entries) => entries.filter(({ type }) => type !== 'note'),
      },
    ],
  },
  'a part of the scenario': {
    ...{ gate: 'no-cheat-gate', codes: ['AU121'] },
    runs: [{ started: { selection: 'partial' } }],
  },
  'a planted fault': {
    ...{ gate: 'no-cheat-gate', codes: ['AU122'] },
    runs: [{ canary: 'some.fault' }],
  },
  'the fake driver': {
    ...{ gate: 'no-cheat-gate', codes: ['AU123'] },
    runs: [{ started: { driver: { kind: 'fake', version: '1', fake: true } } }],
  },
  'a registry value that the fixture wrote': {
    ...{ gate: 'no-cheat-gate', codes: ['AU124'] },
    runs: [
      {
        draft: (draft) =>
          draft.facts(version, {
            sources: [{ when: 'after', transport: 'file-read', output: `sha256:${stagedDigest}` }],
          }),
      },
    ],
  },
  'a log of markers': {
    ...{ gate: 'no-cheat-gate', codes: ['AU125'] },
    after: ({ storeRoot }) =>
      appendFile(join(storeRoot, 'runs/run-rebuild/markers.log'), 'PASS: demo.other.thing\n'),
  },
  'a boundary that no check is about': {
    ...{ gate: 'boundary-gate', codes: ['AU130'] },
    pack: swap(
      'audit/queue.yaml',
      'boundary: [state, sandbox]',
      'boundary: [state, sandbox, gateway]',
    ),
  },
  'a sandbox check that only reads the registry': {
    ...{ gate: 'boundary-gate', codes: ['AU131'] },
    runs: [{ draft: (draft) => draft.check(version, { touched: ['state'] }) }],
  },
  'no evidence': {
    ...{ gate: 'evidence-gate', codes: ['AU140'] },
    runs: [{ draft: (draft) => draft.check(marker, { facts: undefined }) }],
  },
  'one flipped bit': {
    ...{ gate: 'evidence-gate', codes: ['AU141'] },
    after: async (sample) => {
      const path = await objectOf(sample, 'run-rebuild', marker);
      const bytes = await readFile(path);
      bytes[9] = (bytes[9] ?? 0) ^ 1;
      await writeFile(path, bytes);
    },
  },
  'an edited verdict with the chain rebuilt': {
    ...{ gate: 'evidence-gate', codes: ['AU142'] },
    runs: [{ draft: (draft) => draft.fail(marker).verdict(marker, 'passed') }],
  },
  'an id that was used before': {
    ...{ gate: 'evidence-gate', codes: ['AU143'] },
    later: {
      'checks/register.yaml': `${packFiles['checks/register.yaml'] ?? ''}removed:\n  - {id: ${marker}, reason: It looked at the wrong file}\n`,
    },
  },
  'an expectation changed under its revision': {
    ...{ gate: 'evidence-gate', codes: ['AU143'] },
    pack: {
      'checks/released.yaml': (packFiles['checks/register.yaml'] ?? '').replace(
        '"to":"/before/marker"',
        '"to":"/before/other"',
      ),
    },
  },
  'a secret in a manifest': {
    ...{ gate: 'secret-gate', codes: ['AU150'] },
    later: swap('manifests/plain.yaml', 'title: Plain', `title: "nvapi-${'a1B2c3D4'.repeat(4)}"`),
  },
  'a secret in a bundle': {
    ...{ gate: 'secret-gate', codes: ['AU151'] },
    runs: [{ entries: edit('note', () => ({ message: `nvapi-00${canaryMarker}00` })) }],
  },
  'secrets never planted': {
    ...{ gate: 'secret-gate', codes: ['AU152'] },
    runs: [{ draft: (draft) => draft.verdict('run.secrets.redactor-alive', 'not-run') }],
  },
  'no obligation in the file': {
    ...{ gate: 'cleanup-gate', codes: ['AU160'] },
    later: swap('scenarios/refuse.yaml', ' restore: {budget: 5s},', ''),
  },
  'digests that differ': {
    ...{ gate: 'cleanup-gate', codes: ['AU161'] },
    runs: [
      {
        draft: (draft) =>
          draft
            .restored('mutation', { pre: 'a', post: 'b' })
            .verdict('fixture.mutation.restored', 'failed'),
      },
    ],
  },
  'a bundle without fixture.restored': {
    ...{ gate: 'cleanup-gate', codes: ['AU161'] },
    runs: [
      {
        entries: (entries) =>
          entries.filter(
            (each) => each.type !== 'fixture.restored' || each.data.fixture !== 'mutation',
          ),
      },
    ],
  },
  'a container that is left': {
    ...{ gate: 'cleanup-gate', codes: ['AU162'] },
    runs: [
      {
        entries: (entries) => [
          ...entries.slice(0, -1),
          { type: 'resource.intended', data: { kind: 'container', name: 'box', undo: {} } },
          { type: 'resource.created', data: { kind: 'container', name: 'box', details: {} } },
          ...entries.slice(-1),
        ],
      },
    ],
  },
  'a missing undo that nobody would notice': {
    ...{ gate: 'cleanup-gate', codes: ['AU163'] },
    after: ({ storeRoot }) => rm(join(storeRoot, 'runs/mutant-undo-staged'), { recursive: true }),
  },
  ...Object.fromEntries(
    [
      ['another plan', bound({ plan: 'f'.repeat(64) })],
      ['no end', (entries: readonly Entry[]) => entries.filter(({ type }) => type !== 'run.ended')],
      [
        'the fake driver',
        edit('run.started', ({ driver }: { driver: object }) => ({
          driver: { ...driver, fake: true },
        })),
      ],
    ].map(([what, entries]) => [
      `a missing undo that was noticed in a run of ${String(what)}`,
      {
        ...{ gate: 'cleanup-gate', codes: ['AU163'] },
        after: async (sample: Sample) => {
          await rm(join(sample.storeRoot, 'runs/mutant-undo-staged'), { recursive: true });
          await writeRun(sample, 'rebuild', 'mutant-undo-unfit', {
            ...{ canary: 'undo-skipped:staged', entries },
            draft: (draft: RunDraft) => draft.verdict('fixture.staged.restored', 'failed'),
          } as RunChange);
        },
      },
    ]),
  ),
  'a missing undo that was noticed in another scenario, whose fixture has the same name': {
    ...{ gate: 'cleanup-gate', codes: ['AU163'] },
    after: async (sample) => {
      await rm(join(sample.storeRoot, 'runs/mutant-undo-staged'), { recursive: true });
      await writeRun(sample, 'refuse', 'mutant-undo-elsewhere', {
        canary: 'undo-skipped:staged',
        draft: (draft) => {
          const { 'fixture.kept.restored': kept } = draft.checks;
          if (kept === undefined) throw new Error('refuse has a fixture');
          const staged = { ...kept, verdict: 'failed' as const };
          return draft.with({ checks: { ...draft.checks, 'fixture.staged.restored': staged } });
        },
      });
    },
  },
  'a neighbour that changed': {
    ...{ gate: 'cleanup-gate', codes: ['AU164'] },
    runs: [
      {
        draft: (draft) =>
          draft
            .restored('mutation', { pre: 'a', post: 'a', neighbours: { pre: 'n', post: 'm' } })
            .verdict('fixture.mutation.restored', 'failed'),
      },
    ],
  },
  'an owner that is nobody': {
    ...{ gate: 'audit-completeness-gate', codes: ['AU170'] },
    later: swap('audit/queue.yaml', 'owner: demo-team', 'owner: TBD'),
  },
  'a planned scenario that is not there': {
    ...{ gate: 'audit-completeness-gate', codes: ['AU171'] },
    later: swap('audit/queue.yaml', 'scenarios: [rebuild]', 'scenarios: [rebuild, gone]'),
  },
  'a check that nobody expects': {
    ...{ gate: 'audit-completeness-gate', codes: ['AU171'] },
    later: swap(
      'audit/queue.yaml',
      'checks: [demo.refuse.keeps-old]',
      `checks: [demo.refuse.keeps-old, ${marker}]`,
    ),
  },
  'a subject in no row': {
    ...{ gate: 'audit-completeness-gate', codes: ['AU172'] },
    later: {
      'audit/inventory.yaml': `${packFiles['audit/inventory.yaml'] ?? ''}- {subject: other.sh}\n`,
    },
  },
  'a row about nothing in the inventory': {
    ...{ gate: 'audit-completeness-gate', codes: ['AU172'] },
    later: { 'audit/inventory.yaml': '- {subject: test-rebuild.sh}\n' },
  },
  'a scenario about a row that is not there': {
    ...{ gate: 'audit-completeness-gate', codes: ['AU173'] },
    pack: {
      'scenarios/orphan.yaml': (packFiles['scenarios/rebuild.yaml'] ?? '')
        .replace('id: rebuild,', 'id: orphan,')
        .replaceAll('AQ-001', 'AQ-999'),
    },
  },
  'one unresolved row': {
    ...{ gate: 'phase-completion-gate', codes: ['AU180'] },
    runs: [{ draft: (draft) => draft.fail(marker) }],
  },
  'an amendment one second past its expiry': {
    ...{ gate: 'phase-completion-gate', codes: ['AU181'] },
    runs: [{ draft: (draft) => draft.verdict(marker, 'not-run') }],
    pack: { 'audit/amendments.yaml': amendment({ expires: '2026-01-01T23:59:59Z' }) },
  },
  'another gate that is red': {
    ...{ gate: 'phase-completion-gate', codes: ['AU182'] },
    later: {
      'audit/inventory.yaml': `${packFiles['audit/inventory.yaml'] ?? ''}- {subject: other.sh}\n`,
    },
  },
  'a collector that only throws': {
    ...{ gate: 'executable-assertion-gate', codes: ['AU190'] },
    pack: swap(
      'checks/demo.ts',
      'markerkept = () => 1;',
      'markerkept = () => { throw new Error(); };',
    ),
  },
  'an empty expectation': {
    ...{ gate: 'executable-assertion-gate', codes: ['AU190'] },
    later: swap('checks/register.yaml', '[{"at":"/kept","op":"equals","value":true}]', '[]'),
  },
  'a mark': {
    ...{ gate: 'executable-assertion-gate', codes: ['AU191'] },
    pack: {
      'checks/demo.ts': `${packFiles['checks/demo.ts'] ?? ''}check.todo('later');\n`,
    },
  },
  'a generic check alone on its boundary': {
    ...{ gate: 'executable-assertion-gate', codes: ['AU192'] },
    pack: {
      'checks/register.yaml': (packFiles['checks/register.yaml'] ?? '').replace(
        'generic: false',
        'generic: true',
      ),
    },
  },
  'a check that was never red': {
    ...{ gate: 'executable-assertion-gate', codes: ['AU193'] },
    after: ({ storeRoot }) =>
      rm(join(storeRoot, 'runs/mutant-rebuild.lose-marker'), { recursive: true }),
  },
};

async function makeStore(sample: Sample, { runs, after, later }: GateCase): Promise<void> {
  if (runs === undefined) await writeCompleteStore(sample);
  else {
    await writeMutants(sample);
    for (const [at, change] of runs.entries())
      await writeRun(sample, 'rebuild', `run-${String(at)}`, change);
    await writeRun(sample, 'refuse', 'run-refuse');
  }
  await writeUndoMutants(sample);
  await after?.(sample);
  if (later !== undefined) await writePack(sample, later);
}

test.each(Object.entries(cases))('%s', async (_name, each) => {
  const sample = await makeSample(each.pack);
  await makeStore(sample, each);
  const { gates, exit } = checkAudit(await openSampleAudit(sample, each.audit), {});
  const found = gates.find(({ gate }) => gate === each.gate)?.findings ?? [];
  const codes = new Set(found.map(({ code }) => code));
  // The gate of the phase is red whenever another is.
  if (!each.codes.includes('AU182')) codes.delete('AU182');
  expect([...codes], JSON.stringify(found)).toEqual(each.codes);
  expect(exit).toBe(1);
});

test('a complete store passes every gate', async () => {
  const sample = await makeSample();
  await writeCompleteStore(sample);
  await writeUndoMutants(sample);
  const { gates, exit, counts } = checkAudit(await openSampleAudit(sample), {});
  expect(gates.flatMap(({ findings }) => findings)).toEqual([]);
  expect(gates.map(({ verdict }) => verdict)).toEqual(Array(9).fill('passed'));
  expect(counts).toMatchObject({ rows: 2, 'evidence-complete': 2 });
  expect(exit).toBe(0);
});

test('nothing chosen is nothing proven', async () => {
  const sample = await makeSample();
  const answer = checkAudit(await openSampleAudit(sample), { rows: new Set() });
  expect(answer.exit).toBe(3);
});

test('every code has a bad input', () => {
  const given = new Set(Object.values(cases).flatMap(({ codes }) => codes));
  const known = crossPhaseGates.flatMap(({ codes }) => Object.keys(codes));
  expect(known.filter((code) => !given.has(code))).toEqual([]);
});
