/** A file or link of a commit, in memory: nothing that happens on disk changes it. */
export type CommittedFile = {
  readonly path: string;
  readonly mode: '100644' | '100755' | '120000';
  /** Of a link, its target. */
  readonly bytes: Uint8Array;
};

/** Reads repositories only through the object database: no checkout, hooks, filters or user configuration. */
export type Git = {
  /** Full commit id of a ref; `not-found` when there is none. Refs with a leading `-` or control characters are `refused`. */
  readonly resolve: (repository: string, ref: string) => Promise<string>;
  /** Tags, peeled to commits. */
  readonly tags: (repository: string) => Promise<readonly { name: string; commit: string }[]>;
  readonly isAncestor: (repository: string, older: string, newer: string) => Promise<boolean>;
  /** Writes the commit's tree (regular files, links, modes) below `to`; submodules are `refused`. */
  readonly exportTree: (repository: string, commit: string, to: string) => Promise<void>;
  /** What a commit holds at and below these paths. Throws `limit` beyond 2000 files or 32 MiB, `refused` for submodules. */
  readonly readFiles: (
    repository: string,
    commit: string,
    paths: readonly string[],
  ) => Promise<readonly CommittedFile[]>;
};
