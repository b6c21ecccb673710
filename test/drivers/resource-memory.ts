import type { Resource, ResourceLog } from '../../src/ports/app-driver.ts';

/** A resource log in memory that holds callers to the order of intent and effect. */
export function makeResourceMemory(failAt = -1): {
  readonly log: ResourceLog;
  readonly resources: () => readonly Resource[];
} {
  const all = new Map<string, Resource>();
  let calls = 0;
  const count = (): void => {
    calls += 1;
    if (calls > failAt && failAt >= 0) throw new Error('planted: the journal cannot be written');
  };
  return {
    resources: () => [...all.values()],
    log: {
      intended: async (resources) => {
        await Promise.resolve();
        count();
        for (const resource of resources) all.set(`${resource.kind} ${resource.name}`, resource);
      },
      created: async (kind, name, details) => {
        await Promise.resolve();
        count();
        const intended = all.get(`${kind} ${name}`);
        if (intended === undefined) throw new Error(`${kind} ${name} was never intended`);
        all.set(`${kind} ${name}`, { ...intended, details });
      },
      removed: async (kind, name) => {
        await Promise.resolve();
        all.delete(`${kind} ${name}`);
      },
    },
  };
}
