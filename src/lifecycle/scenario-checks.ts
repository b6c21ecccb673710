// The checks of a scenario: facts before and after an operation, collected by code of the pack and judged by data of
// its register (C4, C6).

import type { Expectation } from '../evidence/expectation.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import type { PackContext } from '../ports/pack.ts';
import { failureExpectations } from '../scenario/failure-expectations.ts';
import type { RegisterEntry } from '../scenario/register.ts';
import type { Scenario } from '../scenario/scenario-schema.ts';
import { askJudged, type JudgedQuestion } from './ask-judged.ts';
import { bounded } from './bounded.ts';
import { messageOf } from './failure.ts';
import { jsonBytes } from './recorder.ts';
import type { ActionEnd } from './scenario-action.ts';
import { placesOf } from './scenario-places.ts';
import type { Calls, ScenarioSession } from './scenario-session.ts';

type Expected = Scenario['spec']['expectedChecks'][number];

const collectBudgetMs = 120_000;

const dueAfter = ({ run }: ScenarioSession, place: string): readonly Expected[] =>
  run.scenario.spec.expectedChecks.filter(({ after }) => after === place);

const contextOf = (session: ScenarioSession): PackContext => ({
  ...session.context,
  fixtures: placesOf(session).fixtures,
});

const entryOf = ({ run }: ScenarioSession, id: string): RegisterEntry => {
  const entry = run.pack.register.get(id);
  if (entry === undefined) throw new Error(`${id} is not in the register`);
  return entry;
};

/** Asked right before the operation, and on the disk before it starts. */
export async function observeBefore(session: ScenarioSession, operation: string): Promise<void> {
  for (const { id } of dueAfter(session, operation)) {
    const { before } = session.run.modules.collector(entryOf(session, id).collector);
    const effects = effectsOf(session, id);
    if (before === undefined && effects.length === 0) continue;
    const collected = await collect(session, async () => {
      const facts = (await before?.(contextOf(session))) ?? {};
      const seen = await observeEffects(session, effects);
      return effects.length === 0 ? facts : { ...facts, effects: seen };
    });
    const calls = session.takeCalls();
    // Without the facts there is no `/before`, and whatever compares with it stays open.
    if (collected.facts === undefined) continue;
    session.memory.before.set(id, { facts: collected.facts, calls });
    const path = `observations/${operation}/before ${id}.json`;
    const object = await session.recorder.put(path, jsonBytes(collected.facts), 'application/json');
    await session.recorder.append(
      { type: 'observation', data: { operation, what: `before ${id}`, object } },
      { durable: true },
    );
  }
}

type Effect = {
  readonly id: string;
  readonly observe: string;
  readonly mustEqualBefore: readonly string[];
};

/** Of the check that judges a sad path. */
const effectsOf = ({ run }: ScenarioSession, id: string): readonly Effect[] => {
  const failure = run.scenario.spec.expectedFailure;
  return failure?.check === id ? failure.forbiddenSideEffects : [];
};

async function observeEffects(
  session: ScenarioSession,
  effects: readonly Effect[],
): Promise<JsonObject> {
  const seen: Record<string, Json> = {};
  for (const { id, observe } of effects)
    seen[id] = await session.run.modules.observer(observe)(contextOf(session));
  return seen;
}

type Collected = { readonly facts?: JsonObject; readonly error?: string };

/** What a collector throws is the testbed's trouble, whatever it is: it has no say in verdicts. */
async function collect(
  { world, stop }: ScenarioSession,
  work: () => Promise<JsonObject>,
): Promise<Collected> {
  const result = await bounded(world.clock, { budgetMs: collectBudgetMs, signal: stop }, work);
  if (result.kind === 'value') return { facts: result.value };
  if (result.kind === 'threw') return { error: `the collector failed: ${messageOf(result.error)}` };
  return {
    error: result.kind === 'stopped' ? 'the run was stopped' : 'the collector took too long',
  };
}

export async function askScenarioChecks(
  session: ScenarioSession,
  place: string,
  end: ActionEnd,
): Promise<void> {
  for (const { id } of dueAfter(session, place)) await askOne(session, id, { place, end });
}

async function askOne(
  session: ScenarioSession,
  check: string,
  { place, end }: { readonly place: string; readonly end: ActionEnd },
): Promise<void> {
  const { world, run, memory } = session;
  const entry = entryOf(session, check);
  const startedMs = world.clock.monotonicMs();
  const before = memory.before.get(check);
  const kept = new Map<string, string>();
  const effects = effectsOf(session, check);
  const { exit, stdout, stderr } = end;
  session.takeCalls();
  const { facts, error } = await collect(session, async () => {
    const found = await run.modules.collector(entry.collector).after({
      ...contextOf(session),
      ...(before === undefined ? {} : { before: before.facts }),
      action: { exit, stdout, stderr },
      keep: (name, text) => kept.set(name, text),
    });
    const seen = await observeEffects(session, effects);
    return effects.length === 0
      ? found
      : { ...found, action: { exit, stdout, stderr }, effects: seen };
  });
  const calls = session.takeCalls();
  const observed = { ...facts, ...(before === undefined ? {} : { before: before.facts }) };
  await askJudged(session, {
    ...{ check, operation: place, durationMs: Math.round(world.clock.monotonicMs() - startedMs) },
    sources: [...(before?.calls.sources ?? []), ...calls.sources],
    touched: calls.touched,
    ...(error === undefined ? questionOf(session, entry, { observed, calls, kept }) : { error }),
  });
}

function questionOf(
  session: ScenarioSession,
  { id, boundary, evidence, expect }: RegisterEntry,
  {
    observed,
    calls,
    kept,
  }: { observed: JsonObject; calls: Calls; kept: ReadonlyMap<string, string> },
): Partial<JudgedQuestion> {
  const [name = 'facts.json', ...more] = evidence;
  const missing = more.filter((each) => !kept.has(each));
  if (missing.length > 0)
    return { error: `the collector left no ${missing.join(', ')}, as the register of ${id} says` };
  return {
    ...{ name, observed },
    expect: [
      ...failureExpectations(session.run.scenario, id),
      ...(expect as readonly Expectation[]),
    ],
    also: more.map((each) => ({ name: each, text: kept.get(each) ?? '' })),
    ...(calls.touched.includes(boundary) ? {} : { untouched: boundary }),
  };
}
