// The only test here that leaves this host. Where the registry is out of reach it is skipped, and says so.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { systemFiles } from '../../../src/drivers/files.ts';
import { makeGit } from '../../../src/drivers/git/git.ts';
import { makeLocks } from '../../../src/drivers/locks.ts';
import { systemProcesses } from '../../../src/drivers/process/run.ts';
import { makeReleaseSources } from '../../../src/drivers/releases/sources.ts';
import { treeDigest } from '../../../src/evidence/tree-digest.ts';
import type { ReleaseSources } from '../../../src/ports/release.ts';

const reachable =
  spawnSync('npm', ['view', 'is-number@7.0.0', 'version', '--fetch-retries=0'], {
    stdio: 'ignore',
    timeout: 20_000,
  }).status === 0;
if (!reachable)
  process.stderr.write(
    'LEFT OUT: npm releases from the registry, which cannot be reached from here.\n',
  );

function sources(folder: string): ReleaseSources {
  const locks = makeLocks({ folder: join(folder, 'locks'), searchPath: process.env['PATH'] ?? '' });
  return makeReleaseSources({
    source: { npm: 'is-number', path: '.' },
    manifestFolder: folder,
    cacheFolder: join(folder, 'store/cache/releases'),
    processes: systemProcesses,
    git: makeGit({ processes: systemProcesses, env: process.env, cacheFolder: folder, locks }),
    files: systemFiles,
    locks,
    env: process.env,
    treeDigest,
  });
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error as { code: string }).code,
  );

describe.skipIf(!reachable)('the npm registry', () => {
  it('has releases that are listed, found, installed and always the same', async () => {
    const folders = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'seatrial-npm-')));
    try {
      const [first, second] = folders.map(sources);
      if (first === undefined || second === undefined) throw new Error('two are made above');
      const versions = (await first.published()).map(({ version }) => version);
      expect(versions.slice(-2)).toEqual(['6.0.0', '7.0.0']);
      const release = await first.resolve('npm:is-number@latest');
      expect(release).toMatchObject({ ref: 'npm:is-number@7.0.0', version: '7.0.0' });
      expect(release.integrity).toMatch(/^sha512-/);
      expect(await first.resolve('7.0.0')).toEqual(release);
      const prepared = await first.prepare(release, {});
      const again = await second.prepare(release, {});
      expect(again.digest).toBe(prepared.digest);
      expect((await first.prepare(release, {})).cached).toBe(true);
      expect(readdirSync(prepared.root)).toEqual(['node_modules']);
      expect(readdirSync(join(prepared.root, 'node_modules'))).toEqual(['is-number']);
      expect(await codeOf(first.resolve('npm:is-number@99.0.0'))).toBe('not-found');
      expect(await codeOf(first.resolve('no-such-release'))).toBe('not-found');
    } finally {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    }
  }, 120_000);
});
