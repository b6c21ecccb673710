// The port through which an app's own checks run, and what such a check is given.

import type { Snapshot } from './app-driver.ts';
import type { JsonObject } from './json.ts';

/** A file of a checks folder as it was read; nothing of it has run. */
export type OverlaySource = {
  /** Relative to the checks folder, `/`-separated. */
  readonly path: string;
  /** Hex SHA-256 of the bytes. */
  readonly sha256: string;
  /** Absent when the file is not UTF-8 or is larger than 1 MiB, as a compiled program may be. */
  readonly text?: string;
  /** Whether its owner may execute it. */
  readonly executable: boolean;
};

/** The checks of one file that are to run now: the plan's `OverlayFile`, or a part of its checks. */
export type OverlaySelection = {
  /** Relative to the checks folder. */
  readonly path: string;
  readonly kind: 'module' | 'executable' | 'pytest';
  readonly operation: string;
  /** The file runs only while its content still has this digest. */
  readonly sha256: string;
  /** For one check of this file, in place of the caller's. */
  readonly timeoutMs?: number;
  readonly checks: readonly {
    readonly id: string;
    /** Export name, `test_x` or `TestA::test_x`, or an executable's stem. */
    readonly name: string;
  }[];
};

export type OverlayVerdict = 'passed' | 'failed' | 'error' | 'inconclusive' | 'not-run';

export type OverlayEvidence = {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
};

/** The answer for one expected id. There is exactly one for each, in the order of the selection. */
export type OverlayOutcome = {
  readonly id: string;
  readonly verdict: OverlayVerdict;
  /** One sentence; never empty. */
  readonly message: string;
  readonly durationMs: number;
  readonly evidence: readonly OverlayEvidence[];
  /** Boundaries the check was seen to touch through its context; a check cannot claim one. */
  readonly touched: readonly ('http' | 'driver')[];
};

/** A file that the harness wrote into a volume before an operation. */
export type OverlayMarker = {
  readonly name: string;
  readonly volume: string;
  readonly content: string;
};

/** What a check may know about the deployment it looks at. Plain data, copied to the check. */
export type OverlayFacts = {
  readonly app: string;
  readonly operation: string;
  readonly stage: 'base' | 'head' | 'restored';
  readonly domain?: string;
  /** Base URL without trailing slash; absent when the app has no HTTP. */
  readonly url?: string;
  /** Folder on this host that holds the app's data, where the driver has one. */
  readonly data?: string;
  readonly snapshots: { readonly before?: Snapshot; readonly after?: Snapshot };
  readonly markers: readonly OverlayMarker[];
  /**
   * By the name a dependency was given: `app`, `instance`, `env` as the manifest gives it, and where it has them
   * `domain`, `url` for whoever asks from this host, and `innerUrl` for the app.
   */
  readonly deps: Readonly<Record<string, JsonObject>>;
  /** Environment that the manifest declares for checks; no other variable is inherited. */
  readonly env: Readonly<Record<string, string>>;
};

export type OverlayRequest = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
};

/** Redirects are not followed; ask again for the path in `location`. */
export type OverlayResponse = {
  readonly status: number;
  readonly ok: boolean;
  readonly headers: { readonly get: (name: string) => string | null };
  readonly text: () => Promise<string>;
  readonly json: () => Promise<unknown>;
  readonly arrayBuffer: () => Promise<ArrayBuffer>;
};

/** The part of `node:assert/strict` that checks use, typed so that it works on an inferred context. */
export type OverlayAssert = {
  (value: unknown, message?: string): void;
  readonly ok: (value: unknown, message?: string) => void;
  readonly equal: (actual: unknown, expected: unknown, message?: string) => void;
  readonly notEqual: (actual: unknown, expected: unknown, message?: string) => void;
  readonly deepEqual: (actual: unknown, expected: unknown, message?: string) => void;
  readonly notDeepEqual: (actual: unknown, expected: unknown, message?: string) => void;
  readonly match: (value: string, pattern: RegExp, message?: string) => void;
  readonly doesNotMatch: (value: string, pattern: RegExp, message?: string) => void;
  readonly throws: (body: () => unknown, expected?: RegExp | object) => void;
  readonly rejects: (
    body: Promise<unknown> | (() => Promise<unknown>),
    expected?: RegExp | object,
  ) => Promise<void>;
  readonly fail: (message?: string) => never;
};

/** What an exported check is called with. It can look at the deployment and has no handle to change it. */
export type OverlayContext = OverlayFacts & {
  /** Asks the app: a path below its base URL, or a URL of the same origin and base path. */
  readonly fetch: (path: string, request?: OverlayRequest) => Promise<OverlayResponse>;
  /** Keeps a text, bytes, or anything JSON can say; at most 1 MiB each and 8 MiB per file. */
  readonly evidence: (name: string, value: unknown) => void;
  readonly assert: OverlayAssert;
};

/** Passes by returning, fails by throwing. */
export type Check = (context: OverlayContext) => void | Promise<void>;

export type OverlayRunOptions = {
  /** Absolute path of the checks folder. */
  readonly folder: string;
  /** Present for code that came with a release: nothing outside `root`, around `folder`, belongs to it. */
  readonly foreign?: { readonly authority: 'sandboxed' | 'approved'; readonly root: string };
  /** Existing folder that is removed with the run, also after its death: for what a check needs on disk. */
  readonly work?: string;
  /** For one check; a selection may name its own. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onStart?: (id: string) => void;
  /** Called once per id, as soon as its answer is final. */
  readonly onResult?: (outcome: OverlayOutcome) => void;
};

export type OverlayRunner = {
  /** Files of a checks folder and of its sub-folder `custom`, sorted by path; links are `refused`. Empty when there is no folder. */
  readonly discover: (folder: string) => Promise<readonly OverlaySource[]>;
  /** Runs the checks of one file, each once. Failures of the testbed are outcomes, not exceptions. */
  readonly run: (
    selection: OverlaySelection,
    facts: OverlayFacts,
    options: OverlayRunOptions,
  ) => Promise<readonly OverlayOutcome[]>;
};

/** One case of a test program's own report. `inconclusive` = skipped or still to do. */
export type ReportedCase = {
  /** Names of the suites around it, or a JUnit class name, outermost first. */
  readonly suites: readonly string[];
  readonly name: string;
  readonly verdict: 'passed' | 'failed' | 'error' | 'inconclusive';
  readonly message: string;
  readonly durationMs?: number;
};

/** A TAP or JUnit report as read. `passed` needs a passed case, no failed one, and a sound report. */
export type TestReport = {
  readonly verdict: 'passed' | 'failed' | 'error' | 'inconclusive';
  readonly message: string;
  readonly cases: readonly ReportedCase[];
  /** What is wrong with the report itself. */
  readonly problems: readonly string[];
};

export type StrippedModule =
  | { readonly code: string }
  | {
      readonly problem: {
        readonly message: string;
        readonly line: number;
        readonly column: number;
      };
    };

/** Pure functions that drivers take from the composition root, since they may not import them. */
export type OverlayReaders = {
  readonly readTap: (text: string) => TestReport;
  readonly readJunit: (text: string) => Promise<TestReport>;
  /** What an output claims to be, by how it begins. */
  readonly kindOfReport: (text: string) => 'tap' | 'junit' | undefined;
  /** Removes types and keeps every position. */
  readonly stripTypes: (text: string, path: string) => Promise<StrippedModule>;
};
