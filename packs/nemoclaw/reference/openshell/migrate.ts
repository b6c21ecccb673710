import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutant } from '../shared/mutant.ts';
import type { Model } from './model.ts';
import { loadState } from './state-old.ts';

/**
 * Schema 1 as schema 2 understands it. The file as it was stays beside it as `state.json.v1.bak`; a
 * migration that was cut off finds it there and starts from the same bytes again.
 */
export function migrateState(folder: string): Model {
  const path = join(folder, 'state.json');
  const old = loadState(folder);
  copyFileSync(path, `${path}.v1.bak`);
  return {
    ...old,
    providers: mutant('gwup.lose-provider') ? old.providers.slice(1) : old.providers,
    routes: mutant('gwup.drop-route') ? [] : old.routes,
    migratedFrom: 1,
  };
}
