// Taking writes back, last first, with a budget of its own: the run's deadline and its caller's
// signal have no say in it.

import { RunFault } from './fault.ts';
import type { Run, Write } from './run-state.ts';

const undoBudgetMs = 30_000;

/** Undoes all it can. Resolves with the writes that stay. */
export async function undoWrites(run: Run, writes: readonly Write[]): Promise<readonly Write[]> {
  const left: Write[] = [];
  for (const write of writes.filter(({ isUndone }) => !isUndone).reverse()) {
    write.isUndone = await undoOne(run, write);
    if (!write.isUndone) left.push(write);
  }
  return left;
}

async function undoOne({ effects }: Run, { undo }: Write): Promise<boolean> {
  if (undo === undefined) return false;
  const attempt = new AbortController();
  const timer = new AbortController();
  try {
    const late = effects.sleep(undoBudgetMs, timer.signal).then(() => 'late' as const);
    const first = await Promise.race([undo(attempt.signal), late]);
    if (first === 'late') attempt.abort();
    return first === true;
  } catch {
    return false;
  } finally {
    timer.abort();
  }
}

/** The fault that tells what could not be undone, which no rule handles, or `cause` itself. */
export function afterUndo(cause: unknown, left: readonly Write[]): unknown {
  const [first] = left;
  if (first !== undefined) {
    const names = left.map(({ name, id }) => `${name}#${String(id)}`).join(', ');
    return new RunFault('E_RUN_ROLLBACK_FAILED', null, first.span, `not undone: ${names}`);
  }
  if (cause instanceof RunFault) cause.rolledBack = true;
  return cause;
}
