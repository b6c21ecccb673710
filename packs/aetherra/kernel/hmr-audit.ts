// The record of every reload: one line each, in files that are rotated and bounded.

import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { appendLine, beginFile } from './append-line.ts';
import type { Settings } from './read-settings.ts';

export type HmrEvent = 'HMR_DENIED' | 'HMR_FAILED' | 'HMR_PREPARE' | 'HMR_SWAP' | 'HMR_ROLLBACK';

export type AuditEntry = {
  readonly event: HmrEvent;
  readonly target: string;
  readonly source: string;
  readonly ok: boolean;
  readonly reason?: string;
  readonly inflight: number;
  readonly swap_ms?: number;
};

export type HmrAudit = {
  readonly write: (entry: AuditEntry) => void;
  readonly counts: () => Readonly<Record<string, number>>;
};

export function openAudit({ hmr, faults }: Settings): HmrAudit {
  const { auditPath, maxBytes, maxBackups } = hmr;
  const counts: Record<string, number> = {};
  let lastRotation = 0;
  if (hmr.enabled) beginFile(auditPath);

  const rotate = (): void => {
    // Two rotations within a millisecond would have one name, and one of the files would be lost.
    lastRotation = Math.max(Date.now(), lastRotation + 1);
    renameSync(auditPath, `${auditPath}.${new Date(lastRotation).toISOString()}`);
    if (faults.has('hmr.rotation-unbounded')) return;
    const backups = backupsOf(auditPath);
    for (const name of backups.slice(0, Math.max(0, backups.length - maxBackups))) rmSync(name);
  };

  return {
    write: (entry) => {
      counts[entry.event] = (counts[entry.event] ?? 0) + 1;
      const isFull = existsSync(auditPath) && statSync(auditPath).size >= maxBytes;
      if (isFull) rotate();
      if (isFull && faults.has('hmr.rotation-loses')) return;
      appendLine(auditPath, { ts: new Date().toISOString(), ...entry });
    },
    counts: () => counts,
  };
}

/** Oldest first: times sort as their texts do. */
const backupsOf = (path: string): readonly string[] =>
  readdirSync(dirname(path))
    .filter((name) => name.startsWith(`${basename(path)}.`))
    .sort()
    .map((name) => join(dirname(path), name));
