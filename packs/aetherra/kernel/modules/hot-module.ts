// What every module of this folder is made of; what makes it fail is its own.

import type { Json } from '../json.ts';
import type { HotModule } from '../hot-target.ts';

export function countingModule(
  version: string,
  different: Partial<Omit<HotModule, 'version'>> = {},
): HotModule {
  let handled = 0;
  return {
    version,
    probe: () => true,
    health: () => true,
    exportState: () => ({ handled }),
    importState: (state: Json) => {
      const count = (state as { readonly handled?: unknown } | null)?.handled;
      if (typeof count !== 'number') throw new Error('the state holds no count');
      handled = count;
    },
    handle: () => (handled += 1),
    ...different,
  };
}
