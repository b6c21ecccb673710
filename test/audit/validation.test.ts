// Validations: what each of their checks must notice, with the real audit over the sample's bundles.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditJson } from '../../src/audit/audit-json.ts';
import { checkAudit } from '../../src/audit/check-audit.ts';
import { runValidation, type ValidationOptions } from '../../src/audit/run-validation.ts';
import {
  memberFacts,
  type AuditReply,
  type MemberFacts,
} from '../../src/audit/validation-facts.ts';
import { openRun } from '../../src/cli/store.ts';
import { openVerifier } from '../../src/cli/verifier.ts';
import { systemFiles } from '../../src/drivers/files.ts';
import { systemIds } from '../../src/drivers/ids.ts';
import { makeLocks } from '../../src/drivers/locks.ts';
import { makeProcesses } from '../../src/drivers/process/run.ts';
import { systemClock } from '../../src/drivers/clock.ts';
import { openStore } from '../../src/evidence/store.ts';
import type { RunState } from '../../src/evidence/run-state.ts';
import { WorldError } from '../../src/ports/world-error.ts';
import type { Validation } from '../../src/scenario/scenario-schema.ts';
import { packFiles } from './sample-pack.ts';
import { headBuild, instance } from './sample-run.ts';
import {
  makeSample,
  makeSampleIn,
  openSampleAudit,
  writeCompleteStore,
  writeRun,
  writeUndoMutants,
  type Sample,
} from './sample-store.ts';
import { buildVerifier, type VerifierFault } from './verifier/build-verifier.ts';

const searchPath = process.env['PATH'] ?? '';
const rows = ['AQ-001', 'AQ-002'];
const text = { given: ['a'], when: ['b'], then: ['c'] };

type Spec = Validation['spec'];
const validation = (name: string, change: Partial<Spec>): Validation => ({
  ...{ apiVersion: 'seatrial/v1', kind: 'Validation' },
  metadata: { id: `validation-${name}`, title: name, phase: 9 },
  spec: {
    ...{ path: 'happy', rows, text, members: ['rebuild', 'refuse'], claims: [], forbidden: [] },
    expectAudit: { exit: 0, rows: { '*': { status: 'evidence-complete', reasons: [] } } },
    expectedChecks: [`audit.phase9.${name}`],
    ...change,
  },
});

type Change = Partial<ValidationOptions> & { readonly spec?: Partial<Spec> };

async function storeOf(sample: Sample) {
  const locks = makeLocks({ searchPath, runtimeFolder: undefined, folder: `${sample.root}/locks` });
  const world = { clock: systemClock, ids: systemIds, files: systemFiles, locks };
  const host = { os: 'linux', arch: 'x64', kernel: '6', node: '20', bootId: 'b', name: 'h' };
  const store = await openStore({ ...world, root: sample.storeRoot });
  return { store, world: { ...world, host, pid: 1, toolVersion: '0' } };
}

async function factsOf(sample: Sample, run: string): Promise<MemberFacts> {
  const { state, objects } = await openRun(sample.storeRoot, run);
  return memberFacts(state, objects);
}

const same = { statuses: { a: 'b' }, queue: 'q', pack: 'p', runs: 'r', outside: 'o' };

/** The audit in this process, at the sample's own time. */
const inside =
  (sample: Sample, asked: readonly string[]): ValidationOptions['verifier'] =>
  () => ({
    check: async (bundles) => {
      const audit = { ...(await openSampleAudit(sample)), only: new Set(bundles) };
      const answer = checkAudit(audit, { rows: new Set(asked) });
      const reply = auditJson(audit, answer) as unknown as AuditReply;
      const digest = 'sha256:0';
      return { reply, source: { transport: 'process', command: digest, output: digest } };
    },
    effects: () => Promise.resolve(same),
  });

let asked = 0;

async function ask(sample: Sample, name: string, change: Change = {}): Promise<RunState> {
  const { store, world } = await storeOf(sample);
  const { spec = {}, ...options } = change;
  const { state } = await runValidation(world, {
    ...{ store, run: `validation-${String((asked += 1))}`, pack: 'demo', subject: 'reference' },
    validation: validation(name, spec),
    ...{ wanted: ['rebuild', 'refuse'], also: [], parallel: 2 },
    signal: new AbortController().signal,
    howStopped: () => ({ outcome: 'interrupted', exitCode: 143 }),
    runMember: (scenario) => factsOf(sample, `run-${scenario}`),
    verifier: inside(sample, spec.rows ?? rows),
    close: (bundle) => bundle.close(),
    ...options,
  });
  return state;
}

const answerOf = ({ checks }: RunState) => checks.map(({ verdict }) => verdict);

let sample: Sample;
beforeAll(async () => {
  sample = await makeSampleIn(await mkdtemp(join(tmpdir(), 'seatrial-validation-')));
  await writeCompleteStore(sample);
  await writeUndoMutants(sample);
});
afterAll(() => rm(sample.root, { recursive: true, force: true }));

describe('rows that are complete', () => {
  test('are so by their members alone, whose heads the bundle names', async () => {
    const state = await ask(sample, 'rows-complete');
    expect(state.reasons).toEqual([]);
    expect(state).toMatchObject({ verdict: 'passed', ended: { outcome: 'completed' } });
    const { head } = await factsOf(sample, 'run-rebuild');
    const [told] = state.operations.flatMap(({ observations }) => observations);
    const { objects } = await openRun(sample.storeRoot, state.started.run);
    const bytes = told === undefined ? undefined : objects(told.object);
    expect(new TextDecoder().decode(bytes)).toContain(head);
  });

  test('cannot be told where a member cannot be run', async () => {
    const state = await ask(sample, 'rows-complete', {
      runMember: (scenario) =>
        scenario === 'refuse'
          ? Promise.reject(new WorldError('unavailable', 'environment-unmet: it needs Docker'))
          : factsOf(sample, `run-${scenario}`),
    });
    expect(answerOf(state)).toEqual(['error']);
    expect(state.checks[0]?.message).toContain('it needs Docker');
    expect(state.exitCode).toBe(3);
  });

  test('are so also where a scenario that only may be run cannot be', async () => {
    const state = await ask(sample, 'rows-complete', {
      also: ['elsewhere'],
      runMember: (scenario) =>
        scenario === 'elsewhere'
          ? Promise.reject(new WorldError('unavailable', 'environment-unmet: it needs Docker'))
          : factsOf(sample, `run-${scenario}`),
    });
    expect(answerOf(state)).toEqual(['passed']);
  });

  test.each<readonly [string, Change]>([
    [
      'a member left out',
      {
        verifier: (work) => {
          const { check, effects } = inside(sample, rows)(work);
          return { effects, check: (bundles, claims) => check(bundles.slice(1), claims) };
        },
      },
    ],
    [
      'a member replaced by a bundle with a planted fault',
      {
        runMember: (scenario) =>
          factsOf(sample, scenario === 'rebuild' ? 'mutant-rebuild.copy-version' : 'run-refuse'),
      },
    ],
    [
      'a member that gave the bundle of another',
      { wanted: [...rows, 'other'], runMember: () => factsOf(sample, 'run-refuse') },
    ],
  ])('are not: %s', async (_name, change) => {
    const state = await ask(sample, 'rows-complete', change);
    expect(answerOf(state)).toEqual(['failed']);
    expect(state.exitCode).toBe(1);
  });
});

const fresh = (packFiles['scenarios/rebuild.yaml'] ?? '')
  .replace('id: rebuild,', 'id: fresh,')
  .replace('rows: [AQ-001]}\nspec', 'rows: []}\nspec')
  .replaceAll('rows: [AQ-001]}', 'rows: []}');
const claim = `id: CL-1
row: AQ-001
by: ada
statement: It is covered.
bundles: [fresh]
at: 2026-01-01T00:00:00Z
`;
const spec: Partial<Spec> = {
  ...{ path: 'sad', rows: ['AQ-001'], members: ['fresh'], claims: ['audit/claims/fresh.yaml'] },
  expectAudit: {
    exit: 1,
    rows: {
      '*': {
        status: 'unresolved',
        reasons: ['missing-old-sandbox-fixture', 'fresh-only-claim'],
      },
    },
  },
  forbidden: ['row-status-changed', 'pack-file-changed', 'write-outside-store'],
  expectedChecks: ['audit.phase9.fresh-rejected', 'audit.phase9.nothing-flipped'],
};

describe('a claim from something fresh', () => {
  let programs = '';
  beforeAll(async () => {
    programs = await mkdtemp(join(tmpdir(), 'seatrial-verifier-'));
  });
  afterAll(() => rm(programs, { recursive: true, force: true }));

  test.each<readonly [string, VerifierFault | undefined, readonly string[]]>([
    ['is refused, and changes nothing', undefined, ['passed', 'passed']],
    ['is taken by a proof that ignores images', 'audit.accept-fresh', ['failed', 'passed']],
    ['turns a row', 'audit.flip-on-claim', ['failed', 'failed']],
  ])('%s', { timeout: 120_000 }, async (_name, fault, verdicts) => {
    const own = await makeSample({
      'scenarios/fresh.yaml': fresh,
      'audit/claims/fresh.yaml': claim,
    });
    await writeRun(own, 'fresh', 'run-fresh', {
      draft: (draft) => draft.with({ observed: { deploy: [instance(headBuild, 'c1')] } }),
    });
    const ofProgram = openVerifier({
      argv: [process.execPath, await buildVerifier(join(programs, fault ?? 'sound'), fault)],
      processes: makeProcesses({ searchPath }),
      ...{ store: own.storeRoot, pack: own.packRoot, rows: ['AQ-001'] },
      ...{ subject: 'reference', signal: new AbortController().signal },
      env: { PATH: searchPath, SEATRIAL_LOCKS: `${own.root}/locks` },
    });
    const state = await ask(own, 'fresh', {
      ...{ spec, wanted: ['fresh'] },
      // Of a faulty one its answer is enough: what it changes is seen there.
      verifier: (work) =>
        fault === undefined
          ? ofProgram(work)
          : { ...ofProgram(work), effects: () => Promise.resolve(same) },
    });
    expect(state.checks.map(({ message }) => message).join('; ')).not.toContain('the audit ended');
    expect(answerOf(state)).toEqual(verdicts);
  });

  test.each(['statuses', 'queue', 'pack', 'runs', 'outside'] as const)(
    'is noticed when it changes %s',
    async (effect) => {
      let looks = 0;
      const state = await ask(sample, 'nothing-flipped', {
        spec: { ...spec, rows, expectedChecks: ['audit.phase9.nothing-flipped'] },
        verifier: (work) => ({
          ...inside(sample, rows)(work),
          effects: () => {
            looks += 1;
            return Promise.resolve(looks === 1 ? same : { ...same, [effect]: { changed: 'yes' } });
          },
        }),
      });
      expect(answerOf(state)).toEqual(['failed']);
      expect(state.checks[0]?.message).toContain(`/after/${effect}`);
    },
  );
});

describe('what members show of themselves', () => {
  const known = (name: string, change: Partial<MemberFacts>) =>
    ask(sample, name, {
      runMember: async (scenario) => ({
        ...(await factsOf(sample, `run-${scenario}`)),
        ...{ manifest: null, contract: 'no-instance' },
        ...(scenario === 'refuse' ? change : {}),
      }),
    });

  test.each<readonly [string, Partial<MemberFacts>, string]>([
    ['hermetic-complete', {}, 'passed'],
    ['hermetic-complete', { verdict: 'failed' }, 'failed'],
    ['hermetic-complete', { unrestored: ['fixture.kept.restored'] }, 'failed'],
    ['hermetic-complete', { scenario: 'other' }, 'failed'],
    ['no-manifest', {}, 'passed'],
    ['no-manifest', { manifest: 'manifests/plain.yaml' }, 'failed'],
    ['no-manifest', { contract: null }, 'failed'],
    ['no-manifest', { manifestReads: ['/pack/manifests/plain.yaml'] }, 'failed'],
  ])('%s of %j', async (name, change, verdict) => {
    expect(answerOf(await known(name, change))).toEqual([verdict]);
  });

  test('manifest and contract are those of the plan', async () => {
    const { state } = await openRun(sample.storeRoot, 'run-refuse');
    const plan = JSON.stringify({ manifest: { path: 'manifests/a.yaml' }, contract: { id: 'c' } });
    const read = () => new TextEncoder().encode(plan);
    expect(memberFacts(state, read)).toMatchObject({ manifest: 'manifests/a.yaml', contract: 'c' });
    expect(memberFacts(state, () => undefined)).toMatchObject({ manifest: null, contract: null });
  });
});
