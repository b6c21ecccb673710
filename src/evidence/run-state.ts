// The state of a run as its records tell it; made by fold.ts and read by reports, gates and audit.

import type { Resource } from '../ports/app-driver.ts';
import type {
  ExpectedCheck,
  JournalRecord,
  ObjectRef,
  OperationOutcome,
  RecordData,
  Skip,
  Stage,
} from './record.ts';
import type { Verdict } from './verdict.ts';

export type CheckState = ExpectedCheck & {
  readonly verdict: Verdict;
  readonly message: string;
  readonly evidence: readonly ObjectRef[];
  readonly touched: readonly string[];
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly durationMs?: number;
  /** Sequence number of the end record; absent when there is none. */
  readonly seq?: number;
  /** A record came for an id that nobody expected: counted as `error`. */
  readonly unexpected?: true;
};

export type OperationState = {
  readonly name: string;
  readonly outcome: OperationOutcome | 'skipped' | 'not-run' | 'unfinished';
  readonly skip?: Skip;
  readonly stage?: Stage;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly durationMs?: number;
  readonly cause?: string;
  readonly message?: string;
  readonly observations: readonly (RecordData['observation'] & { readonly seq: number })[];
};

export type UndoState = RecordData['undo.registered'] & {
  readonly outcome: RecordData['undo.ended']['outcome'] | 'open';
  /** Of fixtures: digest of the target once it was applied. */
  readonly applied?: string;
  readonly message?: string;
};

export type ResourceState = Resource & {
  /** `intended` = maybe there; only `removed` is surely gone. */
  readonly state: 'intended' | 'created' | 'removed';
  readonly details?: RecordData['resource.created']['details'];
};

export type RunState = {
  readonly started: RecordData['run.started'];
  readonly startedAt: string;
  readonly ended?: RecordData['run.ended'];
  readonly endedAt?: string;
  readonly lastAt: string;
  readonly records: number;
  /** Hex SHA-256 of the last line: the chain head that sign-offs name. */
  readonly head: string;
  readonly operations: readonly OperationState[];
  /** Expected checks in plan order, then unexpected ones in record order. */
  readonly checks: readonly CheckState[];
  readonly undos: readonly UndoState[];
  readonly resources: readonly ResourceState[];
  readonly notes: readonly (RecordData['note'] & { readonly at: string; readonly seq: number })[];
  /** Notes and observations beyond what a fold keeps; absent when it kept all. */
  readonly dropped?: number;
  /** Records of kind `deployment` created; design principle 1. */
  readonly deployments: number;
  readonly verdict: Verdict;
  /** Why the verdict is not `passed`, one sentence each, worst first. */
  readonly reasons: readonly string[];
  readonly exitCode: number;
};

/** A journal as read: its good records, and what is wrong with the rest. */
export type JournalReading = {
  readonly records: readonly JournalRecord[];
  /** Hex SHA-256 of the last good line; of the run header when there is none and it is known, else empty. */
  readonly head: string;
  /** Bytes of the good part; recovery truncates to this. */
  readonly goodBytes: number;
  /** Bytes after the last newline: a torn write, ignored. */
  readonly tornBytes: number;
  readonly fault?: { readonly seq: number; readonly line: number; readonly message: string };
};
