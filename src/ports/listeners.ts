/** A listener of our own on a loopback port, which counts whoever comes. */
export type Listener = {
  readonly port: number;
  /** Connections accepted since it was opened, whatever was sent over them. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
};

export type Listeners = {
  /** Answers every HTTP request with that status and body. */
  readonly open: (answer: { readonly status: number; readonly body: string }) => Promise<Listener>;
};
