// Whether the app really had the planted secrets: only then does their absence elsewhere prove
// anything. Asked while it runs, because one that is down at the end can no longer be asked.

import { quietly } from './quietly.ts';
import type { Session } from './session.ts';

/** For all planted secrets together: a run that is told to end must come to its removal. */
const askBudgetMs = 10_000;

/** Remembers in the session which planted secrets the running app holds; asks for none twice. */
export async function seeSecretsHeld(session: Session): Promise<void> {
  const { memory, secrets, world } = session;
  await quietly(world, askBudgetMs, async () => {
    for (const { name } of secrets.planted) {
      if (memory.held.has(name)) continue;
      const digest = await memory.deployment?.heldSecret(name);
      if (digest !== undefined && digest === secrets.digestOf(name)) memory.held.add(name);
    }
  });
}
