// The code and settings that come with an app's repository, and their identity. What may run is bound to
// all of it, executed or not: a check can read a file beside it.

import { sha256Hex } from '../evidence/canonical.ts';
import type { ListingEntry } from '../ports/files.ts';
import type { CommittedFile } from '../ports/git.ts';

/** A file or link of the scope, by its path in the repository. */
export type ScopeEntry = {
  readonly path: string;
  readonly mode: '100644' | '100755' | '120000';
  /** Hex SHA-256 of the content; of a link, of its target. */
  readonly sha256: string;
};

export const inScope = (path: string): boolean =>
  path === 'seatrial.yaml' || path.startsWith('tests/');

/** What of a commit to read for `inScope`. */
export const scopePaths: readonly string[] = ['tests', 'seatrial.yaml'];

/** Of files as a commit holds them. */
export const scopeOfFiles = (files: readonly CommittedFile[]): readonly ScopeEntry[] =>
  files.map(({ path, mode, bytes }) => ({ path, mode, sha256: sha256Hex(bytes) }));

/** Of a tree's listing with digests, paths relative to the root of the repository. */
export function scopeOf(listing: readonly ListingEntry[]): readonly ScopeEntry[] {
  return listing
    .filter(({ path, kind }) => inScope(path) && kind !== 'directory')
    .map(({ path, kind, mode, sha256, target = '' }) =>
      kind === 'symlink'
        ? { path, mode: '120000', sha256: sha256Hex(target) }
        : { path, mode: (mode & 0o100) === 0 ? '100644' : '100755', sha256: sha256 ?? '' },
    );
}

/** Hex SHA-256 over sorted lines `mode SP path NUL digest LF`; of nothing when there is nothing. */
export const scopeDigest = (entries: readonly ScopeEntry[]): string =>
  sha256Hex(
    entries
      .map(({ mode, path, sha256 }) => `${mode} ${path}\0${sha256}\n`)
      .sort()
      .join(''),
  );

const kinds: readonly (readonly [RegExp, string])[] = [
  [/^seatrial\.yaml$/, 'manifest'],
  [/^tests\/(?:.*\/)?conftest\.py$/, 'conftest'],
  [/^tests\/install_steps\.sh$/, 'install steps'],
  [/^tests\/(?:ops|recipe_meta)\.py$/, 'hooks'],
  [/^tests\/(?:.*\/)?test_[^/]*\.py$/, 'checks'],
  [/^tests\/(?:.*\/)?[^/]*\.check(?:\.ts|\.mjs|\.sh)?$/, 'checks'],
];

/** What a file of the scope would be run or read as; undefined for those that others only read. */
export const kindOf = (path: string): string | undefined =>
  kinds.find(([pattern]) => pattern.test(path))?.[1];
