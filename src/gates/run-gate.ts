// One gate as one operation: its questions in their order, what it left behind, and who signed it.

import { objectPath } from '../evidence/bundle-paths.ts';
import type { ObjectRef } from '../evidence/record.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import { canonicalJson } from '../evidence/canonical.ts';
import { WorldError } from '../ports/world-error.ts';
import { unasked, type AskContext, type GateAnswer } from './ask.ts';
import { askOf } from './ask-kinds.ts';
import type { GateCheck } from './check-schema.ts';
import { durationMs } from './duration.ts';
import { boundaryOf, leakCheck, type PlannedGate } from './gate-plan.ts';
import type { GateSession } from './gate-session.ts';
import { askManual } from './ask-manual.ts';
import { valueAtPointer } from './json-pointer.ts';
import { randomNames } from './placeholders.ts';
import { openPlaces, type Places } from './gate-places.ts';
import { watchOver } from './watched.ts';

type Going = {
  readonly session: GateSession;
  readonly planned: PlannedGate;
  readonly places: Places;
  /** Fires at the gate's timeout or when the run is stopped. */
  readonly signal: AbortSignal;
  readonly timeoutS: number;
  readonly since: Date;
  readonly earlier: Map<string, Json>;
  readonly details: Record<string, Json>;
};

export async function runGate(session: GateSession, planned: PlannedGate): Promise<void> {
  const { world, options, bundle, stop } = session;
  const { name, gate } = planned;
  const timeoutS = options.timeoutS ?? gate.timeout;
  const startedMs = world.clock.monotonicMs();
  const limit = timeLimit(session, timeoutS);
  await bundle.append({
    type: 'operation.started',
    data: { operation: name, stage: 'head', budgetMs: timeoutS * 1000 },
  });
  const going: Going = {
    ...{ session, planned, timeoutS, signal: limit.signal, since: world.clock.now() },
    places: openPlaces(session, planned, randomValues(session, planned)),
    earlier: new Map(),
    details: {},
  };
  const watched = await watchOver(world, options.here, options.file.watch);
  for (const check of gate.checks) if (!stop.aborted) await askOne(going, check);
  limit.end();
  const left = [...(await going.places.close()), ...(await watched.changes())];
  if (!stop.aborted) {
    await askLeaks(going, left);
    if (gate.manual !== undefined)
      await askManual(session, { name, gate }, gate.manual, going.details);
  }
  const data = { gate: name, details: going.details };
  await bundle.append({
    type: 'note',
    data: { code: 'gate-details', severity: 'info', message: `Details of ${name}.`, details: data },
  });
  const took = Math.round(world.clock.monotonicMs() - startedMs);
  await bundle.append({
    type: 'operation.ended',
    data: { operation: name, outcome: stop.aborted ? 'interrupted' : 'done', durationMs: took },
  });
}

function timeLimit({ world, stop }: GateSession, seconds: number) {
  const deadline = new AbortController();
  const over = new AbortController();
  void world.clock.sleep(seconds * 1000, over.signal).then(
    () => {
      deadline.abort(new WorldError('timeout', `timeout after ${String(seconds)} s`));
    },
    () => undefined,
  );
  return {
    signal: AbortSignal.any([stop, deadline.signal]),
    end: () => {
      over.abort();
    },
  };
}

const randomBytes = 16;

/** Fresh in each run, and masked in everything that is written. */
function randomValues(
  { world, redactor, options }: GateSession,
  { gate }: PlannedGate,
): Record<string, string> {
  const names = new Set([...randomNames(options.file.target), ...randomNames(gate)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const value = world.ids.nonce(randomBytes);
      redactor.add({ name, value });
      return [name, value];
    }),
  );
}

async function askOne(going: Going, check: GateCheck): Promise<void> {
  const { session, planned, signal } = going;
  const { bundle, world, stop } = session;
  const boundary = boundaryOf(check.kind);
  const operation = planned.name;
  const data = { check: check.id, operation, boundary };
  await bundle.append({ type: 'check.started', data });
  const startedMs = world.clock.monotonicMs();
  const answer = signal.aborted
    ? unasked(`timeout after ${String(going.timeoutS)} s`)
    : await bounded(going, check);
  // Stopped in the middle of a question: it was not answered, and no record says otherwise.
  if (stop.aborted) return;
  const evidence = await keepEvidence(session, check, answer);
  if (answer.document !== undefined) going.earlier.set(check.id, answer.document);
  addDetails(going, check, { ...answer, evidence });
  await bundle.append({
    type: 'check.ended',
    data: {
      ...data,
      verdict: answer.verdict,
      attempt: 1,
      message: answer.message.slice(0, messageMax),
      evidence,
      touched: [boundary],
      durationMs: Math.round(world.clock.monotonicMs() - startedMs),
    },
  });
}

const messageMax = 4000;

/** The answer, or that there is none in time; whatever the question goes on doing then. */
async function bounded(going: Going, check: GateCheck): Promise<GateAnswer> {
  const { signal, timeoutS } = going;
  // Gates have many checks and one signal: whoever is done listens no more.
  const done = new AbortController();
  const late = new Promise<GateAnswer>((resolve) => {
    const over = (): void => {
      resolve(unasked(`timeout after ${String(timeoutS)} s`));
    };
    if (signal.aborted) over();
    signal.addEventListener('abort', over, { once: true, signal: done.signal });
  });
  return Promise.race([asked(going, check), late]).finally(() => {
    done.abort();
  });
}

async function asked(going: Going, check: GateCheck): Promise<GateAnswer> {
  const { session, planned, places, signal, since, earlier } = going;
  const { options, run, world } = session;
  try {
    const place = await places.of(check, signal);
    const own = 'max_age' in check ? check.max_age : undefined;
    const maxAge = own ?? planned.gate.max_age;
    const context: AskContext = {
      ...{ world, run, gate: planned.name, here: options.here, signal, since, earlier },
      store: { root: options.store.root, id: options.store.id },
      folder: place.folder,
      env: place.env,
      url: place.url,
      values: place.values,
      commit: options.head?.commit,
      maxAgeMs: maxAge === undefined ? undefined : durationMs(maxAge),
      requestTimeoutMs: 10_000,
      computeBase: options.computeBase === true,
    };
    return await askOf(check, context);
  } catch (error) {
    // A timeout of one request is the testbed's word too: nobody knows what the answer would be.
    if (error instanceof WorldError)
      return unasked(error.code === 'timeout' ? `timeout: ${error.message}` : error.message);
    if (signal.aborted) return unasked('ended with its gate');
    throw error;
  }
}

async function keepEvidence(
  { bundle }: GateSession,
  check: GateCheck,
  { facts, files = [] }: GateAnswer,
): Promise<readonly ObjectRef[]> {
  const name = check.evidence ?? 'facts';
  const text = `${JSON.stringify({ schema: 'seatrial.facts/v1', check: check.id, ...facts }, null, 2)}\n`;
  const kept = [
    await bundle.put({
      path: `evidence/${check.id}/${name}.json`,
      mediaType: 'application/json',
      content: text,
    }),
  ];
  for (const file of files.filter(({ bytes }) => bytes.length > 0))
    kept.push(
      await bundle.put({
        path: `evidence/${check.id}/${file.name}`,
        mediaType: file.mediaType,
        content: file.bytes,
      }),
    );
  return kept;
}

const detailMax = 4000;

/** Besides the facts, `/$evidence/0` and so on say where in the bundle the check's files lie. */
function addDetails(
  { details }: Going,
  check: GateCheck,
  { facts, verdict, message, evidence }: GateAnswer & { readonly evidence: readonly ObjectRef[] },
) {
  const seen = { ...facts, $evidence: evidence.map(({ sha256 }) => objectPath(sha256)) };
  for (const [name, pointer] of Object.entries(check.details ?? {})) {
    const value = valueAtPointer(seen, pointer) ?? null;
    const text = canonicalJson(value);
    details[name] = text.length <= detailMax ? value : `${text.slice(0, detailMax)}…`;
  }
  if (verdict === 'error') details['error'] ??= message;
}

/** A gate that leaves something behind has not been isolated, whatever its checks say. */
async function askLeaks({ session, planned }: Going, left: readonly string[]): Promise<void> {
  const { bundle } = session;
  const data = {
    check: leakCheck(planned.name),
    operation: planned.name,
    boundary: 'driver',
  } as const;
  await bundle.append({ type: 'check.started', data });
  const facts: JsonObject = { left };
  const object = await bundle.put({
    path: `evidence/${data.check}/left.json`,
    mediaType: 'application/json',
    content: `${JSON.stringify(facts, null, 2)}\n`,
  });
  await bundle.append({
    type: 'check.ended',
    data: {
      ...data,
      verdict: left.length === 0 ? 'passed' : 'error',
      attempt: 1,
      message: left.length === 0 ? 'nothing left' : `leak: ${left.join('; ')}`,
      evidence: [object],
      touched: ['driver'],
      durationMs: 0,
    },
  });
}
