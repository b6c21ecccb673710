// One runtime action: done once, its end held against what the file expects of it (S9, S10).

import type { ExpectedCheck, RecordData } from '../evidence/record.ts';
import { judgeDone } from '../checks/floor-deploy.ts';
import type { JsonObject } from '../ports/json.ts';
import { observationNames } from '../evidence/observed.ts';
import { durationMs, type Scenario } from '../scenario/scenario-schema.ts';
import { bounded } from './bounded.ts';
import { endedOf, type Ended } from './failure.ts';
import { fill } from './fill-places.ts';
import { quietly } from './quietly.ts';
import { jsonBytes } from './recorder.ts';
import { placesOf } from './scenario-places.ts';
import type { ScenarioSession } from './scenario-session.ts';

export type Action = Scenario['spec']['runtimeActions'][number];

export type ActionEnd = {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it ended as the file expects, so that the next may start. */
  readonly met: boolean;
};

export async function performAction(session: ScenarioSession, action: Action): Promise<ActionEnd> {
  const { recorder, world, run, context, stop } = session;
  const { id, use, timeout } = action;
  const budgetMs = durationMs(timeout);
  await recorder.append(
    { type: 'operation.started', data: { operation: id, stage: 'head', budgetMs } },
    { durable: true },
  );
  const startedMs = world.clock.monotonicMs();
  const inputs = inputsOf(session, action);
  const perform = run.modules.action(action.action ?? use);
  const result = await bounded(world.clock, { budgetMs, signal: stop }, async (signal) =>
    perform({ ...context, fixtures: placesOf(session).fixtures, signal, with: inputs }),
  );
  const output =
    result.kind === 'value' ? result.value : { exit: undefined, stdout: '', stderr: '' };
  const { exit, stdout = '', stderr = '' } = output;
  const met = result.kind === 'value' && isMet(action, exit);
  const ended =
    met || result.kind !== 'value' ? endedOf(result, budgetMs) : unexpected(action, exit);
  await keepCalls(session, id);
  await keepLog(session, id, `${stdout}${stderr}`);
  await observeSubject(session, id);
  await recorder.append(
    { type: 'operation.ended', data: endRecord(id, ended, world.clock.monotonicMs() - startedMs) },
    { durable: true },
  );
  await askDone(session, id, ended);
  return { exit: exit ?? null, stdout, stderr, met };
}

function inputsOf(session: ScenarioSession, { id, with: inputs }: Action): JsonObject {
  const planted = session.run.canary?.plant.inputs?.actions[id] ?? {};
  return fill({ ...inputs, ...planted }, placesOf(session));
}

function isMet({ expect }: Action, exit: number | undefined): boolean {
  const wanted = expect?.exit ?? 0;
  return wanted === 'nonzero' ? exit !== undefined && exit !== 0 : exit === wanted;
}

function unexpected({ expect }: Action, exit: number | undefined): Ended {
  const message = `it ended with ${String(exit ?? 'no exit status')}, wanted ${String(expect?.exit ?? 0)}`;
  return { outcome: 'failed', cause: 'unexpected-exit', message, appFault: true };
}

function endRecord(
  operation: string,
  { outcome, cause, message }: Ended,
  durationMs: number,
): RecordData['operation.ended'] {
  return {
    ...{ operation, outcome, durationMs: Math.round(durationMs) },
    ...(cause === undefined ? {} : { cause }),
    ...(message === undefined ? {} : { message }),
  };
}

const callsMax = 1000;

/** What an action did: one that says nothing has done something all the same, and one without calls has not. */
async function keepCalls({ recorder, takeCalls }: ScenarioSession, id: string): Promise<void> {
  const { sources, touched } = takeCalls();
  if (sources.length === 0) return;
  await recorder.observe(id, 'calls', {
    ...{ schema: 'seatrial.calls/v1', touched: [...touched], count: sources.length },
    calls: sources.slice(0, callsMax).map((each) => ({ ...each })),
  });
}

async function keepLog(session: ScenarioSession, operation: string, text: string): Promise<void> {
  if (text === '') return;
  const bytes = new TextEncoder().encode(text);
  const object = await session.recorder.put(`logs/${operation}.txt`, bytes, 'text/plain');
  await session.recorder.append({ type: 'observation', data: { operation, what: 'logs', object } });
}

const observeBudgetMs = 60_000;

/** What proofs are made from; collectors cannot write these. */
export async function observeSubject(session: ScenarioSession, operation: string): Promise<void> {
  const { world, context, memory, recorder } = session;
  const { opened } = memory;
  const asked = { ...context, fixtures: placesOf(session).fixtures };
  const seen = (await quietly(world, observeBudgetMs, () => opened?.observe?.(asked))) ?? [];
  const held = (await quietly(world, observeBudgetMs, () => opened?.held?.(asked))) ?? [];
  for (const name of held) memory.held.add(name);
  session.takeCalls();
  const logs = memory.prepared.flatMap(({ order, applied }) => {
    const requests = applied?.live?.log?.() ?? [];
    return requests.length === 0
      ? []
      : [{ schema: 'seatrial.requests/v1', fixture: order.id, requests }];
  });
  for (const value of [...seen, ...logs] as readonly JsonObject[]) {
    const schema = value['schema'] as keyof typeof observationNames;
    const what = observationNames[schema];
    const path = `observations/${operation}/${what}.json`;
    const object = await recorder.put(path, jsonBytes(value), 'application/json');
    await recorder.append({ type: 'observation', data: { operation, what, object } });
  }
}

async function askDone(session: ScenarioSession, operation: string, ended: Ended): Promise<void> {
  const check: ExpectedCheck | undefined = session.expected.get(`floor.${operation}.done`);
  if (check === undefined) return;
  const { appFault, ...said } = ended;
  await session.recorder.ask(check, operation, () =>
    judgeDone({ operation, stage: 'head', ended: said, appFault, hooks: [] }),
  );
}
