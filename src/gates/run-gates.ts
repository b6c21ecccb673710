// A gate run: journal first, then gates in their order, then the end. What a reader needs to make
// the results again stands in records, and nowhere else.

import { toBase64 } from '../evidence/base64.ts';
import { bundleRoot } from '../evidence/bundle-paths.ts';
import { openBundle } from '../evidence/bundle.ts';
import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import { headerDigest } from '../evidence/journal-chain.ts';
import { makeRedactor } from '../evidence/redact.ts';
import { journalFormat, type RecordData } from '../evidence/record.ts';
import { listRun } from '../evidence/runs-list.ts';
import type { RunState } from '../evidence/run-state.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import { expectedChecks, planGates, type PlannedGate } from './gate-plan.ts';
import type { GateRunOptions, GateSession } from './gate-session.ts';
import type { GateWorld } from './gate-world.ts';
import { runGate } from './run-gate.ts';
import { planNote } from './plan-note.ts';

export const gatesApp = 'gates';
/** The name under which `recover` knows the folder of a run. */
const workUndo = 'work-folder';

export type GateRunResult = {
  readonly run: string;
  readonly root: string;
  readonly state: RunState;
};

export async function runGates(world: GateWorld, options: GateRunOptions): Promise<GateRunResult> {
  const run = runId(world);
  const lock = await world.locks.acquire(`gates-${run}`, {
    waitMs: 60_000,
    signal: options.signal,
  });
  try {
    return await runLocked(world, { ...options }, { run, lock: lock.name });
  } finally {
    await lock.release();
  }
}

/** Sortable by time; as other runs of the store have it. */
export function runId({ clock, ids }: Pick<GateWorld, 'clock' | 'ids'>): string {
  const now = clock.now();
  const at = now.toISOString().replaceAll(/[-:]/g, '');
  const millisecond = now.getUTCMilliseconds().toString(16).padStart(3, '0');
  return `${at.slice(0, 8)}-${at.slice(9, 15)}-${millisecond}${ids.nonce(3).slice(1)}`;
}

async function runLocked(
  world: GateWorld,
  options: GateRunOptions,
  { run, lock }: { readonly run: string; readonly lock: string },
): Promise<GateRunResult> {
  const { store, file } = options;
  const header = { format: journalFormat, run, store: store.id } as const;
  const { clock, locks } = world;
  const line = await listRun(
    { ...store, clock, locks },
    { run, app: gatesApp, scenario: gatesApp, lock, state: 'started', head: headerDigest(header) },
  );
  const redactor = makeRedactor();
  const root = bundleRoot(store.root, run);
  const bundle = await openBundle({ files: world.files, clock, root, header, redactor });
  const work = `${store.root}/work/${run}`;
  const planned = planGates(file, {
    selected: options.selected,
    live: options.target !== undefined,
  });
  const limit = limitOf(world, options, planned);
  const session: GateSession = {
    world,
    options,
    run,
    work,
    bundle,
    redactor,
    stop: AbortSignal.any([options.signal, limit.signal]),
  };
  let crashed: unknown;
  try {
    await begin(session, planned, { lock, runsHead: sha256Hex(canonicalJson(line)) });
    await runAll(session, planned);
  } catch (error) {
    crashed = error;
  }
  limit.end();
  try {
    await end(session, crashed);
    await options.close(bundle);
  } catch (error) {
    await bundle.close().catch(() => undefined);
    throw crashed ?? error;
  }
  if (crashed !== undefined) throw crashed as Error;
  return { run, root, state: bundle.state() };
}

const slackMs = 60_000;

/**
 * The time of all gates and a little: each ends by its own limit, so beyond this something is stuck
 * that has none, such as the end of a target.
 */
function limitOf(
  { clock }: GateWorld,
  { timeoutS }: GateRunOptions,
  planned: readonly PlannedGate[],
) {
  const over = new AbortController();
  const ended = new AbortController();
  const asked = planned.filter(({ skip }) => skip === undefined);
  const sumMs = asked.reduce((sum, { gate }) => sum + (timeoutS ?? gate.timeout) * 1000, 0);
  const limitMs = Math.min(sumMs + slackMs, timerMaxMs);
  void clock.sleep(limitMs, ended.signal).then(
    () => {
      const message = `the run took longer than ${String(Math.round(limitMs / 1000))} s`;
      over.abort({ cause: 'max-lifetime', message });
    },
    () => undefined,
  );
  return {
    signal: over.signal,
    end: () => {
      ended.abort();
    },
  };
}

/** Beyond it timers fire at once. */
const timerMaxMs = 2 ** 31 - 1;

async function begin(
  { world, options, run, work, bundle }: GateSession,
  planned: readonly PlannedGate[],
  { lock, runsHead }: { readonly lock: string; readonly runsHead: string },
): Promise<void> {
  const plan = await bundle.put({
    path: 'plan.json',
    mediaType: 'application/json',
    content: canonicalJson(planOf(options, planned)),
  });
  const data: RecordData['run.started'] = {
    ...{ format: journalFormat, store: options.store.id, run, job: run, attempt: 1 },
    tool: { name: 'seatrial', version: world.toolVersion },
    host: world.host,
    pid: world.pid,
    ...{ app: gatesApp, instance: gatesApp, lock, scenario: gatesApp, work },
    driver: { kind: 'process', version: '1', fake: false },
    plan,
    planDigest: plan.sha256,
    operations: planned.map(({ name, skip }) => ({ name, ...(skip ? { skip } : {}) })),
    expected: expectedChecks(planned),
    base: { skipped: 'gates judge one commit' },
    head: headOf(options),
    selection: planned.some(({ skip }) => skip !== undefined) ? 'partial' : 'full',
    ...(world.signer === undefined
      ? {}
      : {
          signer: {
            keyId: world.signer.keyId,
            publicKey: toBase64(world.signer.publicKey),
          },
        }),
    ...(options.canary === undefined ? {} : { canary: options.canary.id }),
  };
  await bundle.append({ type: 'run.started', data });
  await bundle.append({ type: 'note', data: planNote(options, planned, { run, runsHead }) });
  await bundle.append({
    type: 'undo.registered',
    data: { undo: workUndo, kind: 'folder', target: work, budgetMs: 60_000 },
  });
  await world.files.makeDirectory(work, 0o700);
}

const planOf = (options: GateRunOptions, planned: readonly PlannedGate[]): JsonObject => ({
  schema: 'seatrial.gates-plan/v1',
  file: options.shown,
  gates_digest: options.digest,
  profile: options.profile,
  target: options.target ?? null,
  gates: JSON.parse(JSON.stringify(planned)) as Json,
});

const headOf = ({ head, shown, digest }: GateRunOptions): RecordData['run.started']['head'] =>
  head === undefined
    ? { origin: 'directory', ref: `dir:${shown}`, digest }
    : { origin: 'git', ref: `git:${head.commit}`, commit: head.commit, digest };

/** In order; `parallel: safe` ones that stand beside each other go together, at most `jobs`. */
async function runAll(session: GateSession, planned: readonly PlannedGate[]): Promise<void> {
  const { jobs } = session.options;
  for (const batch of batches(planned.filter(({ skip }) => skip === undefined))) {
    const queue = batch.values();
    const worker = async (): Promise<void> => {
      for (const each of queue) {
        if (session.stop.aborted) return;
        session.options.onGate?.(each.name, 'started');
        await runGate(session, each);
        session.options.onGate?.(each.name, 'ended');
      }
    };
    await Promise.all(Array.from({ length: Math.min(jobs, batch.length) }, worker));
  }
}

function batches(gates: readonly PlannedGate[]): readonly (readonly PlannedGate[])[] {
  const found: PlannedGate[][] = [];
  for (const each of gates) {
    const last = found.at(-1);
    const joins = each.gate.parallel === 'safe' && last?.at(-1)?.gate.parallel === 'safe';
    if (joins) last.push(each);
    else found.push([each]);
  }
  return found;
}

async function end(session: GateSession, crashed: unknown): Promise<void> {
  const { world, options, bundle, work, stop } = session;
  const message = await world.files.remove(work).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const undo = workUndo;
  await bundle.append({
    type: 'undo.ended',
    data:
      message === undefined ? { undo, outcome: 'restored' } : { undo, outcome: 'failed', message },
  });
  await bundle.append({ type: 'run.ended', data: endOf(options, stop, crashed) });
}

function endOf(
  options: GateRunOptions,
  stop: AbortSignal,
  crashed: unknown,
): RecordData['run.ended'] {
  if (crashed !== undefined) {
    const said = crashed instanceof Error ? crashed.message : 'something was thrown';
    return { outcome: 'crashed', cause: 'bug', message: said };
  }
  return stop.aborted ? options.howStopped(stop) : { outcome: 'completed' };
}
