// The run: lock, journal, operations each once, checks after each, removal always, end.

import { WorldError } from '../ports/world-error.ts';
import type { JournalRecord, RecordData, Stage } from '../evidence/record.ts';
import type { PlannedOperation } from '../scenario/plan.ts';
import { askChecks } from './ask-checks.ts';
import { closeBundle } from './close-bundle.ts';
import { watchDependencies } from './dependencies.ts';
import { messageOf } from './failure.ts';
import { watch } from './guard.ts';
import { begin, lockOf, openSession } from './open-session.ts';
import { backup, custom, install, rebuild, restore, upgrade } from './operations.ts';
import { perform } from './perform.ts';
import type { PlannedRun, RunOptions, RunResult } from './planned-run.ts';
import { recoverInstance } from './recover.ts';
import { graceMsOf, remove } from './remove.ts';
import type { OpenResources } from './resource-log.ts';
import { bounded } from './bounded.ts';
import { askRecipe } from './ask-recipe.ts';
import { askRunChecks } from './run-level.ts';
import type { Effect, Session } from './session.ts';
import { exitCodeOf, stopOf } from './stop.ts';
import { removeWork } from './work-folder.ts';
import type { World } from './world.ts';

export async function runPlanned(
  world: World,
  planned: PlannedRun,
  options: RunOptions,
): Promise<RunResult> {
  const { store, project } = options;
  const lock = await world.locks.acquire(lockOf(planned.plan), {
    waitMs: options.waitMs,
    signal: options.signal,
    ...(options.onWait === undefined ? {} : { onWait: options.onWait }),
  });
  const guard = watch(world.clock, { ...options, lock });
  try {
    const before = await recoverInstance(world, { store, project }, lock.name);
    const notes = before.map(({ run, message }) => ({
      code: 'recovered-before',
      message: `${run} was found dead: ${message}`,
    }));
    const told = { ...planned, notes: [...planned.notes, ...notes] };
    return await runLocked(world, told, { ...options, stop: guard.stop });
  } finally {
    guard.dismiss();
    await lock.release();
  }
}

type Locked = RunOptions & { readonly stop: AbortSignal };

async function runLocked(world: World, planned: PlannedRun, options: Locked): Promise<RunResult> {
  const { run, session, bundle, resources, records } = await openSession(world, planned, options);
  let crashed: unknown;
  try {
    await begin(session, planned, options);
    if (await askRecipe(session, planned.recipe)) await operate(session);
  } catch (error) {
    crashed = error;
  }
  try {
    await finish(session, { resources, planned, crashed, records });
    await closeBundle(world, bundle, options);
  } catch (error) {
    await bareCleanup(session, resources);
    await bundle.close().catch(() => undefined);
    throw crashed ?? error;
  }
  if (crashed !== undefined) throw crashed as Error;
  return { run, root: bundle.paths.root, state: bundle.state() };
}

/** Operations in order until one does not end well, or the run is stopped. */
async function operate(session: Session): Promise<void> {
  for (const operation of session.plan.operations) {
    if (operation.name === 'remove' || operation.skip !== undefined) continue;
    if (session.stop.aborted) return;
    const options = { stage: stageOf(session, operation), signal: session.stop };
    const facts = await perform(session, operation, options, effectOf(session, operation));
    await watchDependencies(session, operation.name);
    const { goOn } = await askChecks(session, operation.name, facts);
    if (!goOn) return;
  }
}

/** What runs during an operation, or when it is over: base until the upgrade, where there is one. */
function stageOf({ base, plan: { operations } }: Session, { name }: PlannedOperation): Stage {
  const before = operations.slice(
    0,
    operations.findIndex((each) => each.name === 'upgrade'),
  );
  if (base !== undefined && before.some((each) => each.name === name)) return 'base';
  return name === 'restore' ? 'restored' : 'head';
}

const effects: Readonly<Partial<Record<string, (session: Session) => Effect>>> = {
  install,
  upgrade,
  backup,
  restore,
  rebuild,
};

function effectOf(session: Session, operation: PlannedOperation): Effect {
  const stage = stageOf(session, operation);
  return effects[operation.name]?.(session) ?? custom(session, operation, stage);
}

/** Removal and the checks of the whole run; after success, failure, stop and bug alike. */
async function finish(
  session: Session,
  context: {
    readonly resources: OpenResources;
    readonly planned: PlannedRun;
    readonly crashed: unknown;
    readonly records: readonly JournalRecord[];
  },
): Promise<void> {
  const { resources, planned, crashed, records } = context;
  const planRemove = session.plan.operations.find(({ name }) => name === 'remove');
  if (planRemove === undefined) throw new Error('a plan without remove');
  const facts = await perform(session, planRemove, { stage: 'head' }, remove(session, resources));
  await askChecks(session, 'remove', facts);
  await askRunChecks(session, { records, lastGreen: planned.lastGreen });
  await removeWork(session);
  await session.recorder.append({ type: 'run.ended', data: endOf(session, crashed) });
}

function endOf({ stop }: Session, crashed: unknown): RecordData['run.ended'] {
  if (crashed instanceof WorldError)
    return { outcome: 'stopped', cause: crashed.code, message: crashed.message };
  if (crashed !== undefined)
    return { outcome: 'crashed', cause: 'bug', message: messageOf(crashed) };
  const stopped = stopOf(stop);
  if (stopped === undefined) return { outcome: 'completed' };
  const exitCode = exitCodeOf(stopped);
  const { cause, message } = stopped;
  if (cause === 'bug') return { outcome: 'crashed', cause, message };
  return exitCode === undefined
    ? { outcome: 'stopped', cause, message }
    : { outcome: 'interrupted', cause, message, exitCode };
}

/** The journal cannot be written (disk full, read-only): undo what memory knows, then give up. */
async function bareCleanup(session: Session, resources: OpenResources): Promise<void> {
  const { world, manifest, work } = session;
  const limits = { budgetMs: manifest.timeouts.remove * 1000 };
  await bounded(world.clock, limits, (signal) =>
    world.driver.remove(resources.open().toReversed(), { signal, graceMs: graceMsOf(manifest) }),
  );
  await world.files.remove(work).catch(() => undefined);
}
