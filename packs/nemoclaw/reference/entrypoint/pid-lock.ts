import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mutant } from '../shared/mutant.ts';

/**
 * One gateway at a time: the file is made by whoever is first, with its content. Undefined when
 * another, living start holds it; else a function that lets go.
 */
export function takePidLock(path: string): (() => void) | undefined {
  const release = (): void => {
    rmSync(path, { force: true });
  };
  if (mutant('entry.racy-pid')) return release;
  const own = `${path}.${String(process.pid)}`;
  writeFileSync(own, `${String(process.pid)}\n`, { mode: 0o644 });
  try {
    for (let tries = 0; tries < 3; tries += 1) {
      if (linked(own, path)) return release;
      if (isHeld(path)) return undefined;
      rmSync(path, { force: true });
    }
    return undefined;
  } finally {
    rmSync(own, { force: true });
  }
}

function linked(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** A container's process ids start anew with it, so an old file may name a stranger: its name counts. */
function isHeld(path: string): boolean {
  try {
    const pid = readFileSync(path, 'utf8').trim();
    if (pid === String(process.pid)) return false;
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('nemoclaw-start');
  } catch {
    return false;
  }
}
