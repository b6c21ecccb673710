// How far a rebuild came. Written before each phase's effects are relied on, so that whoever comes
// after a crash knows whether to go back or on.

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crashPoint } from '../shared/crash-point.ts';
import { mutant } from '../shared/mutant.ts';
import { writeJson } from '../shared/write-beside.ts';
import { backupsFolder } from './backup.ts';

export const phases = [
  'preflight',
  'backed-up',
  'created-beside',
  'restored',
  'policies-applied',
  'probed',
  'swapped',
  'old-removed',
  'done',
] as const;

export type Phase = (typeof phases)[number];

export type RebuildState = {
  readonly phase: Phase;
  readonly startedAt: string;
  readonly oldContainer: string;
  readonly backup?: string;
  readonly nextContainer?: string;
  readonly imageTag?: string;
  readonly agentVersion?: string;
};

const journalFile = (name: string): string => join(backupsFolder(name), 'rebuild-state.json');

export function readJournal(name: string): RebuildState | undefined {
  const path = journalFile(name);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as RebuildState) : undefined;
}

/** Records a phase, and is where a test may cut the power. */
export function enterPhase(name: string, state: RebuildState): RebuildState {
  if (!mutant('rebuild.no-journal')) {
    mkdirSync(backupsFolder(name), { recursive: true, mode: 0o700 });
    writeJson(journalFile(name), state);
  }
  crashPoint(state.phase);
  return state;
}

export function endJournal(name: string): void {
  rmSync(journalFile(name), { force: true });
}
