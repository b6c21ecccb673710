// F11: no fixture is applied over one that a dead run of this store left unrestored.

import { bundleRoot } from '../evidence/bundle-paths.ts';
import { fold } from '../evidence/fold.ts';
import { readJournal } from '../evidence/journal-reader.ts';
import { readRunsList } from '../evidence/runs-list.ts';
import type { Store } from '../evidence/store.ts';
import type { Project } from './close-bundle.ts';
import { recoverAll, type RecoverWorld } from './recover.ts';

/**
 * The caller holds the locks of its targets, so that whoever has an open undo at one of them is dead. Any run with
 * an open undo is tried: one that lives is left alone by its own lock.
 */
export async function recoverTargets(
  world: RecoverWorld,
  { store, project }: { readonly store: Store; readonly project: Project },
  locks: Iterable<string>,
): Promise<readonly string[]> {
  if ([...locks].length === 0) return [];
  const { lines } = await readRunsList(store);
  const ended = new Set(lines.filter(({ state }) => state === 'ended').map(({ run }) => run));
  const recovered: string[] = [];
  for (const { run, lock } of lines.filter(
    (each) => each.state === 'started' && !ended.has(each.run),
  )) {
    if (
      lock === undefined ||
      !(await isFree(world, lock)) ||
      !(await hasOpenFixture(world, store, run))
    )
      continue;
    const done = await recoverAll(world, { store, project }, run);
    recovered.push(...done.map((each) => `${each.run}: ${each.message}`));
  }
  return recovered;
}

async function isFree({ locks }: RecoverWorld, name: string): Promise<boolean> {
  const lock = await locks.tryAcquire(name);
  await lock?.release();
  return lock !== undefined;
}

async function hasOpenFixture(
  { files }: RecoverWorld,
  store: Store,
  run: string,
): Promise<boolean> {
  const path = `${bundleRoot(store.root, run)}/journal.jsonl`;
  if ((await files.stat(path)) === undefined) return false;
  const { records, head } = await readJournal(files.stream(path));
  if (records.length === 0) return false;
  return fold(records, head).undos.some(
    ({ fixture, outcome }) => fixture !== undefined && outcome !== 'restored',
  );
}
