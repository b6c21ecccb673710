export type FileKind = 'file' | 'directory' | 'symlink' | 'other';

export type FileStat = {
  readonly kind: FileKind;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly device: number;
  readonly inode: number;
  readonly modifiedMs: number;
};

/** One entry of a tree. Paths are relative to the root, `/`-separated; the root itself is `.`. */
export type ListingEntry = {
  readonly path: string;
  readonly kind: FileKind;
  readonly sizeBytes: number;
  /** Permission bits only. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Hex SHA-256 of the content, of files only. */
  readonly sha256?: string;
  /** Of symlinks only. */
  readonly target?: string;
};
/** Sorted by path in UTF-16 code unit order. Names that are not UTF-8 make the listing throw `refused`. */
export type Listing = readonly ListingEntry[];

/**
 * What `listing` knows of files it has read, by path: a file whose size, inode and times of change are as they
 * were is not read again. The kernel sets those times, whoever writes, so only its clock could fool this. Two
 * limits: a change within a second of the last one is always read, and one through a memory mapping that was
 * written to before may stay unseen until the kernel writes the page back.
 */
export type DigestMemory = Map<string, { readonly stamp: string; readonly sha256: string }>;

/**
 * Where `listing` puts the very bytes whose digest it states, by path: of files smaller than 1 MiB, as long as all
 * of them together are no more than `maxBytes`.
 */
export type KeptContents = { readonly into: Map<string, Uint8Array>; readonly maxBytes: number };

export type AppendFile = {
  readonly sizeBytes: number;
  /** Appends at the end; returns when the operating system has the bytes. */
  readonly append: (bytes: Uint8Array) => Promise<void>;
  /** `fdatasync`. */
  readonly sync: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The file system. All failures are WorldErrors. */
export type Files = {
  readonly read: (path: string, maxBytes?: number) => Promise<Uint8Array>;
  readonly readText: (path: string, maxBytes?: number) => Promise<string>;
  readonly stream: (path: string) => AsyncIterable<Uint8Array>;
  /** Temporary file, fsync, rename, fsync of the folder: readers see the old or the new content. */
  readonly replace: (path: string, bytes: Uint8Array | string, mode?: number) => Promise<void>;
  /**
   * As `replace`, also into a folder that does not exist yet, by way of a file `temporary`; but durable only
   * once the function it answers with has returned. That must be called once: it also closes the file.
   */
  readonly place: (
    path: string,
    bytes: Uint8Array,
    temporary: string,
  ) => Promise<() => Promise<void>>;
  /** Creates the file if absent. With `truncateTo`, cuts it to that many bytes first. */
  readonly openAppend: (
    path: string,
    options?: { truncateTo?: number; mode?: number },
  ) => Promise<AppendFile>;
  /** Does not follow a final symlink; undefined when absent. */
  readonly stat: (path: string) => Promise<FileStat | undefined>;
  readonly list: (path: string) => Promise<readonly { name: string; kind: FileKind }[]>;
  readonly makeDirectory: (path: string, mode?: number) => Promise<void>;
  /** Recursive; absent is success. Never follows symlinks. */
  readonly remove: (path: string) => Promise<void>;
  readonly rename: (from: string, to: string) => Promise<void>;
  /** Copies a tree with modes, owners where permitted, times and links. */
  readonly copyTree: (from: string, to: string) => Promise<void>;
  /** With digests unless `digests: false`. */
  readonly listing: (
    root: string,
    options?: { digests?: boolean; memory?: DigestMemory; keep?: KeptContents },
  ) => Promise<Listing>;
};
