import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from './canonical.ts';
import { filesBelow } from './files-below.ts';

/** SHA-256 in hex over paths, kinds and bytes of a folder; times and owners do not count. */
export function treeDigest(folder: string): string {
  const entries = filesBelow(folder).map((path) => {
    const file = join(folder, path);
    const isLink = lstatSync(file).isSymbolicLink();
    return [path, isLink ? `-> ${readlinkSync(file)}` : sha256(readFileSync(file))];
  });
  return sha256(JSON.stringify(entries));
}
