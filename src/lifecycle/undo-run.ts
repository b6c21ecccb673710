// Removes what a run made, from its records alone. Says what is still there; what was removed is
// recorded where the run's journal can still be written.

import type { Entry } from '../evidence/record.ts';
import type { RunState } from '../evidence/run-state.ts';
import type { AppDriver, DriverKind, Resource } from '../ports/app-driver.ts';
import type { Clock } from '../ports/clock.ts';
import type { Files } from '../ports/files.ts';
import type { FixturePorts } from '../ports/fixtures.ts';
import { WorldError } from '../ports/world-error.ts';
import { bounded } from './bounded.ts';
import { messageOf } from './failure.ts';
import { openFixtures, undoFixtures } from './undo-fixtures.ts';

export type UndoWorld = {
  readonly clock: Clock;
  readonly files: Files;
  readonly driverFor: (kind: DriverKind) => AppDriver;
  readonly fixtures: FixturePorts;
};

type Write = (entry: Entry) => Promise<unknown>;

const budgetMs = 180_000;
const graceMs = 5_000;

/** Names what could not be removed; empty when nothing of the run is left. */
export async function undoRun(
  world: UndoWorld,
  state: RunState,
  record: Write,
): Promise<readonly string[]> {
  return [
    ...(await undoFixtures(world.fixtures, state, record)),
    ...(await undoResources(world, state, record)),
    ...(await undoWork(world, state, record)),
  ];
}

/** The same without what its driver made. */
export async function undoChanges(
  world: UndoWorld,
  state: RunState,
  record: Write,
): Promise<readonly string[]> {
  return [
    ...(await undoFixtures(world.fixtures, state, record)),
    ...(await undoWork(world, state, record)),
  ];
}

/** Whether a fixture or a private folder of the run is on this host, asked without changing anything. */
export async function isAnyChangeLeft(world: UndoWorld, state: RunState): Promise<boolean> {
  const { undos, started } = state;
  const targets = undos
    .filter(({ kind, outcome }) => kind === 'folder' && outcome !== 'restored')
    .map(({ target }) => target);
  for (const target of [started.work, ...targets])
    if ((await world.files.stat(target)) !== undefined) return true;
  return (await openFixtures(world.files, state)).length > 0;
}

/** The same of all that the run made. */
export async function isAnythingLeft(world: UndoWorld, state: RunState): Promise<boolean> {
  if (await isAnyChangeLeft(world, state)) return true;
  const { run, driver } = state.started;
  const limits = { budgetMs };
  const found = await bounded(world.clock, limits, async () =>
    world.driverFor(driver.kind).find(run, resourcesOf(state)),
  );
  if (found.kind === 'threw' && !(found.error instanceof WorldError)) throw found.error;
  // A driver that cannot say has not said that it is gone.
  return found.kind !== 'value' || found.value.length > 0;
}

const resourcesOf = ({ resources }: RunState): readonly Resource[] =>
  resources.map(({ kind, name, undo, details }) => ({ kind, name, undo: { ...undo, ...details } }));

async function undoResources(
  world: UndoWorld,
  state: RunState,
  record: Write,
): Promise<readonly string[]> {
  const open = new Set(
    state.resources
      .filter((resource) => resource.state !== 'removed')
      .map(({ kind, name }) => `${kind} ${name}`),
  );
  const resources = resourcesOf(state);
  const result = await bounded(world.clock, { budgetMs }, async (signal) => {
    const driver = world.driverFor(state.started.driver.kind);
    const removed = await driver.remove(
      resources.filter(({ kind, name }) => open.has(`${kind} ${name}`)).toReversed(),
      { signal, graceMs },
    );
    for (const { kind, name, outcome } of removed)
      if (outcome !== 'failed' && open.has(`${kind} ${name}`))
        await record({ type: 'resource.removed', data: { kind, name } });
    return driver.find(state.started.run, resources);
  });
  if (result.kind === 'value')
    return result.value.map(({ kind, name, details }) => `${kind} ${name} (${details})`);
  if (result.kind === 'threw' && !(result.error instanceof WorldError)) throw result.error;
  return [result.kind === 'threw' ? messageOf(result.error) : 'the removal did not end in time'];
}

/** Private folders of the run. */
async function undoWork(
  { files }: UndoWorld,
  state: RunState,
  record: Write,
): Promise<readonly string[]> {
  const left: string[] = [];
  for (const { undo, kind, target, outcome } of state.undos) {
    if (kind !== 'folder' || outcome === 'restored') continue;
    try {
      await files.remove(target);
      if (outcome === 'open')
        await record({ type: 'undo.ended', data: { undo, outcome: 'restored' } });
    } catch (error) {
      if (!(error instanceof WorldError)) throw error;
      left.push(`folder ${target} (${error.message})`);
    }
  }
  return left;
}
