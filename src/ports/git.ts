/** Reads repositories only through the object database: no checkout, hooks, filters or user configuration. */
export type Git = {
  /** Full commit id of a ref; `not-found` when there is none. Refs with a leading `-` or control characters are `refused`. */
  readonly resolve: (repository: string, ref: string) => Promise<string>;
  /** Tags, peeled to commits. */
  readonly tags: (repository: string) => Promise<readonly { name: string; commit: string }[]>;
  readonly isAncestor: (repository: string, older: string, newer: string) => Promise<boolean>;
  /** Writes the commit's tree (regular files, links, modes) below `to`; submodules are `refused`. */
  readonly exportTree: (repository: string, commit: string, to: string) => Promise<void>;
};
