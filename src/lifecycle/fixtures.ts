// The life of a fixture (audit specification §6.1): look, register the undo, change, look again; and back.

import type { Redactor } from '../evidence/redactor.ts';
import type { ExpectedCheck } from '../evidence/record.ts';
import type { FixturePorts } from '../ports/fixtures.ts';
import type { JsonObject } from '../ports/json.ts';
import { WorldError } from '../ports/world-error.ts';
import { fixtureInputs } from '../scenario/fixture-inputs.ts';
import type { FixtureKind } from '../scenario/scenario-schema.ts';
import { bounded, type Bounded } from './bounded.ts';
import { messageOf } from './failure.ts';
import type {
  Applied,
  Before,
  Digests,
  FixturePlace,
  KeepImage,
  Kind,
  UndoRecord,
  UndoReport,
} from './fixture-kind.ts';
import { kindNamed } from './fixture-kinds.ts';
import { askJudged, type JudgedQuestion } from './ask-judged.ts';
import type { Recorder } from './recorder.ts';
import { registerUndo, writerFor } from './register-undo.ts';

export type FixtureOrder = {
  readonly id: string;
  readonly kind: FixtureKind;
  readonly role?: string;
  /** `with`, placeholders filled in. */
  readonly inputs: JsonObject;
  readonly budgetMs: number;
  /** Planted: it is not applied, or put back only after the check has looked (F17). */
  readonly planted?: 'apply-skipped' | 'undo-skipped';
};

export type FixtureSession = {
  readonly recorder: Recorder;
  readonly redactor: Redactor;
  readonly ports: FixturePorts;
  /** `<store>/undo/<run>`. */
  readonly undoRoot: string;
  readonly expected: ReadonlyMap<string, ExpectedCheck>;
};

/** One that has a registered undo. */
export type Prepared = {
  readonly order: FixtureOrder;
  readonly kind: Kind<never>;
  readonly before: Before;
  readonly digests: Digests;
  readonly folder: string;
  readonly applied?: Applied;
  /** Digest of the target after it was applied. */
  readonly now?: string;
  readonly staged: boolean;
};

const applyBudgetMs = 300_000;

type Asked = {
  /** Its place in the order of the run. */
  readonly number: number;
  /** Told as soon as there is something to undo, and again whenever more of it is known. */
  readonly keep: (prepared: Prepared) => void;
};

/**
 * Throws WorldError for what cannot be looked at or may not be changed; then nothing was. Whatever fails after the
 * undo is registered is in the answer, since it must be undone; a bug is thrown, and `keep` knows what to undo.
 */
export async function applyFixture(
  session: FixtureSession,
  order: FixtureOrder,
  place: FixturePlace,
  { number, keep }: Asked,
): Promise<Prepared> {
  const { ports, recorder, undoRoot } = session;
  const kind = kindOf(order);
  const inputs = inputsOf(order);
  const folder = `${undoRoot}/${order.id}`;
  await kind.prepare?.(ports.engines, place);
  const locks = await kind.locks(ports, inputs, place);
  // It stays until the undo is done, by which others find what is left (F11).
  await ports.files.makeDirectory(folder, 0o700);
  const before = await kind.observe(ports, inputs, place, keeperOf(ports, folder));
  const record = { ...before, folder, run: place.run, signal: place.signal };
  const digests = await kind.digests(ports, record);
  const pre: JsonObject = { ...before.pre, folder, locks, digests: { ...digests } };
  const writer = await registerUndo(recorder, ports, {
    undo: undoOf(order.id),
    kind: order.kind,
    target: before.target,
    budgetMs: order.budgetMs,
    pre,
    fixture: order.id,
    order: number,
  });
  const prepared = { order, kind, digests, folder, before: { ...before, pre } };
  keep({ ...prepared, staged: false });
  const limits = { budgetMs: applyBudgetMs, signal: place.signal };
  const result =
    order.planted === 'apply-skipped'
      ? ({ kind: 'value', value: { outputs: {}, wrote: [] } } as const)
      : await bounded(ports.clock, limits, () =>
          kind.apply(writer, inputs, place, prepared.before),
        );
  // What lives in this process alone can be ended only by whoever has it.
  if (result.kind === 'value') keep({ ...prepared, applied: result.value, staged: false });
  return proveStaged(session, prepared, { result, place });
}

export const undoOf = (id: string): string => `fixture.${id}`;

export function kindOf({ id, kind }: Pick<FixtureOrder, 'id' | 'kind'>): Kind<never> {
  const found = kindNamed(kind);
  if (found !== undefined) return found;
  throw new WorldError('unavailable', `fixture ${id}: this version cannot prepare \`${kind}\``);
}

function inputsOf({ id, kind, inputs }: FixtureOrder): never {
  const parsed = fixtureInputs[kind].safeParse(inputs);
  if (parsed.success) return parsed.data as never;
  throw new WorldError('refused', `fixture ${id}: its inputs are no longer valid once filled in`);
}

function keeperOf({ files }: FixturePorts, folder: string): KeepImage {
  return async (path, name) => {
    await files.makeDirectory(folder, 0o700);
    await files.remove(`${folder}/${name}`);
    await files.copyTree(path, `${folder}/${name}`);
    // A rename syncs the folder; the copy itself is then in it.
    await files.replace(`${folder}/${name}.kept`, `${path}\n`, 0o600);
  };
}

type Half = Omit<Prepared, 'staged' | 'applied' | 'now'>;

async function proveStaged(
  session: FixtureSession,
  half: Half,
  { result, place }: { readonly result: Bounded<Applied>; readonly place: FixturePlace },
): Promise<Prepared> {
  const { order, kind, before, folder } = half;
  const check = `fixture.${order.id}.staged`;
  if (result.kind !== 'value') {
    const message = whyNot(result);
    await askJudged(session, { check, operation: order.id, error: message });
    return { ...half, staged: false };
  }
  const applied = result.value;
  const record = { ...before, folder, run: place.run, signal: place.signal };
  const look = async () => (await kind.digests(session.ports, record)).target;
  const seen = await bounded(session.ports.clock, { budgetMs: applyBudgetMs }, look);
  const now = seen.kind === 'value' ? seen.value : undefined;
  await session.recorder.append(
    {
      type: 'fixture.applied',
      data: { fixture: order.id, details: appliedDetails(half, applied, now) },
    },
    { durable: true },
  );
  const question = await probe(session, half, { applied, place });
  const verdict = await askJudged(session, { check, operation: order.id, ...question });
  const staged = verdict === 'passed';
  return { ...half, applied, staged, ...(now === undefined ? {} : { now }) };
}

function appliedDetails(
  { order, before, digests }: Half,
  { wrote, outputs, details = {} }: Applied,
  now: string | undefined,
): JsonObject {
  return {
    kind: order.kind,
    ...(order.role === undefined ? {} : { role: order.role }),
    target: before.target,
    before: { ...digests },
    ...(now === undefined ? {} : { applied: now }),
    wrote,
    outputs,
    ...details,
  };
}

async function probe(
  { ports }: FixtureSession,
  { kind, order, before }: Half,
  { applied, place }: { readonly applied: Applied; readonly place: FixturePlace },
): Promise<Pick<JudgedQuestion, 'observed' | 'expect' | 'error' | 'failure'>> {
  const result = await bounded(ports.clock, { budgetMs: applyBudgetMs }, () =>
    kind.probe(ports, inputsOf(order), place, { ...applied, ...before }),
  );
  if (result.kind === 'value') return result.value;
  const message = whyNot(result);
  // What should be there and is not is an answer: the fixture does not bite.
  const absent = result.kind === 'threw' && isNotFound(result.error);
  return absent ? { failure: message } : { error: message };
}

const isNotFound = (error: unknown): boolean =>
  error instanceof WorldError && ['not-found', 'app-failed', 'network'].includes(error.code);

function whyNot(result: Exclude<Bounded<unknown>, { kind: 'value' }>): string {
  if (result.kind === 'timed-out') return 'it took too long';
  if (result.kind === 'stopped') return 'the run was stopped';
  if (!(result.error instanceof WorldError)) throw result.error;
  return messageOf(result.error);
}

export type Restored = {
  readonly outcome: 'restored' | 'failed' | 'timed-out';
  readonly message?: string;
};

/** On its own budget and signal; what fails is said and keeps no other from being undone (F4). */
export async function restoreFixture(
  session: FixtureSession,
  prepared: Prepared,
  run: string,
): Promise<Restored> {
  const { order } = prepared;
  if (order.planted === 'undo-skipped') {
    await proveRestored(session, prepared, { run, report: {}, restored: undefined });
    return undo(session, prepared, run).then(({ restored }) => restored);
  }
  const { restored, report } = await undo(session, prepared, run);
  await proveRestored(session, prepared, { run, report, restored });
  return restored;
}

async function undo(
  session: FixtureSession,
  { order, kind, before, folder, applied, now }: Prepared,
  run: string,
): Promise<{ readonly restored: Restored; readonly report: UndoReport }> {
  const { ports, recorder } = session;
  const result = await bounded(ports.clock, { budgetMs: order.budgetMs }, (signal) =>
    kind.undo(writerFor(ports, { undo: undoOf(order.id) }), {
      ...before,
      ...{ run, folder, signal },
      ...(now === undefined ? {} : { applied: now }),
      ...(applied?.live === undefined ? {} : { live: applied.live }),
    }),
  );
  const restored = restoredBy(result);
  await recorder.append(
    { type: 'undo.ended', data: { undo: undoOf(order.id), ...restored } },
    { durable: true },
  );
  if (restored.outcome === 'restored') await ports.files.remove(folder);
  return { restored, report: result.kind === 'value' ? result.value : {} };
}

export function restoredBy(result: Bounded<UndoReport>): Restored {
  if (result.kind === 'value') return { outcome: 'restored' };
  if (result.kind === 'timed-out') return { outcome: 'timed-out', message: whyNot(result) };
  return { outcome: 'failed', message: whyNot(result) };
}

async function proveRestored(
  session: FixtureSession,
  { order, kind, before, folder, digests, applied }: Prepared,
  { run, report, restored }: { run: string; report: UndoReport; restored: Restored | undefined },
): Promise<void> {
  const check = `fixture.${order.id}.restored`;
  const record: UndoRecord = { ...before, folder, run, signal: new AbortController().signal };
  const seen = await bounded(session.ports.clock, { budgetMs: order.budgetMs }, () =>
    kind.digests(session.ports, {
      ...record,
      ...(applied?.live === undefined ? {} : { live: applied.live }),
    }),
  );
  const post = seen.kind === 'value' ? seen.value : undefined;
  if (applied !== undefined)
    await session.recorder.append({
      type: 'fixture.restored',
      data: { fixture: order.id, details: restoredDetails(digests, post, report) },
    });
  const why = restored?.outcome === 'restored' || restored === undefined ? undefined : restored;
  const unseen = seen.kind === 'value' ? undefined : whyNot(seen);
  const error = why === undefined ? unseen : `the undo ${why.outcome}: ${why.message ?? ''}`;
  await askJudged(session, {
    ...{ check, operation: 'remove' },
    ...(error === undefined ? restoredQuestion(digests, post, report) : { error }),
  });
}

const restoredDetails = (
  pre: Digests,
  post: Digests | undefined,
  report: UndoReport,
): JsonObject => ({
  pre: pre.target,
  ...(post === undefined ? {} : { post: post.target }),
  neighbours: { pre: pre.neighbours, post: post?.neighbours ?? null },
  ...(report.conflict === undefined ? {} : { conflict: report.conflict }),
});

function restoredQuestion(pre: Digests, post: Digests | undefined, { conflict }: UndoReport) {
  const observed: JsonObject = {
    pre: { ...pre },
    post: { ...post },
    ...(conflict === undefined ? {} : { conflict }),
  };
  return {
    observed,
    expect: [
      { at: '/post/target', op: 'same-as', to: '/pre/target' },
      ...(pre.neighbours === null
        ? []
        : [{ at: '/post/neighbours', op: 'same-as', to: '/pre/neighbours' } as const]),
      { at: '/conflict', op: 'absent', reason: 'changed-by-somebody-else' },
    ],
  } as const;
}
