// Reads repositories through the object database only. Local ones are read where they are; those behind
// a URL are cloned bare into a cache folder and brought up to date once per process.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import type { Git } from '../../ports/git.ts';
import type { Locks } from '../../ports/locks.ts';
import { WorldError } from '../../ports/world-error.ts';
import { exportTree, readFiles } from './export-tree.ts';
import { gitError, makeGitCommand, type GitCommand, type GitSettings } from './git-command.ts';

type GitDriverSettings = GitSettings & {
  /** Holds bare clones of repositories behind URLs. */
  readonly cacheFolder: string;
  readonly locks: Locks;
};

const fetchTimeoutMs = 600_000;
const lockWaitMs = 900_000;
const refLengthMax = 255;

const unsafeText = /^-|[\u0000-\u001f\u007f]/;

function checkRef(ref: string): void {
  if (ref === '' || ref.length > refLengthMax || unsafeText.test(ref))
    throw new WorldError('refused', `Not a safe git reference: ${JSON.stringify(ref)}.`);
}

/** A path of this host, as opposed to a URL or `user@host:path`. */
export function isLocalRepository(repository: string): boolean {
  if (repository === '' || unsafeText.test(repository) || repository.includes('::'))
    throw new WorldError('refused', `Not a safe repository: ${JSON.stringify(repository)}.`);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(repository)) return false;
  return repository.startsWith('/') || repository.startsWith('.') || !/^[^/]+:/.test(repository);
}

const allBranchesAndTags = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];

async function clone(git: GitCommand, url: string, to: string): Promise<void> {
  const temporary = `${to}.new`;
  await rm(temporary, { recursive: true, force: true });
  const result = await git({
    args: ['clone', '--bare', '--quiet', '--template=', '--no-local', '--', url, temporary],
    network: true,
    timeoutMs: fetchTimeoutMs,
  });
  if (result.exitCode !== 0) throw gitError(`clone ${withoutPassword(url)}`, result);
  await rename(temporary, to);
}

async function refresh(git: GitCommand, url: string, repository: string): Promise<void> {
  const result = await git({
    repository,
    args: [
      'fetch',
      '--quiet',
      '--prune',
      '--force',
      '--no-auto-gc',
      '--',
      url,
      ...allBranchesAndTags,
    ],
    network: true,
    timeoutMs: fetchTimeoutMs,
  });
  if (result.exitCode !== 0) throw gitError(`fetch ${withoutPassword(url)}`, result);
}

/** Heads of proposed changes, as forges name them. There may be thousands: each is fetched when it is named. */
const changeRef = /^refs\/pull\/[0-9]{1,9}\/head$/;

async function fetchChange(
  git: GitCommand,
  {
    url,
    ref,
    repository,
  }: { readonly url: string; readonly ref: string; readonly repository: string },
): Promise<void> {
  const result = await git({
    repository,
    args: ['fetch', '--quiet', '--force', '--no-auto-gc', '--no-tags', '--', url, `+${ref}:${ref}`],
    network: true,
    timeoutMs: fetchTimeoutMs,
  });
  const said = Buffer.from(result.stderr).toString();
  // The lookup that follows says of a change that is not there that it is not there.
  if (result.exitCode !== 0 && !/couldn't find remote ref/i.test(said))
    throw gitError(`fetch ${ref} of ${withoutPassword(url)}`, result);
}

/** A URL as it may be shown. */
export const withoutPassword = (url: string): string => url.replace(/\/\/[^/@]*@/, '//');

type Locate = (repository: string) => Promise<string>;

function makeLocate(git: GitCommand, { cacheFolder, locks }: GitDriverSettings): Locate {
  const fresh = new Map<string, Promise<string>>();
  const bring = async (url: string): Promise<string> => {
    const key = createHash('sha256').update(url).digest('hex').slice(0, 32);
    const folder = join(cacheFolder, `${key}.git`);
    await mkdir(cacheFolder, { recursive: true, mode: 0o700 });
    const lock = await locks.acquire(`git-${key}`, { waitMs: lockWaitMs });
    try {
      if (existsSync(folder)) await refresh(git, url, folder);
      else await clone(git, url, folder);
    } finally {
      await lock.release();
    }
    return folder;
  };
  return (repository) => {
    if (isLocalRepository(repository)) return Promise.resolve(repository);
    const known = fresh.get(repository) ?? bring(repository);
    fresh.set(repository, known);
    // A failure is asked again next time.
    known.catch(() => fresh.delete(repository));
    return known;
  };
}

async function resolveRef(git: GitCommand, repository: string, ref: string): Promise<string> {
  checkRef(ref);
  const result = await git({
    repository,
    args: ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`],
  });
  const commit = Buffer.from(result.stdout).toString().trim();
  if (result.exitCode === 0 && /^[0-9a-f]{40,64}$/.test(commit)) return commit;
  const said = Buffer.from(result.stderr).toString();
  if (
    said.trim() !== '' &&
    !/needed a single revision|unknown revision|expected \w+ type/i.test(said)
  )
    throw gitError(`find ${ref}`, result);
  throw new WorldError('not-found', `The repository has no commit ${JSON.stringify(ref)}.`);
}

async function listTags(git: GitCommand, repository: string) {
  const format =
    '%(refname:strip=2)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)';
  const result = await git({
    repository,
    args: ['for-each-ref', `--format=${format}`, 'refs/tags'],
  });
  if (result.exitCode !== 0) throw gitError('list tags', result);
  return Buffer.from(result.stdout)
    .toString()
    .split('\n')
    .flatMap((line) => {
      const [name = '', type, object = '', peeledType, peeled = ''] = line.split('\0');
      if (type === 'commit') return [{ name, commit: object }];
      return peeledType === 'commit' ? [{ name, commit: peeled }] : [];
    });
}

async function askAncestor(
  git: GitCommand,
  repository: string,
  older: string,
  newer: string,
): Promise<boolean> {
  checkRef(older);
  checkRef(newer);
  const result = await git({
    repository,
    args: ['merge-base', '--is-ancestor', '--end-of-options', older, newer],
  });
  if (result.exitCode === 0 || result.exitCode === 1) return result.exitCode === 0;
  throw gitError(`compare ${older} with ${newer}`, result);
}

/** Everything that is there, changes that were fetched among it: whoever gets it checks commits out of it. */
async function cloneWhole(git: GitCommand, repository: string, to: string): Promise<void> {
  const local = resolve(repository);
  const args = ['clone', '--quiet', '--no-checkout', '--template=', '--no-local', '--', local, to];
  const cloned = await git({ args, network: true, timeoutMs: fetchTimeoutMs });
  if (cloned.exitCode !== 0) throw gitError(`clone ${local}`, cloned);
  const changes = '+refs/pull/*:refs/remotes/pull/*';
  const fetched = await git({
    repository: to,
    args: ['fetch', '--quiet', '--force', '--tags', '--no-auto-gc', '--', local, changes],
    network: true,
    timeoutMs: fetchTimeoutMs,
  });
  if (fetched.exitCode !== 0) throw gitError(`fetch the changes of ${local}`, fetched);
}

export type CloneTo = (repository: string, to: string) => Promise<void>;

export function makeGit(settings: GitDriverSettings): Git & { readonly cloneTo: CloneTo } {
  const git = makeGitCommand(settings);
  const locate = makeLocate(git, settings);
  return {
    resolve: async (repository, ref) => {
      const there = await locate(repository);
      if (changeRef.test(ref) && !isLocalRepository(repository))
        await fetchChange(git, { url: repository, ref, repository: there });
      return resolveRef(git, there, ref);
    },
    tags: async (repository) => listTags(git, await locate(repository)),
    isAncestor: async (repository, older, newer) =>
      askAncestor(git, await locate(repository), older, newer),
    exportTree: async (repository, commit, to) => {
      checkRef(commit);
      await exportTree(git, await locate(repository), commit, to);
    },
    readFiles: async (repository, commit, paths) => {
      checkRef(commit);
      return readFiles(git, await locate(repository), commit, paths);
    },
    cloneTo: async (repository, to) => {
      await cloneWhole(git, await locate(repository), to);
    },
  };
}
