import { WorldError } from '../ports/world-error.ts';
import type { FixturePlace } from './fixture-kind.ts';

/** A file that an input names: of the pack, or, where it is absolute, of the run. */
export function inPack({ pack, work }: Pick<FixturePlace, 'pack' | 'work'>, path: string): string {
  const parts = path.split('/');
  const outside = parts.includes('..');
  if (path.startsWith('/')) {
    if (!outside && (path.startsWith(`${work}/`) || path.startsWith(`${pack}/`))) return path;
  } else if (!outside) return `${pack}/${path}`;
  throw new WorldError('refused', `${path} leads out of the pack and of the run`);
}
