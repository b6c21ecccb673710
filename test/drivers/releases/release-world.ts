// Release sources over a temporary folder, shared by the tests of this folder.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

import { systemFiles } from '../../../src/drivers/files.ts';
import { makeGit } from '../../../src/drivers/git/git.ts';
import { makeLocks } from '../../../src/drivers/locks.ts';
import { systemProcesses } from '../../../src/drivers/process/run.ts';
import type { ReleaseSettings } from '../../../src/drivers/releases/release-settings.ts';
import { makeReleaseSources } from '../../../src/drivers/releases/sources.ts';
import { treeDigest } from '../../../src/evidence/tree-digest.ts';
import type { PreparedRelease, ReleaseSources } from '../../../src/ports/release.ts';

/** The temporary folder of the running test. */
export const world = { folder: '', cacheFolder: '' };

/** Call once in a test file. */
export function useReleaseWorld(): void {
  beforeEach(() => {
    world.folder = mkdtempSync(join(tmpdir(), 'seatrial-releases-'));
    world.cacheFolder = join(world.folder, '.seatrial/cache/releases');
  });
  afterEach(() => {
    rmSync(world.folder, { recursive: true, force: true });
  });
}

export function sources(
  source: Partial<ReleaseSettings['source']> = {},
  more: Partial<ReleaseSettings> = {},
): ReleaseSources {
  const searchPath = process.env['PATH'] ?? '';
  const locks = makeLocks({ folder: join(world.folder, '.seatrial/locks'), searchPath });
  const git = makeGit({
    processes: systemProcesses,
    env: process.env,
    cacheFolder: join(world.folder, '.seatrial/cache/git'),
    locks,
  });
  return makeReleaseSources({
    source: { path: '.', ...source },
    manifestFolder: world.folder,
    cacheFolder: world.cacheFolder,
    processes: systemProcesses,
    git,
    files: systemFiles,
    locks,
    env: process.env,
    treeDigest,
    ...more,
  });
}
export async function prepare(
  from: ReleaseSources,
  ref: string,
  lines: string[] = [],
): Promise<PreparedRelease> {
  return from.prepare(await from.resolve(ref), { onProgress: (line) => lines.push(line) });
}
export function write(path: string, content: string): void {
  mkdirSync(dirname(join(world.folder, path)), { recursive: true });
  writeFileSync(join(world.folder, path), content);
}
export function run(cwd: string, program: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false'];
  return execFileSync(program, [...(program === 'git' ? identity : []), ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
    .toString()
    .trim();
}
export function makeRepository(): { path: string; first: string; second: string } {
  const path = join(world.folder, 'repository');
  write('repository/app/server.mjs', 'one');
  run(path, 'git', 'init', '--quiet', '--initial-branch=main');
  const commit = (tag: string): string => {
    run(path, 'git', 'add', '-A');
    run(path, 'git', 'commit', '--quiet', '-m', tag);
    run(path, 'git', 'tag', tag);
    return run(path, 'git', 'rev-parse', 'HEAD');
  };
  const first = commit('v1.9.0');
  write('repository/app/server.mjs', 'two');
  return { path, first, second: commit('v1.10.0') };
}
export const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
export const workLeft = (): string[] =>
  readdirSync(world.cacheFolder).filter((name) => !/^[0-9a-f]{40}$/.test(name));
