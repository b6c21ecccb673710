export type ProcessSpec = {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Bytes at once, or as they come; the child's input ends with them. */
  readonly stdin?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly timeoutMs: number;
  /** Per stream; what comes after it is counted and dropped. */
  readonly outputLimitBytes: number;
  /** Between SIGTERM and SIGKILL of the whole tree. Default 2000. */
  readonly graceMs?: number;
  readonly signal?: AbortSignal;
  /** Opens descriptor 3 for the child to write to; read back as `channel`. */
  readonly channel?: boolean;
  /** What arrives on descriptor 3, as it arrives and without a limit: whoever asks bounds it. */
  readonly onChannel?: (bytes: Uint8Array) => void;
  readonly onOutput?: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;
};

/** Success and failure have one shape. */
export type ProcessResult = {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly timedOut: boolean;
  readonly cancelled: boolean;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly channel: Uint8Array;
  readonly droppedBytes: number;
  readonly durationMs: number;
  /** Descendants that outlived the program and had to be killed. */
  readonly survivors: readonly { readonly pid: number; readonly command: string }[];
};

export type Processes = {
  /** Runs in a process group of its own and leaves no descendant behind. Throws `not-found` when the program is absent. */
  readonly run: (spec: ProcessSpec) => Promise<ProcessResult>;
  /** Absolute path of a program on the harness's own PATH, or undefined. */
  readonly find: (program: string) => Promise<string | undefined>;
};
