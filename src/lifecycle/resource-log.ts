// The journal as a driver's write-ahead log. Also keeps the open resources in memory, so that a
// run whose disk is full can still clean up.

import type { Resource, ResourceLog } from '../ports/app-driver.ts';
import type { Journal } from './recorder.ts';

export type OpenResources = {
  readonly log: ResourceLog;
  /** Not known to be gone, in order of intention. */
  readonly open: () => readonly Resource[];
};

export function makeResourceLog(journal: Journal): OpenResources {
  const open = new Map<string, Resource>();
  const keyOf = (kind: string, name: string): string => `${kind} ${name}`;
  const log: ResourceLog = {
    intended: async (resources) => {
      for (const { kind, name, undo } of resources) {
        open.set(keyOf(kind, name), { kind, name, undo });
        await journal.append({ type: 'resource.intended', data: { kind, name, undo } });
      }
      await journal.sync();
    },
    created: async (kind, name, details) => {
      const key = keyOf(kind, name);
      const intended = open.get(key);
      if (intended === undefined) throw new Error(`${key} was created without being intended`);
      open.set(key, { ...intended, undo: { ...intended.undo, ...details } });
      await journal.append({ type: 'resource.created', data: { kind, name, details } });
    },
    removed: async (kind, name) => {
      open.delete(keyOf(kind, name));
      await journal.append({ type: 'resource.removed', data: { kind, name } });
    },
  };
  return { log, open: () => [...open.values()] };
}
