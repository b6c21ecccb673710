import type { HttpRequest } from './http.ts';

/** An answer whose body is read as it arrives. */
export type HttpStream = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Throws `network` when the connection breaks and `timeout` when the request's time is over. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Cuts the connection, as a client that goes away does. Idempotent. */
  readonly close: () => void;
};

export type HttpStreams = {
  /** Returns with the headers of the answer. `timeoutMs` bounds everything until `close`. */
  readonly open: (request: Omit<HttpRequest, 'maxBodyBytes'>) => Promise<HttpStream>;
};
