// The port through which lifecycle deploys an app. Port types are ours: no driver's own type shows.

import type { Json, JsonObject } from './json.ts';
import type { Listing } from './files.ts';
import type { HttpThrough } from './http.ts';
import type { PreparedRelease } from './release.ts';

export type DriverKind = 'process' | 'compose' | 'swarm' | 'abra' | 'sandbox' | 'fake';

export type ResourceKind =
  | 'deployment'
  | 'process'
  | 'port'
  | 'folder'
  | 'mount'
  | 'service'
  | 'network'
  | 'volume'
  | 'config'
  | 'secret'
  | 'container'
  | 'image'
  | 'env-file'
  | 'lease'
  | 'dependency'
  | 'engine';

/** Something created outside. `undo` holds all that `remove` needs, also in another process after a reboot. */
export type Resource = {
  readonly kind: ResourceKind;
  /** Unique within its kind and run. */
  readonly name: string;
  readonly undo: JsonObject;
  /** What `created` recorded; absent while the resource is only intended. `remove` and `find` use it. */
  readonly details?: JsonObject;
};

/** Write-ahead log of resources; lifecycle backs it with the journal. */
export type ResourceLog = {
  /** Durable when it returns. Call it before the effect. */
  readonly intended: (resources: readonly Resource[]) => Promise<void>;
  /** After the effect. `details`: ids, pids, creation times. The undo may be completed here. */
  readonly created: (kind: ResourceKind, name: string, details: JsonObject) => Promise<void>;
  readonly removed: (kind: ResourceKind, name: string) => Promise<void>;
};

/** What a release is when deployed, instance-specific values as placeholders. Compared by content. */
export type Rendering = {
  /** By service name. Values are canonical JSON of everything that defines what runs. */
  readonly services: Readonly<Record<string, JsonObject>>;
  readonly volumes: readonly string[];
  /** Those of them that a backup must hold; absent: all. */
  readonly backedUp?: readonly string[];
};

export type ServiceState = {
  /** What really runs, read back into the shape of `Rendering.services`. */
  readonly spec: JsonObject;
  /** `spec` says what every running unit is, and not only what was asked for. */
  readonly readFromUnits?: true;
  /** Engine identity of the service; survives an in-place upgrade. */
  readonly id: string;
  /** Content ids of the images that its units were made of, where the driver runs images. */
  readonly images?: readonly string[];
  /** Labels that claim a version. Reported, and never compared with what should run. */
  readonly claims?: Readonly<Record<string, string>>;
  readonly units: readonly {
    /** pid@start-time, container id. */
    readonly id: string;
    readonly running: boolean;
    readonly exitCode?: number;
    readonly restarts: number;
  }[];
};

export type Snapshot = {
  readonly services: Readonly<Record<string, ServiceState>>;
  readonly volumes: readonly { readonly name: string; readonly id: string }[];
  /** Listening sockets of the instance's ports and who holds them. `own` = held by a current unit. */
  readonly listeners: readonly {
    readonly port: number;
    readonly own: boolean;
    readonly holder: string;
  }[];
  /** Whatever else the driver can say about the environment; reported, never judged. */
  readonly facts: Json;
};

export type Convergence =
  | { readonly state: 'converged'; readonly notes: readonly string[] }
  | { readonly state: 'failed'; readonly cause: string; readonly message: string }
  | { readonly state: 'rolled-back'; readonly message: string };

export type HookRun = {
  readonly hook: string;
  readonly exitCode: number | undefined;
  readonly timedOut: boolean;
  readonly output: string;
  readonly durationMs: number;
  readonly survivors: readonly string[];
};

export type Artifact = {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly madeAtMs: number;
};

export type BackupReport = {
  readonly artifact: Artifact;
  /** Per volume in scope. `captured` is read back from the artifact, and empty for an opaque one. */
  readonly before: Readonly<Record<string, Listing>>;
  readonly captured: Readonly<Record<string, Listing>>;
  readonly after: Readonly<Record<string, Listing>>;
  /** Volumes of which single paths only are in scope: a marker at their root is not. */
  readonly partial?: readonly string[];
  /** `contents` = whole volumes; `opaque` = the artifact is the app's own dump and cannot be listed per file. */
  readonly form: 'contents' | 'opaque';
  readonly hooks: readonly HookRun[];
};

export type RestoreReport = {
  /** Listing of each volume right after writing, before the app starts. */
  readonly written: Readonly<Record<string, Listing>>;
  readonly hooks: readonly HookRun[];
};

export type Capability = 'rebuild' | 'backup' | 'restore' | 'data-markers';

/** One deployment. Operations are called by lifecycle, each once. */
export type Deployment = {
  /** Pure in effect: reads the prepared release, changes nothing. */
  readonly render: (release: PreparedRelease, stage: 'base' | 'head') => Promise<Rendering>;
  /** These return when accepted; `settled` says whether the app came up. */
  readonly install: (
    release: PreparedRelease,
    stage: 'base' | 'head',
    signal: AbortSignal,
  ) => Promise<void>;
  readonly upgrade: (release: PreparedRelease, signal: AbortSignal) => Promise<void>;
  readonly rebuild: (release: PreparedRelease, signal: AbortSignal) => Promise<void>;
  /** Ready by the manifest's probes and unchanged for `settleMs`; gives up after `timeoutMs`. */
  readonly settled: (options: {
    settleMs: number;
    timeoutMs: number;
    signal: AbortSignal;
  }) => Promise<Convergence>;
  readonly observe: () => Promise<Snapshot>;
  /** Everything the app wrote since the last call, bounded; already merged in time order as far as known. */
  readonly logs: () => Promise<Uint8Array>;
  readonly exec: (
    service: string,
    argv: readonly [string, ...string[]],
    limits: { timeoutMs: number; outputLimitBytes: number; signal?: AbortSignal },
  ) => Promise<{
    exitCode: number | undefined;
    timedOut: boolean;
    stdout: Uint8Array;
    stderr: Uint8Array;
  }>;
  readonly volumeList: (volume: string) => Promise<Listing>;
  /** undefined when absent. */
  readonly volumeRead: (volume: string, path: string) => Promise<Uint8Array | undefined>;
  readonly volumeWrite: (volume: string, path: string, bytes: Uint8Array) => Promise<void>;
  readonly backup: (signal: AbortSignal) => Promise<BackupReport>;
  /** Stops the app, destroys every volume's content, and reads it back. */
  readonly destroy: (signal: AbortSignal) => Promise<Readonly<Record<string, Listing>>>;
  /** Writes the artifact into the emptied volumes and starts the app again. */
  readonly restore: (artifact: Artifact, signal: AbortSignal) => Promise<RestoreReport>;
  /** Digest of a secret's value as the running app holds it; undefined when it holds none of that name. */
  readonly heldSecret: (name: string) => Promise<string | undefined>;
  /** Folder on this host that holds the app's data, where the driver has one. For hooks. */
  readonly dataFolder?: () => Promise<string | undefined>;
  /** Base URL of the app, without trailing slash; undefined when it has no HTTP. */
  readonly url: () => string | undefined;
  /** Host name that the app was told it has, where the driver tells it one. */
  readonly domain?: () => string | undefined;
  /** Base URL at which other apps of the run reach it, where the driver makes it known to them. */
  readonly innerUrl?: () => string | undefined;
  /** How the proxy in front of the app is asked for it; undefined where no proxy is to be asked. */
  readonly ingress?: () => IngressRoute | undefined;
};

export type IngressRoute = {
  readonly proxy: HttpThrough;
  /** Base URL inside the task, past the proxy; absent where no way leads there. */
  readonly task?: string;
};

export type InstanceContext = {
  readonly run: string;
  readonly app: string;
  readonly instance: string;
  /** Deployed for others of the run, which look for it under its domain. */
  readonly dependency?: true;
  /** Private folder of this run (0700), created before `open`. */
  readonly work: string;
  /** The driver's part of the manifest and what it shares with others. */
  readonly settings: JsonObject;
  /** Environment for the app: manifest `env` resolved, canary secrets added. `upgradeEnv` counts from upgrade on. */
  readonly env: Readonly<Record<string, string>>;
  readonly upgradeEnv: Readonly<Record<string, string>>;
  /** Names in both whose values are secret: snapshots and renderings show only their presence. Absent = all. */
  readonly secretNames?: readonly string[];
  readonly resources: ResourceLog;
  /** How long it may wait for what another run holds: a port, a shared name. Absent: not at all. */
  readonly waitMs?: number;
  /** Registers a value that the driver made up, so that it is redacted wherever it appears. Call it before any effect. */
  readonly hide?: (name: string, value: string) => void;
  readonly note: (code: string, message: string, details?: JsonObject) => Promise<void>;
  /** Live output of the app, for the progress view and logs. */
  readonly onOutput: (service: string, bytes: Uint8Array) => void;
};

export type AppDriver = {
  readonly kind: DriverKind;
  readonly version: string;
  /** Runs on a fake driver are never evidence. */
  readonly fake: boolean;
  /** `true`, or why this kind of driver cannot. A missing tool is a WorldError `unavailable`, not an answer. */
  readonly capabilities: (
    settings: JsonObject,
  ) => Promise<Readonly<Record<Capability, true | string>>>;
  /** Makes the handle; no effect outside yet. */
  readonly open: (context: InstanceContext) => Promise<Deployment>;
  /**
   * Undoes resources, in the driver's own order whatever the list's. Idempotent, absent is success, also for half-made
   * ones; says what it had to force. Cancels what is under way on a deployment of the same driver object first.
   */
  readonly remove: (
    resources: readonly Resource[],
    options: { signal: AbortSignal; graceMs: number },
  ) => Promise<readonly RemovedResource[]>;
  /** Content ids of every image that is here, whoever's; absent where the driver runs none. */
  readonly images?: () => Promise<readonly string[]>;
  /** Everything on this host that carries the run's mark, journalled or not. */
  readonly find: (run: string, resources: readonly Resource[]) => Promise<readonly Leftover[]>;
};

export type RemovedResource = {
  readonly kind: ResourceKind;
  readonly name: string;
  /** `forced` = it was still there after the polite way, or had survivors. */
  readonly outcome: 'removed' | 'forced' | 'failed';
  readonly message?: string;
};

export type Leftover = {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly details: string;
};
