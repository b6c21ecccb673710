// Everything gates may touch, handed in by whoever runs them.

import type { AuditAnswer } from '../audit/check-audit.ts';
import type { RecordData } from '../evidence/record.ts';
import type { Clock } from '../ports/clock.ts';
import type { Files } from '../ports/files.ts';
import type { GateTargets } from '../ports/gate-targets.ts';
import type { HttpStreams } from '../ports/http-stream.ts';
import type { Http } from '../ports/http.ts';
import type { Ids } from '../ports/ids.ts';
import type { Listeners } from '../ports/listeners.ts';
import type { Locks } from '../ports/locks.ts';
import type { Processes } from '../ports/processes.ts';
import type { Signer } from '../ports/signer.ts';
import type { WorkTrees } from '../ports/work-tree.ts';
import type { Reference } from '../findings/read-baseline.ts';

/** What the signing verifier says of one script. */
export type ScriptAnswer = {
  readonly path: string;
  readonly accepted: boolean;
  readonly reason: string;
};

export type GateWorld = {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly files: Files;
  readonly locks: Locks;
  readonly http: Http;
  readonly streams: HttpStreams;
  readonly listeners: Listeners;
  readonly processes: Processes;
  readonly targets: GateTargets;
  readonly trees: WorkTrees;
  readonly searchPath: string;
  readonly host: RecordData['run.started']['host'];
  readonly pid: number;
  readonly toolVersion: string;
  /** Absent: bundles stay unsigned, and say so. */
  readonly signer?: Signer;
  /** Variables of the runner itself, to notice that a gate changed them. */
  readonly ownEnvironment: () => Readonly<Record<string, string | undefined>>;
  /** Every script below the roots, or the files named; keys from a file. */
  readonly verifyScripts: (asked: {
    readonly roots: readonly string[];
    readonly keys: string;
    readonly strict: boolean;
  }) => Promise<readonly ScriptAnswer[]>;
  /** An audit of a pack over the runs of a store, derived anew; or why it cannot be. */
  readonly checkAudit: (asked: {
    readonly pack: string;
    /** Folder that the pack is named from. */
    readonly here: string;
    readonly store: string;
    readonly rows: string | undefined;
    readonly phase: number | undefined;
    readonly maxAge: string | undefined;
  }) => Promise<{ readonly answer: AuditAnswer } | { readonly problem: string }>;
  /** Inputs of findings, classified as one baseline; or why they cannot be trusted. */
  readonly readFindings: (
    inputs: readonly string[],
    folder: string,
  ) => Promise<{ readonly baseline: Reference } | { readonly problem: string }>;
};
