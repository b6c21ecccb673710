// Which files may become code of the running kernel. Paths are resolved first, links too, so that
// what is compared is where the code lies and not how somebody spelt it.

import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Settings } from './read-settings.ts';

/** The resolved path, or undefined when the source is not allowed or not there. */
export function allowedSource(
  source: string,
  { hmr: { strict, allowed }, faults }: Settings,
): string | undefined {
  const path = realPath(source);
  if (path === undefined) return undefined;
  if (faults.has('hmr.strict-open') || (!strict && allowed.length === 0)) return path;
  const isAllowed = allowed.some((entry) => {
    if (!entry.endsWith('/**')) return realPath(entry) === path;
    const folder = realPath(entry.slice(0, -3));
    if (folder === undefined) return false;
    return path.startsWith(faults.has('hmr.allowlist-prefix') ? folder : `${folder}/`);
  });
  return isAllowed ? path : undefined;
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(resolve(path));
  } catch {
    return undefined;
  }
}
