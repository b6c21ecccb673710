import type { CommittedFile } from './git.ts';

/** Something deployable with a version. */
export type ReleaseOrigin = 'git' | 'npm' | 'directory' | 'tarball' | 'fake';

export type Release = {
  readonly origin: ReleaseOrigin;
  /** As a person would name it again: `npm:node-red@4.1.15`, `git:v1.2.0`, `dir:.`, `tar:app.tgz`. */
  readonly ref: string;
  readonly version?: string;
  /** Full commit id, of git releases. */
  readonly commit?: string;
  /** Subresource integrity of an npm release as the registry states it. */
  readonly integrity?: string;
};

/** A release as a tree on disk that is never executed from: instances get a copy. */
export type PreparedRelease = {
  readonly release: Release;
  readonly root: string;
  /** Tree digest of `root`, see evidence/tree-digest.ts. This is the release's identity. */
  readonly digest: string;
  /** Whether it came from the cache, whose digest was verified again. */
  readonly cached: boolean;
  /** `engines.node` of the app's package.json, as it stands there. */
  readonly engines?: string;
};

export type ReleaseSources = {
  /** Published releases, newest last where the origin knows an order. */
  readonly published: (signal?: AbortSignal) => Promise<readonly Release[]>;
  /** What a reference means; `not-found` when nothing. */
  readonly resolve: (ref: string, signal?: AbortSignal) => Promise<Release>;
  /** Whether `older` is an ancestor of `newer`; undefined when the origin cannot tell. */
  readonly isAncestor: (older: Release, newer: Release) => Promise<boolean | undefined>;
  /** What the commit of a release holds at and below these paths; undefined for a release without one. */
  readonly committed: (
    release: Release,
    paths: readonly string[],
  ) => Promise<readonly CommittedFile[] | undefined>;
  /** Fetches, installs, runs the manifest's `prepare` command and digests. */
  readonly prepare: (
    release: Release,
    options: { signal?: AbortSignal; onProgress?: (line: string) => void },
  ) => Promise<PreparedRelease>;
};
