import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Paths of all regular files and links below a folder, sorted, with forward slashes. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
