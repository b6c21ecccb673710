export type HttpRequest = {
  readonly method?: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly timeoutMs: number;
  /** Default 1 MiB; a longer body is cut and `truncated` set. */
  readonly maxBodyBytes?: number;
  readonly signal?: AbortSignal;
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
  /** Throws `network` when no answer came, `timeout` when it came too late. */
  readonly request: (request: HttpRequest) => Promise<HttpResponse>;
};
