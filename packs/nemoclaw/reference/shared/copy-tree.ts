import { closeSync, copyFileSync, fsyncSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolder } from './write-beside.ts';

/** Copies folders and regular files, writes them through to the disk, and leaves links out. */
export function copyTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyTree(source, target);
    else if (entry.isFile()) {
      copyFileSync(source, target);
      const file = openSync(target, 'r');
      fsyncSync(file);
      closeSync(file);
    }
  }
  syncFolder(to);
}
