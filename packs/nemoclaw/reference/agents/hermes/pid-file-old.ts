import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A link in the home to a file below `runtime/`, replaced at every start. */
export function writePidFile(home: string): void {
  mkdirSync(join(home, 'runtime'), { recursive: true });
  writeFileSync(join(home, 'runtime/hermes.pid'), `${String(process.pid)}\n`);
  const link = join(home, 'hermes.pid');
  if (existsSync(link) || lstatSync(link, { throwIfNoEntry: false }) !== undefined) rmSync(link);
  symlinkSync('runtime/hermes.pid', link);
}
