// Files of one recipe tree, wherever it comes from.

export type RecipeFile =
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
  | { readonly kind: 'absent' }
  /** Not below the root, a link that leads out of it, no regular file, or larger than 1 MiB. */
  | { readonly kind: 'refused'; readonly why: string };

/** Paths are relative to the root of the recipe and `/`-separated. */
export type RecipeFiles = { readonly read: (path: string) => RecipeFile };

/** A path of the tree without `.` and `..`; undefined when it leads out or is absolute. */
export function pathBelow(folder: string, path: string): string | undefined {
  if (path.startsWith('/') || /[\u0000-\u001f\u007f\\]/.test(path)) return undefined;
  const parts: string[] = [];
  for (const part of `${folder}/${path}`.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.length === 0 ? undefined : parts.join('/');
}

export const folderOf = (path: string): string =>
  path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
