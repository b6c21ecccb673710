export type ChangedFile = {
  /** Relative to the folder that was asked about, `/`-separated; what lies outside is not listed. */
  readonly path: string;
  readonly status: 'added' | 'modified' | 'deleted';
  /** Numbers of the lines that are new or changed in the file as it is now. */
  readonly lines: readonly number[];
};

export type Head = {
  /** Full commit id. */
  readonly commit: string;
  /** Name and address of the commit's author. */
  readonly author: string;
  /** Something differs from the commit: in the index, the work tree, or untracked. */
  readonly dirty: boolean;
};

/** A checked-out repository. All throw WorldErrors; `not-found` where there is none. */
export type WorkTrees = {
  readonly head: (folder: string) => Promise<Head>;
  readonly mergeBase: (folder: string, branch: string) => Promise<string>;
  /** From a commit to what lies in the folder now: commits, index, work tree and untracked files. */
  readonly changes: (folder: string, from: string) => Promise<readonly ChangedFile[]>;
  /** A copy of the repository at a commit below `to`; where `folder` lies in it. */
  readonly checkOut: (folder: string, commit: string, to: string) => Promise<string>;
  /**
   * A repository in an empty folder with a commit for each tree, the first one on `main`, all others
   * on `work`. Equal trees give equal commits, whenever and by whomever they are made.
   */
  readonly make: (folder: string, trees: readonly string[]) => Promise<void>;
};
