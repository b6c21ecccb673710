// What a run of the sample's scenarios does and finds, as a draft that tests change before it becomes
// records and objects.

import type { PlannedScenario } from '../../src/audit/pack.ts';
import type { Bundle } from '../../src/evidence/bundle.ts';
import { canonicalJson } from '../../src/evidence/canonical.ts';
import type { EvidenceSource } from '../../src/evidence/evidence-object.ts';
import type { Expectation } from '../../src/evidence/expectation.ts';
import type { JournalHeader } from '../../src/evidence/journal-chain.ts';
import { judgeFacts } from '../../src/evidence/judge.ts';
import { observationNames, type ProofObservation } from '../../src/evidence/observed.ts';
import type { Boundary, Entry, ObjectRef, RecordData } from '../../src/evidence/record.ts';
import type { Verdict } from '../../src/evidence/verdict.ts';
import type { Json, JsonObject } from '../../src/ports/json.ts';
import { runStarted } from '../evidence/sample-run.ts';
import { expectations } from './sample-pack.ts';

export const subjectDigest = '5'.repeat(64);
export const stagedDigest = 'e'.repeat(64);
export const oldBuild = { component: 'agent', version: '1.0.0', content: 'sha256:old' };
export const headBuild = { component: 'agent', version: '2.0.0', content: 'sha256:new' };
export const registryFile = '/home/registry.json';

export type Facts = {
  readonly observed: JsonObject;
  readonly expect: readonly object[];
  readonly sources: readonly (Partial<EvidenceSource> & { readonly when: 'before' | 'after' })[];
};

export type CheckDraft = {
  readonly after: string;
  readonly boundary: Boundary;
  readonly touched: readonly Boundary[];
  readonly verdict: Verdict;
  /** Undefined: it leaves no evidence object. */
  readonly facts?: Facts | undefined;
  /** Other bytes instead of an evidence object. */
  readonly raw?: string;
  /** Of the object. */
  readonly name?: string;
};

export type Draft = {
  readonly scenario: PlannedScenario;
  readonly collectors: string;
  readonly fixtures: Readonly<
    Record<string, { readonly applied: JsonObject; readonly restored: JsonObject }>
  >;
  /** By action, what is observed while it runs. */
  readonly observed: Readonly<Record<string, readonly ProofObservation[]>>;
  readonly checks: Readonly<Record<string, CheckDraft>>;
};

export type RunDraft = Draft & {
  readonly with: (change: Partial<Draft>) => RunDraft;
  readonly check: (id: string, change: Partial<CheckDraft>) => RunDraft;
  readonly facts: (id: string, change: Partial<Facts>) => RunDraft;
  readonly verdict: (id: string, verdict: Verdict) => RunDraft;
  readonly applied: (fixture: string, details: JsonObject) => RunDraft;
  readonly restored: (fixture: string, details: JsonObject) => RunDraft;
  /** The check goes red for facts that show it. */
  readonly fail: (id: string) => RunDraft;
  readonly write: (bundle: Bundle, options: WriteOptions) => Promise<readonly Entry[]>;
};

type WriteOptions = {
  readonly header: JournalHeader;
  readonly canary: string | undefined;
  readonly started: Partial<RecordData['run.started']> | undefined;
};

const unchanged = { pre: 'a', post: 'a', neighbours: { pre: 'n', post: 'n' } };
const details: Readonly<Record<string, JsonObject>> = {
  'old-image': oldBuild,
  staged: { target: registryFile, digest: stagedDigest },
  endpoint: { nonce: 'nonce-1' },
};

export const instance = (
  build: typeof oldBuild,
  id: string,
  change: { name?: string; probe?: string } = {},
): ProofObservation => ({
  ...{ schema: 'seatrial.instance/v1', name: 'box', id, probe: 'agent --version' },
  ...build,
  ...change,
});
export const imageUse = (
  built: boolean,
  change: { image?: string; created?: string } = {},
): ProofObservation => ({
  ...{ schema: 'seatrial.image-use/v1', fixture: 'patched', image: 'i', created: 't', built },
  ...change,
});
export const request = (nonce = 'nonce-1', from: Boundary = 'agent'): ProofObservation => ({
  schema: 'seatrial.requests/v1',
  fixture: 'endpoint',
  requests: [{ nonce, from }],
});

const live = { transport: 'sandbox-exec', when: 'after' } as const;
/** What the harness adds to the check of a sad path. */
const refused = {
  action: { exit: 1, stdout: '', stderr: 'the old one is kept' },
  effects: { 'registry-changed': { entry: 'e' } },
};
const factsOf: Readonly<Record<string, Omit<Facts, 'expect'>>> = {
  'demo.rebuild.marker-kept': {
    observed: { before: { marker: 'm' }, after: { marker: 'm' } },
    sources: [{ transport: 'sandbox-exec', when: 'before' }, live],
  },
  'demo.rebuild.version-probed': {
    observed: { registry: '2.0.0', probe: '2.0.0' },
    sources: [{ transport: 'file-read', when: 'after', target: registryFile }, live],
  },
  'demo.refuse.keeps-old': {
    observed: { kept: true, ...refused, before: { effects: refused.effects } },
    sources: [{ transport: 'file-read', when: 'before' }, live],
  },
};

/** Facts under which each check is red. */
const redFacts: Readonly<Record<string, JsonObject>> = {
  'demo.rebuild.marker-kept': { before: { marker: 'm' }, after: { marker: 'other' } },
  'demo.rebuild.version-probed': { registry: '1.0.0', probe: '2.0.0' },
  'demo.refuse.keeps-old': { kept: false },
};

export function goodRun(scenario: PlannedScenario, collectors: string): RunDraft {
  const own = scenario.checks.map(({ id, after, boundary }): readonly [string, CheckDraft] => [
    id,
    {
      ...{ after, boundary, touched: [boundary], verdict: 'passed' },
      facts: {
        expect: [...sadExpectations(scenario, id), ...(expectations[id] ?? [])],
        ...{ observed: {}, sources: [], ...factsOf[id] },
      },
    },
  ]);
  const fixtures = scenario.fixtures.map(({ id }) => id);
  return draftOf({
    ...{ scenario, collectors },
    observed:
      scenario.id === 'rebuild'
        ? {
            deploy: [instance(oldBuild, 'c1'), imageUse(true)],
            rebuild: [instance(headBuild, 'c2'), imageUse(false), request()],
          }
        : {},
    fixtures: Object.fromEntries(
      fixtures.map((id) => [id, { applied: details[id] ?? {}, restored: unchanged }]),
    ),
    checks: Object.fromEntries([
      ...own,
      ...fixtures.map((id) => [`fixture.${id}.staged`, plainCheck('setup')] as const),
      ...fixtures.map((id) => [`fixture.${id}.restored`, plainCheck('remove')] as const),
      ['run.secrets.absent', plainCheck('run')],
      ['run.secrets.redactor-alive', plainCheck('run')],
    ]),
  });
}

const sadExpectations = ({ expectedFailure }: PlannedScenario, id: string) =>
  expectedFailure?.check === id ? expectedFailure.expect : [];

const plainCheck = (after: string): CheckDraft => ({
  ...{ after, boundary: 'driver', touched: ['driver'], verdict: 'passed' },
});

function draftOf(draft: Draft): RunDraft {
  const { checks, fixtures } = draft;
  const check = (id: string, change: Partial<CheckDraft>): RunDraft => {
    const known = checks[id];
    if (known === undefined) throw new Error(`the draft has no check ${id}`);
    return draftOf({ ...draft, checks: { ...checks, [id]: { ...known, ...change } } });
  };
  const facts = (id: string, change: Partial<Facts>): RunDraft => {
    const nothing = { observed: {}, expect: [], sources: [] };
    return check(id, { facts: { ...nothing, ...checks[id]?.facts, ...change } });
  };
  const fixture = (id: string, change: object): RunDraft => {
    const known = fixtures[id] ?? { applied: {}, restored: unchanged };
    return draftOf({ ...draft, fixtures: { ...fixtures, [id]: { ...known, ...change } } });
  };
  return {
    ...draft,
    ...{ check, facts },
    with: (change) => draftOf({ ...draft, ...change }),
    verdict: (id, verdict) => check(id, { verdict }),
    applied: (id, applied) => fixture(id, { applied }),
    restored: (id, restored) => fixture(id, { restored }),
    fail: (id) => facts(id, { observed: redFacts[id] ?? {} }).verdict(id, 'failed'),
    write: (bundle, options) => entriesOf(draft, bundle, options),
  };
}

async function entriesOf(
  draft: Draft,
  bundle: Bundle,
  options: WriteOptions,
): Promise<readonly Entry[]> {
  const { scenario, fixtures, observed, checks } = draft;
  const entries: Entry[] = [await startOf(draft, bundle, options)];
  const startedAt = new Map<string, number>();
  const ask = async (after: string): Promise<void> => {
    for (const [id, each] of Object.entries(checks)) {
      if (each.after !== after) continue;
      const ref = await evidenceOf(id, each, bundle, startedAt.get(after) ?? 2);
      entries.push(...checkEntries(id, each, ref));
    }
  };
  for (const [id, { applied }] of Object.entries(fixtures)) {
    const undo = { undo: id, kind: 'x', target: id, budgetMs: 5 };
    entries.push({ type: 'undo.registered', data: undo });
    entries.push({ type: 'fixture.applied', data: { fixture: id, details: applied } });
  }
  await ask('setup');
  for (const { id: operation } of scenario.actions) {
    startedAt.set(operation, entries.length + 1);
    entries.push({ type: 'operation.started', data: { operation, stage: 'head', budgetMs: 9 } });
    entries.push({ type: 'note', data: { code: 'did', message: operation, severity: 'info' } });
    for (const value of observed[operation] ?? [])
      entries.push(await observation(operation, value, bundle));
    entries.push({ type: 'operation.ended', data: { operation, outcome: 'done', durationMs: 5 } });
    await ask(operation);
  }
  for (const [id, { restored }] of Object.entries(fixtures).reverse()) {
    entries.push({ type: 'undo.ended', data: { undo: id, outcome: 'restored' } });
    entries.push({ type: 'fixture.restored', data: { fixture: id, details: restored } });
  }
  await ask('remove');
  await ask('run');
  return [...entries, { type: 'run.ended', data: { outcome: 'completed' } }];
}

async function startOf(
  { scenario, collectors, checks }: Draft,
  bundle: Bundle,
  { header, canary, started }: WriteOptions,
): Promise<Entry> {
  const plan = await putJson(bundle, 'plan.json', { scenario: scenario.id });
  return runStarted({
    ...header,
    ...{ app: 'demo', scenario: scenario.id, plan, planDigest: plan.sha256 },
    operations: scenario.actions.map(({ id }) => ({ name: id })),
    expected: Object.entries(checks).map(([id, { after, boundary }]) => ({
      ...{ id, after, boundary, title: id, source: 'scenario' },
    })),
    bound: {
      pack: 'demo',
      subject: { name: 'reference', digest: subjectDigest, builds: [headBuild] },
      ...{ plan: scenario.plan, collectors },
    },
    ...(canary === undefined ? {} : { canary }),
    ...started,
  });
}

const putJson = (bundle: Bundle, path: string, value: Json) =>
  bundle.put({ path, mediaType: 'application/json', content: canonicalJson(value) });

async function observation(
  operation: string,
  value: ProofObservation,
  bundle: Bundle,
): Promise<Entry> {
  const what = observationNames[value.schema];
  const object = await putJson(bundle, `observations/${what}.json`, value);
  return { type: 'observation', data: { operation, what, object } };
}

async function evidenceOf(
  id: string,
  { facts, raw, name, verdict }: CheckDraft,
  bundle: Bundle,
  startedSeq: number,
): Promise<ObjectRef | undefined> {
  const path = `evidence/${id}/${name ?? 'facts.json'}`;
  if (raw !== undefined) return bundle.put({ path, mediaType: 'application/json', content: raw });
  if (facts === undefined || verdict === 'not-run') return undefined;
  const object = {
    ...{ schema: 'seatrial.evidence/v1', check: id, boundary: 'state', attempt: 1 },
    ...{ observed: facts.observed, expect: facts.expect },
    sources: facts.sources.map(({ when, ...source }) => ({
      ...{ transport: 'sandbox-exec', command: 'sha256:c', output: `sha256:${'0'.repeat(64)}` },
      call: when === 'before' ? startedSeq - 1 : startedSeq + 1,
      ...source,
    })),
  };
  return putJson(bundle, path, object as unknown as Json);
}

function checkEntries(
  check: string,
  { after: operation, boundary, touched, verdict, facts }: CheckDraft,
  ref: ObjectRef | undefined,
): readonly Entry[] {
  if (verdict === 'not-run') return [];
  const expect = facts?.expect as readonly Expectation[] | undefined;
  const judged = expect === undefined ? undefined : judgeFacts(facts?.observed ?? {}, expect);
  const evidence = ref === undefined ? [] : [ref];
  const message = judged?.message ?? `It ${verdict}.`;
  const asked = { check, operation, boundary };
  return [
    { type: 'check.started', data: asked },
    {
      type: 'check.ended',
      data: { ...asked, verdict, attempt: 1, touched, durationMs: 1, message, evidence },
    },
  ];
}
