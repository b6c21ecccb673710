// A run of a pack's scenario: product, fixtures, actions each once, checks after each, everything undone, end.

import { judgeDone } from '../checks/floor-deploy.ts';
import { judgeGone, judgeNoLeftovers } from '../checks/floor-remove.ts';
import { judgeRedactorAlive, judgeSecretsAbsent } from '../checks/run-checks.ts';
import type { Answer } from '../checks/answer.ts';
import type { OperationFacts } from '../checks/facts.ts';
import type { RecordData } from '../evidence/record.ts';
import type { Leftover, RemovedResource } from '../ports/app-driver.ts';
import { WorldError } from '../ports/world-error.ts';
import { durationMs } from '../scenario/scenario-schema.ts';
import { bounded } from './bounded.ts';
import { closeBundle } from './close-bundle.ts';
import { endedOf, messageOf } from './failure.ts';
import { secondsOf, watch, type Guard } from './guard.ts';
import { lastStep } from './last-step.ts';
import {
  beginScenario,
  nameRun,
  openScenarioSession,
  runtimeFolder,
  type NamedRun,
  type OpenedScenario,
  type ScenarioOptions,
} from './open-scenario-session.ts';
import type { RunResult } from './planned-run.ts';
import { quietly } from './quietly.ts';
import { jsonBytes } from './recorder.ts';
import { scanBundle } from './scan-bundle.ts';
import { observeSubject, performAction } from './scenario-action.ts';
import { askScenarioChecks, observeBefore } from './scenario-checks.ts';
import { applyOne, lockTargets, restoreAll, type FixtureLocks } from './scenario-fixtures.ts';
import { askStable, lookAtRunning } from './scenario-stable.ts';
import type { ScenarioRun, ScenarioSession } from './scenario-session.ts';
import { exitCodeOf, stopOf } from './stop.ts';
import { workUndo } from './work-folder.ts';
import { bundleRoot } from '../evidence/bundle-paths.ts';
import type { ScenarioWorld } from './world.ts';

export async function runScenario(
  world: ScenarioWorld,
  run: ScenarioRun,
  options: ScenarioOptions,
): Promise<RunResult> {
  const named = nameRun(world);
  const { waitMs, signal } = options;
  const lock = await world.locks.acquire(named.lock, { waitMs, signal });
  const guard = watch(world.clock, { ...options, lock });
  try {
    return await runLocked(world, run, { named, guard, options });
  } finally {
    guard.dismiss();
    await lock.release();
  }
}

async function runLocked(
  world: ScenarioWorld,
  run: ScenarioRun,
  {
    named,
    guard,
    options,
  }: { readonly named: NamedRun; readonly guard: Guard; readonly options: ScenarioOptions },
): Promise<RunResult> {
  const { stop } = guard;
  const opened = await openScenarioSession(world, run, named, { ...options, stop });
  const { session, bundle } = opened;
  let locks: FixtureLocks | undefined;
  let failure: unknown;
  try {
    await beginScenario(opened, named.lock, options);
    await openSubject(session);
    locks = await lockTargets(session, { ...options, resources: opened.resources });
    const budgetMs = durationMs(run.scenario.spec.budget);
    guard.limit(budgetMs, `the scenario went on beyond its budget of ${secondsOf(budgetMs)} s`);
    await operate(session, { ...opened, locks });
  } catch (error) {
    failure = error;
  }
  // What cleans up has budgets of its own, and says nothing of how long the scenario took.
  guard.endLimits();
  try {
    await finish(session, opened, failure);
    await closeBundle(world, bundle, options);
  } catch (error) {
    await bundle.close().catch(() => undefined);
    throw failure ?? error;
  } finally {
    await locks?.release();
  }
  if (failure !== undefined && !(failure instanceof WorldError)) throw failure as Error;
  return {
    run: session.id,
    root: bundleRoot(options.store.root, session.id),
    state: bundle.state(),
  };
}

const subjectBudgetMs = 300_000;

async function openSubject(session: ScenarioSession): Promise<void> {
  const { run, context, memory, world, recorder, stop } = session;
  const limits = { budgetMs: subjectBudgetMs, signal: stop };
  const { releases } = context;
  const result = await bounded(world.clock, limits, () =>
    run.subject.open({
      ...context,
      ...{
        cache: run.cache,
        env: { PATH: run.path, HOME: context.home, DOCKER_HOST: run.dockerHost },
      },
      ...(releases === undefined ? {} : { releases }),
    }),
  );
  if (result.kind === 'threw') throw result.error;
  if (result.kind !== 'value')
    throw new WorldError('timeout', 'the subject could not be put in place in time');
  memory.opened = result.value;
  session.takeCalls();
  const operation = run.scenario.spec.runtimeActions[0]?.id ?? 'remove';
  const value = { schema: 'seatrial.mutants/v1', mutants: [...result.value.mutants] };
  const path = `observations/${operation}/mutants.json`;
  const object = await recorder.put(path, jsonBytes(value), 'application/json');
  await recorder.append({ type: 'observation', data: { operation, what: 'mutants', object } });
}

const nothingDone = { exit: null, stdout: '', stderr: '', met: true };

/** Until something does not end as it must, a planted fault has shown all that it can, or the run is stopped. */
async function operate(
  session: ScenarioSession,
  { resources, locks }: OpenedScenario & { readonly locks: FixtureLocks },
): Promise<void> {
  const { run, expected, recorder } = session;
  const { fixtures, runtimeActions } = run.scenario.spec;
  const last = lastStep(run.scenario.spec, [...expected.values()], run.canary);
  for (const fixture of fixtures.slice(0, last + 1)) {
    if (session.stop.aborted) return;
    const { staged } = await applyOne(session, fixture, { locks, resources });
    if (!staged) return;
    await askScenarioChecks(session, fixture.id, nothingDone);
  }
  const actions = runtimeActions.slice(0, Math.max(0, last + 1 - fixtures.length));
  const [first] = actions;
  if (first !== undefined) await observeSubject(session, first.id);
  for (const action of actions) {
    if (session.stop.aborted) return;
    await observeBefore(session, action.id);
    const end = await performAction(session, action);
    const before = await lookAtRunning(session);
    await askScenarioChecks(session, action.id, end);
    await askStable(session, action, before);
    if (!end.met) return;
  }
  if (actions.length < runtimeActions.length)
    await recorder.note('ended-early', 'every check that the planted fault is about was asked');
}

const graceMs = 5_000;
const removeBudgetMs = 180_000;
const closeBudgetMs = 60_000;

/** Fixtures back, the product ended, what it left removed; after success, failure, stop and bug alike. */
async function finish(
  session: ScenarioSession,
  { resources, bundle }: OpenedScenario,
  failure: unknown,
): Promise<void> {
  const { recorder, world, memory, context, id } = session;
  const operation = 'remove';
  await recorder.append(
    {
      type: 'operation.started',
      data: { operation, stage: 'head', budgetMs: removeBudgetMs },
    },
    { durable: true },
  );
  const startedMs = world.clock.monotonicMs();
  const left = await restoreAll(session);
  await quietly(world, closeBudgetMs, () => memory.opened?.close?.(context));
  const removal: { removed: readonly RemovedResource[]; leftovers?: readonly Leftover[] } = {
    removed: [],
  };
  const result = await bounded(world.clock, { budgetMs: removeBudgetMs }, async (signal) => {
    removal.removed = await world.driver.remove(resources.open(), { signal, graceMs });
    for (const { kind, name, outcome } of removal.removed)
      if (outcome !== 'failed') await resources.log.removed(kind, name);
    removal.leftovers = await world.driver.find(id, resources.open());
  });
  // Before the checks of the removal, since a folder that stays is one of the things left behind.
  removal.removed = [...removal.removed, ...(await removeFolders(session))];
  if (left.length > 0) await recorder.note('not-restored', left.join('; '), { severity: 'error' });
  const { appFault, ...ended } = endedOf(result, removeBudgetMs);
  await recorder.append({
    type: 'operation.ended',
    data: {
      ...{ operation, outcome: ended.outcome },
      durationMs: Math.round(world.clock.monotonicMs() - startedMs),
      ...(ended.message === undefined ? {} : { message: ended.message }),
    },
  });
  await askRemoval(session, { operation, stage: 'head', ended, appFault, hooks: [], removal });
  await askOfRun(session, bundle);
  await recorder.append({ type: 'run.ended', data: endOf(session, failure) });
}

async function askRemoval(session: ScenarioSession, facts: OperationFacts): Promise<void> {
  const judges: Readonly<Record<string, (facts: OperationFacts) => Answer>> = {
    'floor.remove.done': judgeDone,
    'floor.remove.gone': judgeGone,
    'floor.remove.no-leftovers': judgeNoLeftovers,
  };
  for (const [id, judge] of Object.entries(judges)) {
    const check = session.expected.get(id);
    if (check !== undefined) await session.recorder.ask(check, 'remove', () => judge(facts));
  }
}

async function askOfRun(session: ScenarioSession, bundle: OpenedScenario['bundle']): Promise<void> {
  const { secrets, memory, world, recorder, expected, run } = session;
  const { root } = bundle.paths;
  await bundle.sync();
  if (run.canary?.plant.builtin === 'writer-bypassed')
    await world.files.replace(
      `${root}/bypassed.txt`,
      `password=${secrets.planted[0]?.value ?? ''}`,
    );
  const { hits, bytes } = await scanBundle(world, root, secrets);
  const answers: Readonly<Record<string, Answer>> = {
    'run.secrets.absent': judgeSecretsAbsent({
      ...{ hits, scannedBytes: bytes, unscanned: memory.unscanned, held: [...memory.held] },
      planted: secrets.planted.map(({ name }) => name),
    }),
    'run.secrets.redactor-alive': judgeRedactorAlive(secrets.probeRedactor()),
  };
  for (const [id, answer] of Object.entries(answers)) {
    const check = expected.get(id);
    if (check !== undefined) await recorder.ask(check, 'run', () => answer);
  }
}

/** Names those that could not be removed. */
async function removeFolders({
  world,
  recorder,
  context,
}: ScenarioSession): Promise<readonly RemovedResource[]> {
  const folders = { [workUndo]: context.work, 'runtime-folder': runtimeFolder(context.suffix) };
  const failed: RemovedResource[] = [];
  for (const [undo, target] of Object.entries(folders)) {
    if ((await world.files.stat(target)) === undefined) continue;
    const ended = await removal(world, target);
    await recorder.append({ type: 'undo.ended', data: { undo, ...ended } });
    if (ended.outcome === 'failed') failed.push({ kind: 'folder', name: undo, ...ended });
  }
  return failed;
}

async function removal({ files }: ScenarioWorld, path: string) {
  try {
    await files.remove(path);
    return { outcome: 'restored' as const };
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return { outcome: 'failed' as const, message: error.message };
  }
}

function endOf({ stop }: ScenarioSession, failure: unknown): RecordData['run.ended'] {
  if (failure instanceof WorldError)
    return { outcome: 'stopped', cause: failure.code, message: failure.message };
  if (failure !== undefined)
    return { outcome: 'crashed', cause: 'bug', message: messageOf(failure) };
  const stopped = stopOf(stop);
  if (stopped === undefined) return { outcome: 'completed' };
  const { cause, message } = stopped;
  const exitCode = exitCodeOf(stopped);
  return exitCode === undefined
    ? { outcome: 'stopped', cause, message }
    : { outcome: 'interrupted', cause, message, exitCode };
}
