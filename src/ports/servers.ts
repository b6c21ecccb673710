// Servers of fixtures: they listen on 127.0.0.1 and a port that the kernel chooses, and end with this process.

export type ServerRequest = {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** At most 1 MiB. */
  readonly body: string;
  /** Whether the process that a file names holds the other end, while the request is being answered. */
  readonly isFrom: (pidFile: string) => boolean;
};

export type ServerReply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Pause before the first byte. */
  readonly delayMs?: number;
  /** Bytes of the body after which it hangs up. */
  readonly closeAt?: number;
};

export type Servers = {
  /** Answers with its address, `http://127.0.0.1:<port>`. Throws `refused` for a name that is being served. */
  readonly open: (name: string, answer: (request: ServerRequest) => ServerReply) => Promise<string>;
  /** Resolves when the kernel has let go of the port; a name that is not served needs nothing. */
  readonly close: (name: string) => Promise<void>;
  /** Address at which this process listens under that name, by the kernel's own table. */
  readonly addressOf: (name: string) => string | undefined;
};
