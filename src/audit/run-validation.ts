// Runs a validation: its members, then the audit as a program of its own on exactly their bundles, then
// its checks. The bundle names the chain heads of its members, and is evidence for no row itself.

import { bundleRoot } from '../evidence/bundle-paths.ts';
import { openBundle, type Bundle } from '../evidence/bundle.ts';
import { canonicalJson } from '../evidence/canonical.ts';
import { evidenceSchema, type EvidenceSource } from '../evidence/evidence-object.ts';
import { headerDigest } from '../evidence/journal-chain.ts';
import { judgeFacts } from '../evidence/judge.ts';
import { makeRedactor } from '../evidence/redact.ts';
import { journalFormat, type ExpectedCheck, type RecordData } from '../evidence/record.ts';
import type { RunState } from '../evidence/run-state.ts';
import { listRun } from '../evidence/runs-list.ts';
import type { Store } from '../evidence/store.ts';
import type { Verdict } from '../evidence/verdict.ts';
import type { Clock } from '../ports/clock.ts';
import type { Files } from '../ports/files.ts';
import type { Json } from '../ports/json.ts';
import type { Locks } from '../ports/locks.ts';
import { WorldError } from '../ports/world-error.ts';
import type { Validation } from '../scenario/scenario-schema.ts';
import { validationCheckOf, validationChecks } from '../scenario/validation-checks.ts';
import {
  questionOf,
  type AuditReply,
  type Effects,
  type MemberFacts,
  type ValidationFacts,
} from './validation-facts.ts';

export type ValidationWorld = {
  readonly clock: Clock;
  readonly files: Files;
  readonly locks: Locks;
  readonly host: RecordData['run.started']['host'];
  readonly pid: number;
  readonly toolVersion: string;
};

export type ValidationOptions = {
  readonly store: Store;
  /** Id of this run. */
  readonly run: string;
  /** Id of the pack, and of the subject that rows are about. */
  readonly pack: string;
  readonly subject: string;
  readonly validation: Validation;
  /** Scenarios that must be run, and others that are run where this host can. */
  readonly wanted: readonly string[];
  readonly also: readonly string[];
  readonly parallel: number;
  readonly signal: AbortSignal;
  readonly howStopped: (signal: AbortSignal) => RecordData['run.ended'];
  /** A fresh bundle of the member, found or made. Throws WorldError where this host cannot. */
  readonly runMember: (scenario: string) => Promise<MemberFacts>;
  /** Asks the verifier; `work` holds the only folders that it is given. */
  readonly verifier: (work: string) => Verifier;
  readonly close: (bundle: Bundle) => Promise<void>;
};

export type Verifier = {
  readonly check: (
    bundles: readonly string[],
    claims: readonly string[],
  ) => Promise<{ readonly reply: AuditReply; readonly source: Omit<EvidenceSource, 'call'> }>;
  readonly effects: (bundles: readonly string[]) => Promise<Effects>;
};

export type ValidationResult = {
  readonly run: string;
  readonly root: string;
  readonly state: RunState;
};

const workUndo = 'work-folder';
const budgetMs = 60_000;

export async function runValidation(
  world: ValidationWorld,
  options: ValidationOptions,
): Promise<ValidationResult> {
  const { store, run, validation } = options;
  const lock = await world.locks.acquire(`run-${run}`, {
    waitMs: budgetMs,
    signal: options.signal,
  });
  try {
    const header = { format: journalFormat, run, store: store.id } as const;
    const { clock, locks, files } = world;
    const { id: scenario } = validation.metadata;
    const listed = { run, app: options.pack, scenario, lock: lock.name };
    await listRun(
      { ...store, clock, locks },
      { ...listed, state: 'started', head: headerDigest(header) },
    );
    const root = bundleRoot(store.root, run);
    const bundle = await openBundle({ files, clock, root, header, redactor: makeRedactor() });
    const failure = await performed(world, bundle, { ...options, lock: lock.name });
    try {
      await options.close(bundle);
    } catch (error) {
      await bundle.close().catch(() => undefined);
      throw failure ?? error;
    }
    if (failure !== undefined) throw failure as Error;
    return { run, root, state: bundle.state() };
  } finally {
    await lock.release();
  }
}

type Doing = ValidationOptions & { readonly lock: string };

/** What was thrown that is no trouble of the world: a bug, told after everything is written. */
async function performed(world: ValidationWorld, bundle: Bundle, doing: Doing): Promise<unknown> {
  const work = `${doing.store.root}/work/${doing.run}`;
  let failure: unknown;
  try {
    await begin(world, bundle, { ...doing, work });
    await perform(world, bundle, { ...doing, work });
  } catch (error) {
    failure = error;
  }
  const message = await world.files.remove(work).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const outcome = message === undefined ? 'restored' : 'failed';
  const said = message === undefined ? {} : { message };
  await bundle.append({ type: 'undo.ended', data: { undo: workUndo, outcome, ...said } });
  await bundle.append({ type: 'run.ended', data: endOf(doing, failure) });
  return failure;
}

function endOf({ signal, howStopped }: Doing, failure: unknown): RecordData['run.ended'] {
  if (signal.aborted) return howStopped(signal);
  if (failure === undefined) return { outcome: 'completed' };
  const message = failure instanceof Error ? failure.message : 'something was thrown';
  return { outcome: 'crashed', cause: 'bug', message };
}

const operations = ['members', 'audit'] as const;
type Operation = (typeof operations)[number];

async function begin(
  world: ValidationWorld,
  bundle: Bundle,
  { store, run, lock, work, validation, ...asked }: Doing & { readonly work: string },
): Promise<void> {
  const { pack, wanted, also, subject } = asked;
  const { metadata, spec } = validation;
  const value = { schema: 'seatrial.validation-plan/v1', pack, subject, validation, wanted, also };
  const plan = await bundle.put({
    path: 'plan.json',
    mediaType: 'application/json',
    content: canonicalJson(value),
  });
  await bundle.append({
    type: 'run.started',
    data: {
      ...{ format: journalFormat, store: store.id, run, job: run, attempt: 1 },
      tool: { name: 'seatrial', version: world.toolVersion },
      ...{ host: world.host, pid: world.pid, app: pack, instance: metadata.id, lock },
      ...{ scenario: metadata.id, work, plan, planDigest: plan.sha256 },
      driver: { kind: 'process', version: '1', fake: false },
      operations: operations.map((name) => ({ name })),
      expected: spec.expectedChecks.map((id) => expectedOf(id, metadata.phase)),
      base: { skipped: 'a validation deploys nothing itself' },
      head: { origin: 'directory', ref: `subject:${subject}`, digest: plan.sha256 },
      selection: 'full',
    },
  });
  const undo = { undo: workUndo, kind: 'folder', target: work, budgetMs };
  await bundle.append({ type: 'undo.registered', data: undo }, { durable: true });
  await world.files.makeDirectory(work, 0o700);
}

function expectedOf(id: string, phase: number): ExpectedCheck {
  const name = validationCheckOf(id, phase);
  const title = name === undefined ? id : validationChecks[name];
  return { id, after: 'audit', boundary: 'host-cli', source: 'scenario', title };
}

async function perform(
  world: ValidationWorld,
  bundle: Bundle,
  doing: Doing & { readonly work: string },
): Promise<void> {
  const { found, missing } = await timed(world, bundle, 'members', () => members(doing));
  const told = found.map(({ scenario, run, head, verdict }) => ({ scenario, run, head, verdict }));
  const object = await bundle.put({
    path: 'observations/members/bundles.json',
    mediaType: 'application/json',
    content: canonicalJson({ bundles: told, missing }),
  });
  await bundle.append({
    type: 'observation',
    data: { operation: 'members', what: 'bundles', object },
  });
  if (doing.signal.aborted) return;
  const absent = missing.filter(({ scenario }) => doing.wanted.includes(scenario));
  const asked = await timed(world, bundle, 'audit', () =>
    absent.length > 0
      ? Promise.resolve(absent.map(({ scenario, why }) => `${scenario}: ${why}`).join('; '))
      : ask(doing, bundle, found),
  );
  for (const id of doing.validation.spec.expectedChecks)
    await answer(bundle, doing.validation, { id, asked });
}

/** Trouble of the world ends the operation as an error, and is no answer. */
async function timed<Value>(
  { clock }: ValidationWorld,
  bundle: Bundle,
  operation: Operation,
  work: () => Promise<Value>,
): Promise<Value> {
  const startedMs = clock.monotonicMs();
  const durationMs = () => Math.round(clock.monotonicMs() - startedMs);
  await bundle.append(
    { type: 'operation.started', data: { operation, stage: 'head', budgetMs } },
    { durable: true },
  );
  try {
    const value = await work();
    const unasked = typeof value === 'string';
    await bundle.append({
      type: 'operation.ended',
      data: {
        ...{ operation, outcome: unasked ? 'error' : 'done', durationMs: durationMs() },
        ...(unasked ? { cause: 'unavailable', message: value } : {}),
      },
    });
    return value;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await bundle.append({
      type: 'operation.ended',
      data: { operation, outcome: 'error', durationMs: durationMs(), cause: 'bug', message },
    });
    throw error;
  }
}

type Missing = { readonly scenario: string; readonly why: string };

async function members({ wanted, also, parallel, signal, runMember }: Doing): Promise<{
  readonly found: readonly MemberFacts[];
  readonly missing: readonly Missing[];
}> {
  const found = new Map<string, MemberFacts>();
  const missing: Missing[] = [];
  const every = [...new Set([...wanted, ...also])];
  const queue = every.values();
  const worker = async (): Promise<void> => {
    for (const scenario of queue) {
      if (signal.aborted) return;
      try {
        found.set(scenario, await runMember(scenario));
      } catch (error) {
        if (!(error instanceof WorldError)) throw error;
        missing.push({ scenario, why: error.message });
      }
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return {
    found: every.flatMap((scenario) => found.get(scenario) ?? []),
    missing: missing.sort((a, b) => (a.scenario < b.scenario ? -1 : 1)),
  };
}

type Asked = string | { readonly facts: ValidationFacts; readonly source: EvidenceSource };

async function ask(
  { verifier, validation, wanted, work }: Doing & { readonly work: string },
  bundle: Bundle,
  found: readonly MemberFacts[],
): Promise<Asked> {
  const { check, effects } = verifier(work);
  const bundles = found.map(({ run }) => run);
  const call = bundle.state().records;
  try {
    const before = await effects(bundles);
    const { reply, source } = await check(bundles, validation.spec.claims);
    const after = await effects(bundles);
    const facts = { validation, wanted, members: found, reply, before, after };
    return { facts, source: { call, ...source } };
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return error.message;
  }
}

async function answer(
  bundle: Bundle,
  { metadata, spec }: Validation,
  { id, asked }: { readonly id: string; readonly asked: Asked },
): Promise<void> {
  const about = { check: id, operation: 'audit', boundary: 'host-cli' } as const;
  await bundle.append({ type: 'check.started', data: about });
  const name = validationCheckOf(id, metadata.phase);
  const judged =
    typeof asked === 'string' || name === undefined
      ? { verdict: 'error' as const, message: typeof asked === 'string' ? asked : 'unknown' }
      : judge(id, asked, questionOf(name, asked.facts), spec.expectAudit.exit);
  const path = `evidence/${id}/facts.json`;
  const mediaType = 'application/json';
  const evidence =
    'content' in judged ? [await bundle.put({ path, mediaType, content: judged.content })] : [];
  const { verdict, message } = judged;
  await bundle.append({
    type: 'check.ended',
    data: {
      ...{ ...about, verdict, attempt: 1, message, evidence, durationMs: 0 },
      touched: evidence.length === 0 ? [] : ['host-cli'],
    },
  });
}

function judge(
  check: string,
  { facts, source }: Exclude<Asked, string>,
  { observed, expect }: ReturnType<typeof questionOf>,
  wantedExit: number,
): { readonly verdict: Verdict; readonly message: string; readonly content: string } {
  const value = { schema: evidenceSchema, check, boundary: 'host-cli', attempt: 1 };
  const object = { ...value, observed, expect, sources: [source] };
  const content = canonicalJson(JSON.parse(JSON.stringify(object)) as Json);
  const { verdict, message } = judgeFacts(observed, expect);
  // What the testbed could not judge of a member is no fault of the rows.
  const unjudged = facts.members.filter(({ exitCode }) => exitCode === 3);
  return verdict === 'failed' && wantedExit !== 3 && facts.reply.exit === 3 && unjudged.length > 0
    ? {
        verdict: 'inconclusive',
        message: `${unjudged[0]?.scenario ?? ''} could not be judged; ${message}`,
        content,
      }
    : { verdict, message, content };
}
