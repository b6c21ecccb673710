// Releases that are tags or commits of a repository.

import { isAbsolute, resolve } from 'node:path';

import { compareBuild, parse } from 'semver';

import type { Release } from '../../ports/release.ts';
import { WorldError } from '../../ports/world-error.ts';
import { isLocalRepository } from '../git/git.ts';
import { fetchSourceTree } from './source-tree.ts';
import { refBody, type ReleaseOriginDriver, type ReleaseSettings } from './release-settings.ts';

/** Absolute path or URL of the manifest's repository. */
export function repositoryOf({
  source,
  manifestFolder,
}: Pick<ReleaseSettings, 'source' | 'manifestFolder'>): string {
  const { git } = source;
  if (git === undefined)
    throw new WorldError('not-found', 'The manifest names no git repository.', {
      hint: 'Add `source.git`.',
    });
  return isLocalRepository(git) && !isAbsolute(git) ? resolve(manifestFolder, git) : git;
}

/** `1.2.0`, `v1.2.0`, and of recipes `1.2.0+app`, whose second part is the app's to write as it likes. */
const versionOf = (name: string): { readonly version?: string } => {
  const [, recipe = '', app = ''] = /^v?([^+]*)(\+[0-9A-Za-z._+-]+)?$/.exec(name) ?? [];
  return parse(recipe) === null ? {} : { version: `${recipe}${app}` };
};

const recipePart = (version: string): string => version.split('+')[0] ?? '';

/** Tags without a version first, then by version; equal ones by name. */
function byVersion(a: Release, b: Release): number {
  if (a.version !== undefined && b.version !== undefined)
    return compareBuild(recipePart(a.version), recipePart(b.version)) || (a.ref < b.ref ? -1 : 1);
  if (a.version === b.version) return a.ref < b.ref ? -1 : 1;
  return a.version === undefined ? -1 : 1;
}

export function gitOrigin(settings: ReleaseSettings): ReleaseOriginDriver {
  const { git } = settings;
  return {
    published: async () => {
      const tags = await git.tags(repositoryOf(settings));
      return tags
        .map(({ name, commit }): Release => ({
          origin: 'git',
          ref: `git:${name}`,
          ...versionOf(name),
          commit,
        }))
        .sort(byVersion);
    },
    resolve: async (ref) => ({
      origin: 'git',
      ref: `git:${ref}`,
      ...versionOf(ref),
      commit: await git.resolve(repositoryOf(settings), ref),
    }),
    fetch: async (release, work, options) => {
      const repository = repositoryOf(settings);
      const commit = release.commit ?? (await git.resolve(repository, refBody(release.ref)));
      return fetchSourceTree(settings, {
        identity: `git ${commit}`,
        work,
        options,
        write: (to) => git.exportTree(repository, commit, to),
      });
    },
  };
}
