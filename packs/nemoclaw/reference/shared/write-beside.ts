import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes a file whole or not at all: beside it, synced, renamed. `mode` defaults to 0600. */
export function writeBeside(path: string, bytes: string | Uint8Array, mode = 0o600): void {
  const beside = `${path}.${String(process.pid)}.tmp`;
  rmSync(beside, { force: true });
  const file = openSync(beside, 'wx', mode);
  try {
    writeSync(file, typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
  syncFolder(dirname(path));
}

/** Makes a rename last. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

export function writeJson(path: string, value: unknown, mode = 0o600): void {
  writeBeside(path, `${JSON.stringify(value, null, 2)}\n`, mode);
}
