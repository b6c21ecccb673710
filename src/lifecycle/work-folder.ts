// The run's private folder. Its removal is an undo like any other.

import type { RemovedResource } from '../ports/app-driver.ts';
import { WorldError } from '../ports/world-error.ts';
import type { Session } from './session.ts';
import type { World } from './world.ts';

export const workUndo = 'work-folder';
const workBudgetMs = 60_000;

export async function prepareWork({ world, recorder, work, memory }: Session): Promise<void> {
  await recorder.append({
    type: 'undo.registered',
    data: { undo: workUndo, kind: 'folder', target: work, budgetMs: workBudgetMs },
  });
  memory.work = 'registered';
  await world.files.makeDirectory(work, 0o700);
  // Node reads the nearest package.json above a file: without one here, that of the project in which the
  // store lies would say whether the app's own files are ES modules.
  await world.files.replace(`${work}/package.json`, '{}\n');
}

/** Once. Says what failed; the undo has its end record either way. */
export async function removeWork(session: Session): Promise<RemovedResource | undefined> {
  const { world, recorder, work, memory } = session;
  if (memory.work !== 'registered') return undefined;
  const message = await failureToRemove(world, work);
  await recorder.append({
    type: 'undo.ended',
    data:
      message === undefined
        ? { undo: workUndo, outcome: 'restored' }
        : { undo: workUndo, outcome: 'failed', message },
  });
  memory.work = 'ended';
  return message === undefined
    ? undefined
    : { kind: 'folder', name: workUndo, outcome: 'failed', message };
}

async function failureToRemove({ files }: World, path: string): Promise<string | undefined> {
  try {
    await files.remove(path);
    return undefined;
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return error.message;
  }
}
