/** The only source of time. Drivers own the real one; tests own a fake one. */
export type Clock = {
  /** Wall-clock time, for records only; it may jump. */
  readonly now: () => Date;
  /** Milliseconds from an arbitrary start; never goes back. For budgets and durations. */
  readonly monotonicMs: () => number;
  /** Rejects with the signal's reason when aborted. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
};
