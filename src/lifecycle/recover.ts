// Finishes what a dead run left behind, from its journal alone. Safe to run at any time, by anyone,
// again and again: the lock tells the living from the dead, and absent is success.

import { openBundle, type Bundle } from '../evidence/bundle.ts';
import { bundleRoot, runsFolder } from '../evidence/bundle-paths.ts';
import { fold } from '../evidence/fold.ts';
import { readJournal } from '../evidence/journal-reader.ts';
import { makeRedactor } from '../evidence/redact.ts';
import { journalFormat } from '../evidence/record.ts';
import type { JournalReading, RunState } from '../evidence/run-state.ts';
import { readRunsList } from '../evidence/runs-list.ts';
import type { Store } from '../evidence/store.ts';
import type { AppDriver, DriverKind, Resource } from '../ports/app-driver.ts';
import { WorldError } from '../ports/world-error.ts';
import { bounded } from './bounded.ts';
import { closeBundle, type Project } from './close-bundle.ts';
import { messageOf } from './failure.ts';
import { workUndo } from './work-folder.ts';
import type { World } from './world.ts';

export type RecoverWorld = Pick<World, 'clock' | 'files' | 'locks' | 'signer' | 'host'> & {
  readonly driverFor: (kind: DriverKind) => AppDriver;
};

export type Recovered = {
  readonly run: string;
  readonly outcome:
    'recovered' | 'closed' | 'alive' | 'dead' | 'never-began' | 'unreadable' | 'leftovers';
  readonly message: string;
};

type Context = { readonly store: Store; readonly project: Project };

const removeBudgetMs = 180_000;
const graceMs = 5_000;

/** All runs of the store that did not end; those whose lock is held are left alone. */
export async function recoverAll(
  world: RecoverWorld,
  context: Context,
  only?: string,
): Promise<readonly Recovered[]> {
  const done: Recovered[] = [];
  for (const run of await unfinished(world, context.store)) {
    if (only !== undefined && run !== only) continue;
    done.push(await recoverUnlessAlive(world, context, run));
  }
  return done;
}

/** The same runs, looked at only. */
export async function listUnfinished(
  world: RecoverWorld,
  { store }: Pick<Context, 'store'>,
): Promise<readonly Recovered[]> {
  const listed: Recovered[] = [];
  for (const run of await unfinished(world, store)) {
    const found = await read(world, store, run);
    if (!('state' in found)) {
      listed.push({ run, ...found });
      continue;
    }
    const lock = await world.locks.tryAcquire(found.state.started.lock);
    await lock?.release();
    const message = lock === undefined ? 'its lock is held' : whereItStopped(world, found.state);
    listed.push({ run, outcome: lock === undefined ? 'alive' : 'dead', message });
  }
  return listed;
}

/** Dead runs of one instance, whose lock the caller holds. */
export async function recoverInstance(
  world: RecoverWorld,
  { instance, ...context }: Context & { readonly instance: string },
): Promise<void> {
  for (const run of await unfinished(world, context.store)) {
    const found = await read(world, context.store, run);
    if ('state' in found && found.state.started.instance === instance)
      await recoverRun(world, context, { run, ...found });
  }
}

/** Runs with a bundle that the store's list does not know to have ended. */
async function unfinished({ files }: RecoverWorld, store: Store): Promise<readonly string[]> {
  const folder = runsFolder(store.root);
  if ((await files.stat(folder)) === undefined) return [];
  const { lines } = await readRunsList(store);
  const ended = new Set(lines.filter(({ state }) => state === 'ended').map(({ run }) => run));
  const entries = await files.list(folder);
  return entries
    .filter(({ name, kind }) => kind === 'directory' && !ended.has(name))
    .map(({ name }) => name)
    .sort();
}

type Found =
  | { readonly reading: JournalReading; readonly state: RunState }
  | { readonly outcome: 'never-began' | 'unreadable'; readonly message: string };

async function read({ files }: RecoverWorld, store: Store, run: string): Promise<Found> {
  const path = `${bundleRoot(store.root, run)}/journal.jsonl`;
  if ((await files.stat(path)) === undefined)
    return { outcome: 'never-began', message: 'it died before its first record; nothing was made' };
  const header = { format: journalFormat, run, store: store.id } as const;
  const reading = await readJournal(files.stream(path), header);
  if (reading.fault !== undefined)
    return { outcome: 'unreadable', message: `its journal is broken: ${reading.fault.message}` };
  return reading.records.length === 0
    ? { outcome: 'never-began', message: 'it died before its first record; nothing was made' }
    : { reading, state: fold(reading.records, reading.head) };
}

async function recoverUnlessAlive(
  world: RecoverWorld,
  context: Context,
  run: string,
): Promise<Recovered> {
  const found = await read(world, context.store, run);
  if (!('state' in found)) return { run, ...found };
  const lock = await world.locks.tryAcquire(found.state.started.lock);
  if (lock === undefined)
    return { run, outcome: 'alive', message: `its lock ${found.state.started.lock} is held` };
  try {
    // Read again: it may have ended between the look and the lock.
    const now = await read(world, context.store, run);
    return 'state' in now ? await recoverRun(world, context, { run, ...now }) : { run, ...now };
  } finally {
    await lock.release();
  }
}

async function recoverRun(
  world: RecoverWorld,
  { store, project }: Context,
  { run, reading, state }: { run: string; reading: JournalReading; state: RunState },
): Promise<Recovered> {
  const bundle = await openBundle({
    files: world.files,
    clock: world.clock,
    root: bundleRoot(store.root, run),
    header: { format: journalFormat, run, store: store.id },
    redactor: makeRedactor(),
    resume: reading,
  });
  if (state.ended !== undefined) {
    await closeBundle(world, bundle, { store, project });
    return { run, outcome: 'closed', message: 'it had ended; its reports were completed' };
  }
  const stoppedAt = whereItStopped(world, state);
  await note(bundle, 'recovering', stoppedAt, 'warning');
  const left = await undoResources(world, bundle, state);
  left.push(...(await undoWork(world, bundle, state)));
  if (left.length > 0) await note(bundle, 'leftovers', left.join('; '), 'error');
  await bundle.append({
    type: 'run.ended',
    data: { outcome: 'recovered', cause: 'killed', message: stoppedAt },
  });
  await closeBundle(world, bundle, { store, project });
  return left.length === 0
    ? { run, outcome: 'recovered', message: `${stoppedAt}; nothing is left of it` }
    : { run, outcome: 'leftovers', message: `${stoppedAt}; still there: ${left.join('; ')}` };
}

function whereItStopped({ host }: RecoverWorld, state: RunState): string {
  const open = state.operations.find(({ outcome }) => outcome === 'unfinished');
  const where = open === undefined ? 'between operations' : `during ${open.name}`;
  const rebooted = state.started.host.bootId === host.bootId ? '' : ' (the host rebooted since)';
  return `the run died ${where}, after record ${String(state.records)}${rebooted}`;
}

const note = (
  bundle: Bundle,
  code: string,
  message: string,
  severity: 'warning' | 'error',
): Promise<unknown> => bundle.append({ type: 'note', data: { code, message, severity } });

/** Names what could not be removed. */
async function undoResources(
  world: RecoverWorld,
  bundle: Bundle,
  state: RunState,
): Promise<string[]> {
  const driver = world.driverFor(state.started.driver.kind);
  const resources: Resource[] = state.resources.map(({ kind, name, undo, details }) => ({
    kind,
    name,
    undo: { ...undo, ...details },
  }));
  const open = state.resources.filter(({ state: is }) => is !== 'removed').map(({ name }) => name);
  const limits = { budgetMs: removeBudgetMs };
  const result = await bounded(world.clock, limits, async (signal) => {
    const removed = await driver.remove(
      resources.filter(({ name }) => open.includes(name)).toReversed(),
      { signal, graceMs },
    );
    for (const { kind, name, outcome } of removed)
      if (outcome !== 'failed')
        await bundle.append({ type: 'resource.removed', data: { kind, name } });
    return driver.find(state.started.run, resources);
  });
  if (result.kind === 'value')
    return result.value.map(({ kind, name, details }) => `${kind} ${name} (${details})`);
  if (result.kind === 'threw' && !(result.error instanceof WorldError)) throw result.error;
  return [result.kind === 'threw' ? messageOf(result.error) : 'the removal did not end in time'];
}

async function undoWork(
  world: RecoverWorld,
  bundle: Bundle,
  state: RunState,
): Promise<readonly string[]> {
  const undo = state.undos.find((each) => each.undo === workUndo && each.outcome === 'open');
  if (undo === undefined) return [];
  try {
    await world.files.remove(undo.target);
    await bundle.append({
      type: 'undo.ended',
      data: { undo: workUndo, outcome: 'restored' },
    });
    return [];
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    const data = { undo: workUndo, outcome: 'failed' as const, message: error.message };
    await bundle.append({ type: 'undo.ended', data });
    return [`folder ${undo.target} (${error.message})`];
  }
}
