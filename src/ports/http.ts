/** A proxy that serves hosts by name, asked where it listens: their names need not resolve to it. */
export type HttpThrough = {
  readonly address: string;
  readonly port: number;
  /** Certificates of the authorities that it is verified against, PEM; absent: this system's. */
  readonly authorities?: string;
};

export type HttpRequest = {
  readonly method?: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly timeoutMs: number;
  /** Default 1 MiB; a longer body is cut and `truncated` set. */
  readonly maxBodyBytes?: number;
  readonly signal?: AbortSignal;
  /** Connects there. The certificate is still verified for the host that `url` names. */
  readonly through?: HttpThrough;
};

/** Redirects are never followed: whoever asks decides. */
export type HttpResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly truncated: boolean;
  readonly durationMs: number;
};

export type Http = {
  /**
   * Throws `network` when no answer came, `timeout` when it came too late, and `untrusted` when whoever listens has no
   * certificate for the host.
   */
  readonly request: (request: HttpRequest) => Promise<HttpResponse>;
};
