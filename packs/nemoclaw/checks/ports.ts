// What actions and collectors are given, as far as they use it.

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

export type Result = {
  /** Undefined when a signal or the time ended it. */
  readonly exit: number | undefined;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
};

export type HostFile = {
  readonly kind: 'absent' | 'file' | 'directory' | 'symlink' | 'other';
  /** Permissions in octal. */
  readonly mode?: string;
  readonly inode?: number;
  readonly sha256?: string;
  readonly text?: string;
};

export type Ports = {
  readonly run: (command: {
    readonly argv: readonly [string, ...string[]];
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
  }) => Promise<Result>;
  readonly state: {
    readonly read: (path: string) => Promise<HostFile>;
    readonly tree: (path: string) => Promise<Readonly<Record<string, HostFile>>>;
  };
};

export type Context = {
  readonly product: string;
  readonly home: string;
  readonly ports: Ports;
};

export type Action = (context: Context & { readonly with: JsonObject }) => Promise<Result>;

export type Collector = {
  /** Asked before the operation; its answer becomes `/before`. */
  readonly before?: (context: Context) => Promise<JsonObject>;
  readonly after: (
    context: Context & {
      readonly action: { readonly exit: number | null; readonly stdout: string };
    },
  ) => Promise<JsonObject>;
};
