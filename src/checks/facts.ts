// What lifecycle saw around one operation. Floor checks are pure functions of this.

import type { OperationOutcome, Stage } from '../evidence/record.ts';
import type {
  BackupReport,
  Convergence,
  HookRun,
  Leftover,
  RemovedResource,
  Rendering,
  RestoreReport,
  Snapshot,
} from '../ports/app-driver.ts';
import type { Listing } from '../ports/files.ts';

export type PerVolume<Value> = Readonly<Record<string, Value>>;

export type ServingAnswer = {
  readonly status: number;
  readonly bytes: number;
  readonly location?: string;
  /** First part of the body, as text. */
  readonly excerpt: string;
  readonly contains: boolean;
};

export type Unanswered = {
  readonly error: string;
  /** The certificate did not prove that this is the host that was asked. */
  readonly untrusted?: true;
};

/** An answer of the proxy, without what depends on the host that was asked for. */
export type ProxyAnswer = {
  readonly status: number;
  readonly bodySha256: string;
  /** Digests of their values: whose answer it is shows from them, and no cookie of the app is kept. */
  readonly headers: Readonly<Record<string, string>>;
};

/** What else was asked around one answer that came through the worker's proxy. */
export type IngressFacts = {
  readonly app: ProxyAnswer | Unanswered;
  /** Hosts of the same zone that nobody has, asked right before and right after. */
  readonly strangers: readonly [ProxyAnswer | Unanswered, ProxyAnswer | Unanswered];
  /** The same question inside the task; absent where no way leads there. */
  readonly task?: { readonly status: number } | Unanswered;
};

export type ServingAttempt = (ServingAnswer | Unanswered) & { readonly ingress?: IngressFacts };

export type ServingFacts = {
  readonly url: string;
  readonly wanted: {
    readonly status: readonly number[];
    readonly contains?: string;
    readonly redirectsTo: readonly string[];
  };
  /** The last answers, oldest first; an attempt without an answer is its error message. */
  readonly attempts: readonly ServingAttempt[];
  /** Good answers in a row at the end. */
  readonly goodInARow: number;
  /** Whether the listening socket belongs to a current unit of the instance. */
  readonly ownListener: boolean;
};

export type MarkerFacts = {
  /** What was put into each volume before the operation. */
  readonly written: PerVolume<string>;
  /** What is there after it; undefined when absent. */
  readonly read: PerVolume<string | undefined>;
};

export type OperationFacts = {
  readonly operation: string;
  readonly stage: Stage;
  readonly ended: {
    readonly outcome: OperationOutcome;
    readonly cause?: string;
    readonly message?: string;
  };
  /** Whether the trouble that ended it is the app's own, see ports/world-error.ts. */
  readonly appFault: boolean;
  readonly convergence?: Convergence;
  readonly before?: Snapshot;
  readonly after?: Snapshot;
  /** Taken once more when all checks of the operation had been asked. */
  readonly later?: Snapshot;
  /** Rendering of the stage's release, made anew from its prepared tree. */
  readonly rendering?: Rendering;
  readonly serving?: ServingFacts;
  readonly hooks: readonly HookRun[];
  readonly markers?: MarkerFacts;
  readonly backup?: {
    readonly startedAtMs: number;
    readonly report: BackupReport;
    /** Re-read after capture; undefined when unreadable. */
    readonly artifactSha256?: string;
    readonly baseVolumes: readonly string[];
  };
  readonly restore?: {
    readonly emptied: PerVolume<Listing>;
    readonly report: RestoreReport;
    readonly captured: PerVolume<Listing>;
    readonly form: BackupReport['form'];
    /** Markers at backup time, now, and the value written just before destroying. */
    readonly atBackup: PerVolume<string>;
    readonly now: PerVolume<string | undefined>;
    readonly mutated: PerVolume<string>;
  };
  readonly removal?: {
    readonly removed: readonly RemovedResource[];
    /** Absent when looking for them failed. */
    readonly leftovers?: readonly Leftover[];
    /** Images that the run was seen to run, and which of them are no longer here. */
    readonly images?: { readonly used: readonly string[]; readonly gone: readonly string[] };
  };
};
