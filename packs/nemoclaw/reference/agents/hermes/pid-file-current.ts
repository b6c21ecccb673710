import { join } from 'node:path';
import { writeBeside } from '../../shared/write-beside.ts';

/** A regular file, replaced whole. */
export function writePidFile(home: string): void {
  writeBeside(join(home, 'hermes.pid'), `${String(process.pid)}\n`, 0o640);
}
