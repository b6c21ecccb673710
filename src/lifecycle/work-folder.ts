// The run's private folder. Its removal is an undo like any other.

import { WorldError } from '../ports/world-error.ts';
import type { Session } from './session.ts';

export const workUndo = 'work-folder';
const workBudgetMs = 60_000;

export async function prepareWork({ world, recorder, work }: Session): Promise<void> {
  await recorder.append({
    type: 'undo.registered',
    data: { undo: workUndo, kind: 'folder', target: work, budgetMs: workBudgetMs },
  });
  await world.files.makeDirectory(work, 0o700);
}

export async function removeWork({ world, recorder, work }: Session): Promise<void> {
  const opened = await world.files.stat(work);
  try {
    await world.files.remove(work);
    if (opened !== undefined)
      await recorder.append({
        type: 'undo.ended',
        data: { undo: workUndo, outcome: 'restored' },
      });
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    await recorder.append({
      type: 'undo.ended',
      data: { undo: workUndo, outcome: 'failed', message: error.message },
    });
  }
}
