import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { copyTree } from '../../shared/copy-tree.ts';

/**
 * From `.openclaw-data` (schema 1) to `home` (schema 2). The old folder is kept under another name, so
 * that a second call finds nothing to do; one that was cut off starts again.
 */
export function migrateHome(
  home: string,
  addMemory: (entries: Readonly<Record<string, string>>) => void,
): readonly string[] {
  const old = join(dirname(home), '.openclaw-data');
  if (!existsSync(old)) return [];
  const done: string[] = [];
  mkdirSync(home, { recursive: true, mode: 0o770 });
  const memory = join(old, 'memory.json');
  if (existsSync(memory)) {
    addMemory(JSON.parse(readFileSync(memory, 'utf8')) as Record<string, string>);
    done.push('memory brought over to schema 2');
  }
  for (const name of ['workspace', 'extensions', 'sessions'])
    if (existsSync(join(old, name))) {
      copyTree(join(old, name), join(home, name));
      done.push(`${name} copied`);
    }
  renameSync(old, `${old}.v1`);
  return done;
}
