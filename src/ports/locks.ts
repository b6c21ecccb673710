export type Lock = {
  readonly name: string;
  /** Settles when the holder died while we still want the lock; never rejects. */
  readonly lost: Promise<void>;
  readonly release: () => Promise<void>;
};

/** Exclusive kernel locks: freed by the kernel when the process that holds them dies in any way. */
export type Locks = {
  /** The lock, or undefined when another process holds it. Names: `[a-z0-9][a-z0-9._-]{0,120}`. */
  readonly tryAcquire: (name: string) => Promise<Lock | undefined>;
  /** Waits at most `waitMs`; then throws `resource-busy`. */
  readonly acquire: (
    name: string,
    options: { waitMs: number; signal?: AbortSignal; onWait?: (waitedMs: number) => void },
  ) => Promise<Lock>;
};
