// Removal: always, on its own budget and never on the run's signal, last thing first.

import { collectLogs } from './collect-logs.ts';
import { closeDependencies } from './dependencies.ts';
import type { OpenResources } from './resource-log.ts';
import type { Effect, Session } from './session.ts';
import { removeWork } from './work-folder.ts';

export const remove =
  (session: Session, resources: OpenResources): Effect =>
  async (gathered, signal) => {
    const { world, run, manifest } = session;
    await collectLogs(session, 'remove');
    delete session.memory.deployment;
    await closeDependencies(session);
    const open = resources.open();
    const removed = await world.driver.remove(open.toReversed(), {
      signal,
      graceMs: graceMsOf(manifest),
    });
    // What the driver found beyond that was never intended, so no record of it is open.
    const known = new Set(open.map(({ kind, name }) => `${kind} ${name}`));
    for (const { kind, name, outcome } of removed)
      if (outcome !== 'failed' && known.has(`${kind} ${name}`))
        await resources.log.removed(kind, name);
    const work = await removeWork(session);
    const all = work === undefined ? removed : [...removed, work];
    // Known before the look at what is left, which may fail by itself.
    gathered.removal = { removed: all };
    const leftovers = await world.driver.find(run, open);
    gathered.removal = { removed: all, leftovers };
    const here = await world.driver.images?.();
    if (here === undefined) return;
    const used = [...session.memory.images].sort();
    const gone = used.filter((id) => !here.includes(id));
    gathered.removal = { removed: all, leftovers, images: { used, gone } };
  };

export const graceMsOf = (manifest: Session['manifest']): number =>
  (manifest.process?.stop.graceS ?? 10) * 1000;
