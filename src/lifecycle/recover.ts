// Finishes what a dead run left behind, from its journal alone. Safe to run at any time, by anyone,
// again and again: the lock tells the living from the dead, and absent is success. A run of which
// something is still there is not ended, so that whoever comes next tries again.

import { openBundle } from '../evidence/bundle.ts';
import { bundleRoot, runsFolder } from '../evidence/bundle-paths.ts';
import { fold } from '../evidence/fold.ts';
import { readJournal } from '../evidence/journal-reader.ts';
import { makeRedactor } from '../evidence/redact.ts';
import { journalFormat } from '../evidence/record.ts';
import type { JournalReading, RunState } from '../evidence/run-state.ts';
import { readRunsList, type RunsListLine } from '../evidence/runs-list.ts';
import type { Store } from '../evidence/store.ts';
import type { Lock } from '../ports/locks.ts';
import { WorldError } from '../ports/world-error.ts';
import { closeBundle, type Project } from './close-bundle.ts';
import { listNeverBegan } from './list-runs.ts';
import { sweepBundle } from './sweep-bundle.ts';
import {
  isAnyChangeLeft,
  isAnythingLeft,
  undoChanges,
  undoRun,
  type UndoWorld,
} from './undo-run.ts';
import type { World } from './world.ts';

export type RecoverWorld = Pick<World, 'clock' | 'files' | 'locks' | 'signer' | 'host'> & UndoWorld;

export type Recovered = {
  readonly run: string;
  readonly outcome:
    'recovered' | 'closed' | 'alive' | 'dead' | 'never-began' | 'unreadable' | 'leftovers';
  readonly message: string;
};

type Context = { readonly store: Store; readonly project: Project };

/**
 * All runs of the store that did not end, and those that ended with something left behind; runs
 * whose lock is held are left alone. One that cannot be recovered does not keep the others from it.
 */
export async function recoverAll(
  world: RecoverWorld,
  context: Context,
  only?: string,
): Promise<readonly Recovered[]> {
  const done: Recovered[] = [];
  const bugs: unknown[] = [];
  const { open, ended } = await runsOf(world, context.store);
  const asked = ({ run }: Pick<Listed, 'run'>): boolean => only === undefined || run === only;
  const attempt = async (run: string, work: () => Promise<Recovered | undefined>) => {
    try {
      const recovered = await told(run, work);
      if (recovered !== undefined) done.push(recovered);
    } catch (error) {
      bugs.push(error);
    }
  };
  for (const listed of open.filter(asked))
    await attempt(listed.run, () => recoverUnlessAlive(world, context, listed));
  for (const { run } of ended.filter(asked))
    await attempt(run, () => sweepEnded(world, context, run));
  if (bugs.length > 0) throw bugs[0] as Error;
  return done;
}

/** The runs that did not end, looked at only. */
export async function listUnfinished(
  world: RecoverWorld,
  { store }: Pick<Context, 'store'>,
): Promise<readonly Recovered[]> {
  const seen: Recovered[] = [];
  for (const listed of (await runsOf(world, store)).open) {
    const { run } = listed;
    const found = await read(world, store, run);
    const name = lockOf(listed, found);
    const lock = name === undefined ? undefined : await world.locks.tryAcquire(name);
    await lock?.release();
    if (name !== undefined && lock === undefined)
      seen.push({ run, outcome: 'alive', message: `its lock ${name} is held` });
    else if ('state' in found)
      seen.push({ run, outcome: 'dead', message: whereItStopped(world, found.state) });
    else seen.push({ run, ...found });
  }
  return seen;
}

/** Dead runs of one instance, whose lock the caller holds. */
export async function recoverInstance(
  world: RecoverWorld,
  context: Context,
  lock: string,
): Promise<readonly Recovered[]> {
  const done: Recovered[] = [];
  for (const listed of (await runsOf(world, context.store)).open) {
    const found = await read(world, context.store, listed.run);
    if (lockOf(listed, found) !== lock) continue;
    const recovered = await told(listed.run, () => recoverDead(world, context, { listed, found }));
    if (recovered !== undefined) done.push(recovered);
  }
  return done;
}

/** A failure of the outside world is an answer too: the run is not recovered yet. */
async function told(
  run: string,
  work: () => Promise<Recovered | undefined>,
): Promise<Recovered | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    const message = `its recovery failed: ${error.message}`;
    return { run, outcome: 'leftovers', message };
  }
}

/** A run by the store's list; without a line there is only its bundle. */
type Listed = { readonly run: string; readonly line?: RunsListLine };

/** `open`: not known to have ended. */
async function runsOf(
  { files }: RecoverWorld,
  store: Store,
): Promise<{ readonly open: readonly Listed[]; readonly ended: readonly RunsListLine[] }> {
  const { lines } = await readRunsList(store);
  const ended = lines.filter(({ state }) => state === 'ended');
  const over = new Set(ended.map(({ run }) => run));
  const started = lines.filter(({ run, state }) => state === 'started' && !over.has(run));
  const folder = runsFolder(store.root);
  const entries = (await files.stat(folder)) === undefined ? [] : await files.list(folder);
  const open = new Map<string, Listed>();
  for (const { name, kind } of entries)
    if (kind === 'directory' && !over.has(name)) open.set(name, { run: name });
  for (const line of started) open.set(line.run, { run: line.run, line });
  return {
    open: [...open.values()].sort((a, b) => (a.run < b.run ? -1 : 1)),
    ended,
  };
}

type Found =
  | { readonly reading: JournalReading; readonly state: RunState }
  | { readonly outcome: 'never-began' | 'unreadable'; readonly message: string };

const neverBegan = {
  outcome: 'never-began',
  message: 'it died before its first record; nothing was made',
} as const;

/** There is a result only after a first record. */
const journalGone = {
  outcome: 'unreadable',
  message: 'its journal is gone; what it made can no longer be found out',
} as const;

async function read({ files }: RecoverWorld, store: Store, run: string): Promise<Found> {
  const root = bundleRoot(store.root, run);
  const path = `${root}/journal.jsonl`;
  if ((await files.stat(path)) === undefined)
    return (await files.stat(`${root}/result.json`)) === undefined ? neverBegan : journalGone;
  const header = { format: journalFormat, run, store: store.id } as const;
  const reading = await readJournal(files.stream(path), header);
  if (reading.fault !== undefined)
    return { outcome: 'unreadable', message: `its journal is broken: ${reading.fault.message}` };
  return reading.records.length === 0
    ? neverBegan
    : { reading, state: fold(reading.records, reading.head) };
}

const lockOf = ({ line }: Listed, found: Found): string | undefined =>
  'state' in found ? found.state.started.lock : line?.lock;

async function recoverUnlessAlive(
  world: RecoverWorld,
  context: Context,
  listed: Listed,
): Promise<Recovered | undefined> {
  const { run } = listed;
  const found = await read(world, context.store, run);
  const name = lockOf(listed, found);
  if (name === undefined) return recoverDead(world, context, { listed, found });
  const lock = await acquireSoon(world, name);
  if (lock === undefined) return { run, outcome: 'alive', message: `its lock ${name} is held` };
  try {
    // Somebody else may have finished it while this one waited for the lock.
    const { open } = await runsOf(world, context.store);
    if (!open.some((each) => each.run === run)) return undefined;
    // Read again: it may have gone on, or ended, between the look and the lock.
    const now = await read(world, context.store, run);
    return await recoverDead(world, context, { listed, found: now });
  } finally {
    await lock.release();
  }
}

/** The helper that holds a lock ends just after its run; on a busy host that is a moment later. */
const helperEndsMs = 1_500;

async function acquireSoon({ locks }: RecoverWorld, name: string): Promise<Lock | undefined> {
  try {
    return await locks.acquire(name, { waitMs: helperEndsMs });
  } catch (error) {
    if (error instanceof WorldError && error.code === 'resource-busy') return undefined;
    throw error;
  }
}

/** The caller holds its lock, if it is known to have one. */
async function recoverDead(
  world: RecoverWorld,
  context: Context,
  { listed: { run, line }, found }: { readonly listed: Listed; readonly found: Found },
): Promise<Recovered> {
  if ('state' in found) return recoverRun(world, context, { run, ...found });
  if (found.outcome === 'never-began' && line !== undefined) {
    await world.files.remove(bundleRoot(context.store.root, run));
    await listNeverBegan(world, context.store, line);
  }
  return { run, ...found };
}

async function recoverRun(
  world: RecoverWorld,
  { store, project }: Context,
  { run, reading, state }: { run: string; reading: JournalReading; state: RunState },
): Promise<Recovered> {
  const root = bundleRoot(store.root, run);
  await sweepBundle(world.files, root, reading.records);
  const bundle = await openBundle({
    files: world.files,
    clock: world.clock,
    root,
    header: { format: journalFormat, run, store: store.id },
    redactor: makeRedactor(),
    resume: reading,
  });
  const note = (code: string, message: string, severity: 'warning' | 'error') =>
    bundle.append({ type: 'note', data: { code, message, severity } });
  try {
    if (state.ended !== undefined) {
      await bundle.project();
      await closeBundle(world, bundle, { store, project });
      return { run, outcome: 'closed', message: 'it had ended; its reports were completed' };
    }
    const stoppedAt = whereItStopped(world, state);
    await note('recovering', stoppedAt, 'warning');
    const left = await undoRun(world, state, bundle.append);
    if (left.length > 0) {
      await note('leftovers', left.join('; '), 'error');
      await bundle.project();
      await bundle.close();
      return {
        run,
        outcome: 'leftovers',
        message: `${stoppedAt}; still there: ${left.join('; ')}`,
      };
    }
    await bundle.append({
      type: 'run.ended',
      data: { outcome: 'recovered', cause: 'killed', message: stoppedAt },
    });
    await closeBundle(world, bundle, { store, project });
    return { run, outcome: 'recovered', message: `${stoppedAt}; nothing is left of it` };
  } catch (error) {
    await bundle.close().catch(() => undefined);
    throw error;
  }
}

/** A run whose own removal failed has ended, and its journal with it; the host is cleaned all the same. */
async function sweepEnded(
  world: RecoverWorld,
  { store }: Context,
  run: string,
): Promise<Recovered | undefined> {
  const found = await read(world, store, run);
  if (!('state' in found)) return undefined;
  const { state } = found;
  const { canary, driver } = state.started;
  // What the fake driver leaves there was planted, and there is nobody who could remove it.
  const planted = canary !== undefined && driver.fake;
  const open =
    (!planted && state.resources.some((resource) => resource.state !== 'removed')) ||
    state.undos.some(({ outcome }) => outcome !== 'restored');
  if (!open) return undefined;
  const lock = await world.locks.tryAcquire(state.started.lock);
  if (lock === undefined) return undefined;
  try {
    const [isLeft, undo] = planted ? [isAnyChangeLeft, undoChanges] : [isAnythingLeft, undoRun];
    if (!(await isLeft(world, state))) return undefined;
    const left = await undo(world, state, () => Promise.resolve());
    return left.length === 0
      ? { run, outcome: 'recovered', message: 'it had left something behind; that is gone now' }
      : { run, outcome: 'leftovers', message: `still there: ${left.join('; ')}` };
  } finally {
    await lock.release();
  }
}

function whereItStopped({ host }: RecoverWorld, state: RunState): string {
  const open = state.operations.find(({ outcome }) => outcome === 'unfinished');
  const where = open === undefined ? 'between operations' : `during ${open.name}`;
  const rebooted = state.started.host.bootId === host.bootId ? '' : ' (the host rebooted since)';
  return `the run died ${where}, after record ${String(state.records)}${rebooted}`;
}
