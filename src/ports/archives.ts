export type ArchiveFormat = 'tar' | 'gzip' | 'zip';

export type ArchiveMember = {
  /** As the archive says it; not fit for use as a path. `content` of a gzip file. */
  readonly path: string;
  /** As much of the content as could be read. */
  readonly bytes: Uint8Array;
  /** Why that is not all. */
  readonly problem?: string;
};

export type ArchiveReading = {
  readonly members: readonly ArchiveMember[];
  /** Why there may be more members than these. */
  readonly problem?: string;
};

/** Opens archives in memory. What is broken or too large is said in the reading, never thrown. */
export type Archives = {
  readonly read: (
    format: ArchiveFormat,
    bytes: Uint8Array,
    /** Of all members together, unpacked. */
    limits: { readonly maxBytes: number; readonly maxMembers: number },
  ) => Promise<ArchiveReading>;
};
