// What all release origins are given, and what each of them can do.

import type { Files, Listing } from '../../ports/files.ts';
import type { Git } from '../../ports/git.ts';
import type { Locks } from '../../ports/locks.ts';
import type { Processes } from '../../ports/processes.ts';
import type { Release } from '../../ports/release.ts';

/** The manifest's `source`. */
export type ReleaseSourceSettings = {
  readonly npm?: string;
  readonly git?: string;
  readonly directory?: string;
  /** Folder of the app inside a git, directory or tarball release. */
  readonly path: string;
  /** Whether npm install scripts run; not unless the manifest's owner says so. */
  readonly npmScripts?: boolean;
  /** What npm installs of packages below the app's own, by package; a version or range. */
  readonly overrides?: Readonly<Record<string, string>>;
};

export type ReleaseSettings = {
  readonly source: ReleaseSourceSettings;
  /** The manifest's command that completes a release; placeholders {release} and {node}. */
  readonly prepare?: readonly [string, ...string[]];
  /** Relative paths in references start here. Absolute. */
  readonly manifestFolder: string;
  /** `<store>/cache/releases`. Absolute. */
  readonly cacheFolder: string;
  readonly processes: Processes;
  readonly git: Git;
  readonly files: Files;
  readonly locks: Locks;
  /** The harness's environment; commands get the names that npm, git and proxies need. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly treeDigest: (listing: Listing) => string;
};

export type FetchOptions = {
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
};

/** A release on its way into the cache. */
export type Fetched = {
  /** What the release consists of, known before it is installed: the cache's key depends on it. */
  readonly identity: string;
  /** Writes the tree to `to`, an empty folder. */
  readonly fill: (to: string) => Promise<void>;
};

export type ReleaseOriginDriver = {
  readonly published: (signal?: AbortSignal) => Promise<readonly Release[]>;
  /** `ref` without its prefix. Throws `not-found` when it means nothing. */
  readonly resolve: (ref: string, signal?: AbortSignal) => Promise<Release>;
  /** `work` is an empty folder that is removed afterwards. */
  readonly fetch: (release: Release, work: string, options: FetchOptions) => Promise<Fetched>;
};

/** The part of a reference after its prefix. */
export const refBody = (ref: string): string => ref.replace(/^(npm|git|dir|tar):/, '');
