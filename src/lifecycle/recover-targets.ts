// F11: no fixture is applied over one that another run of this store left unrestored, be that run dead or ended.

import { bundleRoot } from '../evidence/bundle-paths.ts';
import { fold } from '../evidence/fold.ts';
import { readJournal } from '../evidence/journal-reader.ts';
import type { RunState, UndoState } from '../evidence/run-state.ts';
import { readRunsList } from '../evidence/runs-list.ts';
import type { Store } from '../evidence/store.ts';
import { WorldError } from '../ports/world-error.ts';
import type { Project } from './close-bundle.ts';
import { recoverAll, type RecoverWorld } from './recover.ts';
import { openFixtures, undoFixtures } from './undo-fixtures.ts';

type Context = { readonly store: Store; readonly project: Project };

/** Locks of targets that the caller holds. */
type Held = ReadonlySet<string>;

/**
 * The caller holds the locks of its targets, so that whoever has an open undo at one of them is dead or has ended. Any
 * dead run with an open undo is recovered: one that lives is left alone by its own lock. Of an ended one only the
 * fixtures at these targets are undone, since others may be somebody's now. Says what was done; throws WorldError
 * when something is still there.
 */
export async function recoverTargets(
  world: RecoverWorld,
  context: Context,
  held: Held,
): Promise<readonly string[]> {
  if (held.size === 0) return [];
  const { lines } = await readRunsList(context.store);
  const ended = new Set(lines.filter(({ state }) => state === 'ended').map(({ run }) => run));
  const said: string[] = [];
  for (const { run, lock, state } of lines)
    if (state === 'started' && !ended.has(run) && lock !== undefined)
      said.push(...(await recoverDead(world, context, { run, lock, held })));
  for (const run of await withUndoFolder(world, context.store))
    if (ended.has(run)) said.push(...(await undoEnded(world, context, { run, held })));
  return said;
}

async function recoverDead(
  world: RecoverWorld,
  context: Context,
  { run, lock, held }: { readonly run: string; readonly lock: string; readonly held: Held },
): Promise<readonly string[]> {
  const open = await openOf(world, context.store, run);
  if (open.length === 0) return [];
  const free = await isFree(world, lock);
  // One that lives has the locks of its own targets.
  if (!free && !open.some((undo) => isAt(undo, held))) return [];
  const done = free ? await recoverAll(world, context, run) : [];
  const said = done.map((each) => `${each.run}: ${each.message}`);
  const left = await openOf(world, context.store, run);
  if (left.some((undo) => isAt(undo, held))) throw stillThere(run, said);
  return said;
}

async function undoEnded(
  world: RecoverWorld,
  { store }: Context,
  { run, held }: { readonly run: string; readonly held: Held },
): Promise<readonly string[]> {
  const ours = async (): Promise<RunState | undefined> => {
    const state = await stateOf(world, store, run);
    if (state === undefined) return undefined;
    const open = await openFixtures(world.files, state);
    return { ...state, undos: open.filter((undo) => isAt(undo, held)) };
  };
  const before = await ours();
  if (before === undefined || before.undos.length === 0) return [];
  // Whoever recovers has it too, and may be at the same target.
  const lock = await world.locks.acquire(before.started.lock, { waitMs: recoveryWaitMs });
  try {
    const state = (await ours()) ?? before;
    const left = await undoFixtures(world.fixtures, state, () => Promise.resolve());
    if (left.length > 0) throw stillThere(run, left);
    const names = state.undos.map(({ fixture, target }) => `${fixture ?? ''} at ${target}`);
    return names.length === 0 ? [] : [`${run}: put back what it had left: ${names.join(', ')}`];
  } finally {
    await lock.release();
  }
}

const recoveryWaitMs = 30_000;

const stillThere = (run: string, said: readonly string[]): WorldError =>
  new WorldError(
    'resource-busy',
    `run ${run} left a fixture where this one has to make its own: ${said.join('; ') || 'its lock is held'}`,
    { hint: `Put it back first: seatrial recover ${run}` },
  );

const isAt = ({ pre }: UndoState, held: Held): boolean => {
  const locks = (pre as { readonly locks?: unknown } | undefined)?.locks;
  return Array.isArray(locks) && locks.some((name) => held.has(name as string));
};

/** A folder of pre-images stays until its undo is done. */
async function withUndoFolder({ files }: RecoverWorld, store: Store): Promise<readonly string[]> {
  const root = `${store.root}/undo`;
  if ((await files.stat(root)) === undefined) return [];
  const runs: string[] = [];
  for (const { name } of await files.list(root))
    if ((await files.list(`${root}/${name}`)).some(({ kind }) => kind === 'directory'))
      runs.push(name);
  return runs.sort();
}

async function isFree({ locks }: RecoverWorld, name: string): Promise<boolean> {
  const lock = await locks.tryAcquire(name);
  await lock?.release();
  return lock !== undefined;
}

async function openOf(
  world: RecoverWorld,
  store: Store,
  run: string,
): Promise<readonly UndoState[]> {
  const state = await stateOf(world, store, run);
  return state === undefined ? [] : openFixtures(world.files, state);
}

async function stateOf(
  { files }: RecoverWorld,
  store: Store,
  run: string,
): Promise<RunState | undefined> {
  const path = `${bundleRoot(store.root, run)}/journal.jsonl`;
  if ((await files.stat(path)) === undefined) return undefined;
  const { records, head } = await readJournal(files.stream(path));
  return records.length === 0 ? undefined : fold(records, head);
}
