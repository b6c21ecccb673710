// What a run will do and must show, fixed before anything happens. A plan has no journal, so it
// can never be counted as evidence.

import type { Boundary, ExpectedCheck, Skip } from '../evidence/record.ts';
import type { DriverKind } from '../ports/app-driver.ts';
import type { Release, ReleaseOrigin } from '../ports/release.ts';
import type { HookName, Manifest } from './manifest.ts';

export type OperationName =
  | 'install'
  | 'upgrade'
  | 'backup'
  | 'restore'
  | 'rebuild'
  | 'custom'
  | 'remove'
  /** An action that the scenario defines, by its id. */
  | `custom-${string}`;

export type PlannedOperation = {
  readonly name: OperationName;
  readonly budgetMs: number;
  readonly skip?: Skip;
  /** Of a `custom-…` operation: the program to run once, relative to the manifest's folder. */
  readonly action?: {
    readonly argv: readonly [string, ...string[]];
    /** Digest of the program when it was planned. */
    readonly sha256?: string;
    /** Less than the operation's budget, so that a slow program is told from a stuck testbed. */
    readonly timeoutMs?: number;
  };
};

export type GrantedAuthority = 'sandboxed' | 'approved';

/** The code that came with the head, and what was decided about it. */
export type PlannedLocalCode = {
  readonly authority: 'denied' | 'sandboxed' | 'approved' | 'approved+docker';
  /** Hex SHA-256 of all of it: what a line of the allowlist is bound to. */
  readonly digest: string;
  readonly reason?: 'not-approved' | 'content-differs' | 'unreadable';
  /** The line that was found for the app. */
  readonly grant?: { readonly content: string; readonly approvedBy: string; readonly on: string };
  /** Everything of it, so that it can be compared right before it runs. */
  readonly entries: readonly {
    readonly path: string;
    readonly mode: string;
    readonly sha256: string;
  }[];
  /** What was found and is not run, each with its reason. */
  readonly left: readonly {
    readonly path: string;
    readonly kind: string;
    readonly reason: string;
  }[];
  /** Ids of checks that are not asked: beside, not in, the expected set. */
  readonly deniedIds: readonly string[];
};

/** An app's own checks in one file. `files` of a module hold one id per export, others one per file. */
export type OverlayFile = {
  readonly path: string;
  readonly kind: 'module' | 'executable' | 'pytest';
  readonly operation: OperationName;
  /** Digest of the file when it was planned; run again only if unchanged. */
  readonly sha256: string;
  /** Of a file that came with the head, below its `tests/`: under which authority it runs. */
  readonly authority?: GrantedAuthority;
  /** For one check, as the file declares it; `timeouts.overlay` otherwise. */
  readonly timeoutMs?: number;
  readonly checks: readonly {
    readonly id: string;
    /** Export name, `test_x` or `TestA::test_x`; the file's stem for executables. */
    readonly name: string;
    /** As the file declares them. */
    readonly title?: string;
    readonly boundary?: Boundary;
    /** Declared stage; `head` on an install overlay defers it to the upgrade. */
    readonly stage?: 'base' | 'head' | 'restored';
  }[];
};

/** One release considered as base, and why it was taken or left. */
export type BaseCandidate = {
  readonly release: Release;
  readonly taken: boolean;
  readonly reason: string;
};

export type PlannedHook = {
  /** Relative to the manifest's folder; of one that came with the head, to its root. */
  readonly path: string;
  readonly sha256: string;
  readonly authority?: 'sandboxed' | 'approved' | 'approved+docker';
  /** It is a function of a recipe's CI folder, not a program. */
  readonly call?: boolean;
};

/** An app that is deployed beside the app, before it, and removed after it. */
export type DependencyPlan = {
  /** Name of its facts. */
  readonly as: string;
  readonly app: string;
  readonly instance: string;
  readonly release: Release & { readonly digest: string };
  readonly hooks: Plan['hooks'];
  /** As used: with the environment that the app's manifest gives it. */
  readonly manifest: Manifest;
};

export type Plan = {
  readonly format: 'seatrial.plan/v1';
  readonly app: string;
  readonly instance: string;
  readonly scenario: {
    readonly id: string;
    readonly title: string;
    /** The file's text lists, quoted unchanged in reports. */
    readonly text?: {
      readonly given: readonly string[];
      readonly when: readonly string[];
      readonly then: readonly string[];
    };
  };
  readonly driver: DriverKind;
  readonly base: (Release & { readonly digest: string }) | { readonly skipped: string };
  readonly head: Release & { readonly digest: string };
  readonly headReason: string;
  readonly candidates: readonly BaseCandidate[];
  readonly operations: readonly PlannedOperation[];
  readonly fixtures: readonly never[];
  /** Absent where there are none. */
  readonly dependencies?: readonly DependencyPlan[];
  readonly expected: readonly ExpectedCheck[];
  readonly overlays: readonly OverlayFile[];
  readonly hooks: Readonly<Partial<Record<HookName, PlannedHook>>>;
  /** Absent where the head is no commit or brings no code. */
  readonly local?: PlannedLocalCode;
  readonly selection: 'full' | 'partial';
  /** The manifest as used, `env` values from outside left as references. */
  readonly manifest: Manifest;
  readonly origin: ReleaseOrigin;
};
