// Files of a recipe that lies in a folder. A link is followed only while it stays in the folder, since a
// recipe must not make the files of its host part of a deployment.

import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';

/** The same shape as the readers of recipes ask for; this folder may not import theirs. */
type FolderFile =
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly why: string };

const bytesMax = 1024 * 1024;

/** Reads when asked and synchronously: recipes are a few small files, and there may be a thousand. */
export function openRecipeFolder(folder: string): { readonly read: (path: string) => FolderFile } {
  const root = realpathSync(folder);
  return {
    read: (path) => {
      try {
        return readWithin(root, join(root, path));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        return code === 'ENOENT' || code === 'ENOTDIR'
          ? { kind: 'absent' }
          : { kind: 'refused', why: `cannot be read (${code ?? 'unknown'})` };
      }
    },
  };
}

function readWithin(root: string, path: string): FolderFile {
  const real = realpathSync(path);
  if (real !== root && !real.startsWith(`${root}${sep}`))
    return { kind: 'refused', why: 'is a link that leads out of the recipe' };
  const stat = lstatSync(real);
  if (!stat.isFile()) return { kind: 'refused', why: 'is no regular file' };
  return stat.size > bytesMax
    ? { kind: 'refused', why: 'is larger than 1 MiB' }
    : { kind: 'file', bytes: readFileSync(real) };
}
