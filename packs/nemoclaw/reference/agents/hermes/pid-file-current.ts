import { join } from 'node:path';
import { mutant } from '../../shared/mutant.ts';
import { writeBeside } from '../../shared/write-beside.ts';
import * as old from './pid-file-old.ts';

/** A regular file, replaced whole. */
export function writePidFile(home: string): void {
  if (mutant('entry.pid-symlink')) {
    old.writePidFile(home);
    return;
  }
  writeBeside(join(home, 'hermes.pid'), `${String(process.pid)}\n`, 0o640);
}
