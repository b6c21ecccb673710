// What an audit remembers of one bundle. Plain data, so that it can be kept and compared; it says
// what records and objects showed and knows nothing of rows.

import type { ProofObservation } from '../evidence/observed.ts';
import type { Boundary, ObjectRef, RecordData, Skip } from '../evidence/record.ts';
import type { Verdict } from '../evidence/verdict.ts';
import type { Json, JsonObject } from '../ports/json.ts';

/** Raised whenever the same bundle would be summarised differently: older ones are made anew. */
export const summaryVersion = 2;

export type Fault = {
  /** Relative to the bundle. */
  readonly file: string;
  readonly code: string;
  readonly seq?: number;
  readonly message: string;
};

/** What the judge said of a stored object, and where its facts came from. */
export type Judged = {
  readonly verdict: 'passed' | 'failed' | 'inconclusive';
  readonly reasons: readonly string[];
  /** Of the expectations in the object, to be compared with the register's. */
  readonly expectDigest: string;
  /** What was observed, by pointer and not deeper than two steps: for rules between checks. */
  readonly facts: Readonly<Record<string, { readonly digest: string; readonly empty: boolean }>>;
  /** Whether an expectation reads what was observed before the operation. */
  readonly asksBefore: boolean;
  readonly sources: readonly {
    readonly call: number;
    readonly transport: string;
    readonly output: string;
    readonly target?: string;
  }[];
};

export type CheckSummary = {
  readonly verdict: Verdict;
  readonly message: string;
  readonly after: string;
  readonly boundary: Boundary;
  readonly touched: readonly string[];
  readonly evidence: readonly ObjectRef[];
  /** Of the end record; absent when there is none. */
  readonly seq?: number;
  /** What the judge says of the objects of the evidence schema; the worst of them. */
  readonly judged?: Judged;
};

export type FixtureSummary = {
  readonly applied?: { readonly seq: number; readonly details: JsonObject };
  readonly restored?: { readonly seq: number; readonly details: JsonObject };
};

export type UndoSummary = {
  readonly undo: string;
  readonly target: string;
  readonly outcome: 'restored' | 'failed' | 'timed-out' | 'open';
};

export type Started = Pick<
  RecordData['run.started'],
  'format' | 'scenario' | 'selection' | 'planDigest' | 'canary' | 'bound'
> & {
  readonly at: string;
  readonly fake: boolean;
  readonly toolVersion: string;
  /** Ids expected, sorted. */
  readonly expected: readonly string[];
  /** Of those that are not asked: why. */
  readonly skips: Readonly<Record<string, Skip['kind']>>;
  /** Release that it started from; absent where it started from none. */
  readonly base?: string;
};

export type OperationSummary = {
  readonly outcome: string;
  readonly startedSeq?: number;
  readonly endedSeq?: number;
  /** Records of an effect or an observation between its start and its end. */
  readonly effects: number;
};

export type BundleSummary = {
  readonly version: typeof summaryVersion;
  readonly run: string;
  /** Chain head; empty without a good record. */
  readonly head: string;
  /** Whether anything in the folder looks like a plan without a run. */
  readonly previewOnly: boolean;
  /** Format of the journal when this version does not know it. */
  readonly foreignFormat?: string;
  readonly faults: readonly Fault[];
  readonly secrets: readonly { readonly file: string; readonly form: string }[];
  readonly signed: boolean;
  /** Absent when there is no good first record. */
  readonly started?: Started;
  readonly ended?: { readonly at: string; readonly outcome: string; readonly cause?: string };
  readonly environmentUnmet?: { readonly seq: number; readonly message: string };
  readonly operations: Readonly<Record<string, OperationSummary>>;
  readonly checks: Readonly<Record<string, CheckSummary>>;
  readonly fixtures: Readonly<Record<string, FixtureSummary>>;
  readonly undos: readonly UndoSummary[];
  /** Resources that were made, or may have been, and are not known to be gone. */
  readonly left: readonly { readonly kind: string; readonly name: string; readonly seq: number }[];
  readonly observations: readonly { readonly seq: number; readonly value: ProofObservation }[];
  /** How many records it has. */
  readonly records: number;
};

/** Text of a detail that a record may or may not have. */
export const textIn = (details: JsonObject | undefined, key: string): string | undefined => {
  const value: Json | undefined = details?.[key];
  return typeof value === 'string' ? value : undefined;
};
