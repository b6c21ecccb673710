// What a journal line says. Every report, verdict and attestation is a pure function of these.

import type { DriverKind, ResourceKind } from '../ports/app-driver.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import type { SubjectIdentity } from '../ports/pack.ts';
import type { Release } from '../ports/release.ts';
import type { Verdict } from './verdict.ts';

export const journalFormat = 'seatrial.journal/v1';

export type Boundary =
  'host-cli' | 'http' | 'gateway' | 'sandbox' | 'agent' | 'provider' | 'state' | 'driver';

/** Which content a check looks at. */
export type Stage = 'base' | 'head' | 'restored';

/** An object of the bundle that a record points to. `path` is logical; the content lies under its digest. */
export type ObjectRef = {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly mediaType: string;
};

export type Skip = {
  /** structural: the app or driver has no such thing; declared: its owner said so; not-asked: partial selection. */
  readonly kind: 'structural' | 'declared' | 'not-asked';
  readonly reason: string;
};

export type ExpectedCheck = {
  readonly id: string;
  /** The operation it follows; `run` for checks of the whole run. */
  readonly after: string;
  readonly boundary: Boundary;
  readonly source: 'floor' | 'overlay' | 'scenario' | 'run';
  readonly title: string;
  readonly skip?: Skip;
  /** Of a check that came with the release; absent of those that the harness's owner keeps. */
  readonly authority?: 'sandboxed' | 'approved';
};

export type OperationOutcome = 'done' | 'failed' | 'error' | 'timed-out' | 'interrupted';
export type UndoOutcome = 'restored' | 'failed' | 'timed-out';
export type RunOutcome =
  | 'completed'
  | 'interrupted' // a signal, or the parent went away
  | 'stopped' // the testbed gave up: lifetime over, lock lost
  | 'crashed' // a bug in Seatrial
  | 'recovered'; // the process died; a later one cleaned up

export type ReleaseIdentity = Release & { readonly digest: string };

/**
 * What evidence of a pack's scenario is about and what it was made with. A verifier compares each part
 * with the present one, so that evidence of something else is never counted. Digests are hex SHA-256.
 */
export type Bound = {
  readonly pack: string;
  /** Its name is `reference`, `installed`, or another that the pack gives it. */
  readonly subject: SubjectIdentity & { readonly name: string };
  /** Over scenario, manifest, contract, fixtures, register entries and canaries. */
  readonly plan: string;
  /** Over the modules loaded for checks and actions. */
  readonly collectors: string;
  /** Of a run by a manifest of a pack. */
  readonly asked?: AskedRun;
};

/** What somebody asked for who had a manifest of a pack run. */
export type AskedRun = {
  /** Relative to the pack. */
  readonly manifest: string;
  /** Release under test, where it was named. */
  readonly head?: string;
  /** Release to start from, where it was named. */
  readonly base?: string;
};

/** By record type, the shape of `data`. */
export type RecordData = {
  'run.started': {
    readonly format: typeof journalFormat;
    readonly store: string;
    readonly run: string;
    readonly job: string;
    readonly attempt: number;
    readonly tool: { readonly name: 'seatrial'; readonly version: string };
    readonly host: {
      readonly os: string;
      readonly arch: string;
      readonly kernel: string;
      readonly node: string;
      readonly bootId: string;
      readonly name: string;
    };
    readonly pid: number;
    readonly app: string;
    readonly instance: string;
    readonly lock: string;
    readonly scenario: string;
    readonly driver: {
      readonly kind: DriverKind;
      readonly version: string;
      readonly fake: boolean;
    };
    readonly work: string;
    readonly plan: ObjectRef;
    readonly planDigest: string;
    /** In order, `remove` last. */
    readonly operations: readonly { readonly name: string; readonly skip?: Skip }[];
    readonly expected: readonly ExpectedCheck[];
    readonly base: ReleaseIdentity | { readonly skipped: string };
    readonly head: ReleaseIdentity;
    readonly selection: 'full' | 'partial';
    /**
     * Public half of the key that will sign the bundle, base64 of its SPKI DER. It ties the signature
     * to the journal for readers who do not know the key; it does not make the key trusted.
     */
    readonly signer?: { readonly keyId: string; readonly publicKey: string };
    /** Absent of runs that are evidence for no audit row. */
    readonly bound?: Bound;
    /** Id of the planted fault, when this run is a canary's. */
    readonly canary?: string;
  };
  'undo.registered': {
    readonly undo: string;
    readonly kind: string;
    readonly target: string;
    readonly budgetMs: number;
    readonly pre?: Json;
    /** Of fixtures: the fixture, and the order in which undos were registered. */
    readonly fixture?: string;
    readonly order?: number;
  };
  'undo.ended': { readonly undo: string; readonly outcome: UndoOutcome; readonly message?: string };
  'resource.intended': {
    readonly kind: ResourceKind;
    readonly name: string;
    readonly undo: JsonObject;
  };
  'resource.created': {
    readonly kind: ResourceKind;
    readonly name: string;
    readonly details: JsonObject;
  };
  'resource.removed': { readonly kind: ResourceKind; readonly name: string };
  'fixture.applied': { readonly fixture: string; readonly details: JsonObject };
  'fixture.restored': { readonly fixture: string; readonly details: JsonObject };
  'operation.started': {
    readonly operation: string;
    readonly stage: Stage;
    readonly budgetMs: number;
  };
  'operation.ended': {
    readonly operation: string;
    readonly outcome: OperationOutcome;
    readonly durationMs: number;
    /** Code of a WorldError, or of what went wrong. Absent when done. */
    readonly cause?: string;
    readonly message?: string;
  };
  observation: {
    readonly operation: string;
    readonly what: string;
    readonly stage?: Stage;
    readonly object: ObjectRef;
  };
  'check.started': {
    readonly check: string;
    readonly operation: string;
    readonly boundary: Boundary;
  };
  'check.ended': {
    readonly check: string;
    readonly operation: string;
    readonly boundary: Boundary;
    readonly verdict: Verdict;
    readonly attempt: 1;
    readonly message: string;
    readonly evidence: readonly ObjectRef[];
    readonly touched: readonly Boundary[];
    readonly durationMs: number;
  };
  note: {
    readonly code: string;
    readonly message: string;
    readonly severity: 'info' | 'warning' | 'error';
    readonly details?: JsonObject;
  };
  'run.ended': {
    readonly outcome: RunOutcome;
    readonly cause?: string;
    readonly message?: string;
    /** 130, 143 … when a signal ended the run. */
    readonly exitCode?: number;
  };
};

export type RecordType = keyof RecordData;

export type JournalRecord = {
  [Type in RecordType]: {
    readonly seq: number;
    /** RFC 3339, UTC, milliseconds. */
    readonly at: string;
    readonly type: Type;
    readonly data: RecordData[Type];
    /** Hex SHA-256 of the previous line without its newline; of the run header for the first. */
    readonly prev: string;
  };
}[RecordType];

/** What a caller hands to the writer; seq, at and prev are the writer's. */
export type Entry = {
  [Type in RecordType]: { readonly type: Type; readonly data: RecordData[Type] };
}[RecordType];
