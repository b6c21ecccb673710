// The port through which gates start the system that they judge.

export type TargetSpec = {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Of the run; every descendant can be found by it. */
  readonly marker: string;
};

export type TargetEnd = {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** It had to be killed. */
  readonly forced: boolean;
  /** Descendants that left the group and outlived it. */
  readonly survivors: readonly { readonly pid: number; readonly command: string }[];
};

export type RunningTarget = {
  /** What finds its processes again from another process. */
  readonly identity: Readonly<Record<string, number>>;
  readonly running: () => boolean;
  /** The first `limit` bytes of what it wrote to standard output and error. */
  readonly output: () => { readonly stdout: string; readonly stderr: string };
  /** The end of its main program, whoever ended it. */
  readonly exited: Promise<{ readonly code?: number; readonly signal?: string }>;
  /** Ends the whole tree. Idempotent. */
  readonly stop: (signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL', graceMs: number) => Promise<TargetEnd>;
};

export type GateTargets = {
  /** Throws `not-found` and the like when the program cannot be started. */
  readonly start: (spec: TargetSpec) => Promise<RunningTarget>;
  /** A free port on 127.0.0.1 that stays ours until `release`. */
  readonly leasePort: () => Promise<{
    readonly port: number;
    readonly release: () => Promise<void>;
  }>;
  /** Whether nobody listens there now. */
  readonly isFree: (port: number) => Promise<boolean>;
};
