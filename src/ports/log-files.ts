/** One file of a log: the log itself, or one that was rotated away and has its name as beginning. */
export type LogPart = {
  readonly name: string;
  readonly device: number;
  readonly inode: number;
  readonly sizeBytes: number;
};

/** Files that another program appends to, rotates and cuts while they are read. */
export type LogFiles = {
  /**
   * Regular files `<path>.*` in the order of their names, then `<path>`; links and other things are
   * none of them. Empty when there is none. Throws `limit` beyond 10 000.
   */
  readonly parts: (path: string) => Promise<readonly LogPart[]>;
  /** Bytes `from` to `to` of a part; undefined when its name means another file by now. */
  readonly read: (
    path: string,
    part: LogPart,
    range: { readonly from: number; readonly to: number },
  ) => Promise<Uint8Array | undefined>;
};
