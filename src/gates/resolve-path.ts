// Paths that people write in a gates file are relative to its folder, wherever the runner stands.

import type { Files } from '../ports/files.ts';

/** `here` is absolute. `.` and `..` are worked out; this is no border, since the file is its owner's. */
export function resolvePath(here: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${here}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/**
 * Arguments that name a file below the folder become absolute, since commands start in an empty
 * folder; every other word stays as it is written.
 */
export async function resolveArguments(
  files: Files,
  argv: readonly [string, ...string[]],
  here: string,
): Promise<readonly [string, ...string[]]> {
  const resolved = await Promise.all(
    argv.map(async (word, index) => {
      const isPath = word.includes('/') || (index > 0 && /^[^-].*\.[a-z]{1,4}$/u.test(word));
      if (!isPath || word.startsWith('/') || word.startsWith('-')) return word;
      const path = resolvePath(here, word);
      return (await files.stat(path)) === undefined ? word : path;
    }),
  );
  return resolved as unknown as readonly [string, ...string[]];
}
