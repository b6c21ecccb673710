import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { isLocalRepository, makeGit, withoutPassword } from '../../../src/drivers/git/git.ts';
import { makeLocks } from '../../../src/drivers/locks.ts';
import { systemProcesses } from '../../../src/drivers/process/run.ts';
import type { Git } from '../../../src/ports/git.ts';

let folder = '';
let repository = '';
let git: Git;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seatrial-git-'));
  repository = join(folder, 'repository');
  mkdirSync(repository);
  run('init', '--quiet', '--initial-branch=main');
  git = makeGit({
    processes: systemProcesses,
    env: process.env,
    cacheFolder: join(folder, 'cache'),
    locks: makeLocks({ folder: join(folder, 'locks'), searchPath: process.env['PATH'] ?? '' }),
  });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const identity = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@b',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@b',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};
function run(...args: string[]): string {
  return execFileSync('git', args, {
    cwd: repository,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...identity },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
    .toString()
    .trim();
}
function write(path: string, content: string): void {
  mkdirSync(dirname(join(repository, path)), { recursive: true });
  writeFileSync(join(repository, path), content);
}
function commit(message = 'x'): string {
  run('add', '-A');
  run('commit', '--quiet', '--allow-empty', '-m', message);
  return run('rev-parse', 'HEAD');
}
/** A commit whose tree holds one entry that `git add` would not make. */
function commitEntry(mode: string, path: string, content: string): string {
  const made = execFileSync('git', ['hash-object', '-w', '--stdin'], {
    cwd: repository,
    input: content,
  });
  const blob = mode === '160000' ? '1'.repeat(40) : made.toString().trim();
  const record = `${mode} ${mode === '160000' ? 'commit' : 'blob'} ${blob}\t${path}\0`;
  const tree = execFileSync('git', ['mktree', '-z', '--missing'], {
    cwd: repository,
    input: record,
  })
    .toString()
    .trim();
  return run('commit-tree', tree, '-m', 'odd');
}
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );

describe('refs', () => {
  it('mean commits', async () => {
    write('a', '1');
    const first = commit();
    run('tag', 'v1');
    run('tag', '-a', '-m', 'annotated', 'v1.1');
    write('a', '2');
    const second = commit();
    expect(await git.resolve(repository, 'v1')).toBe(first);
    expect(await git.resolve(repository, 'v1.1')).toBe(first);
    expect(await git.resolve(repository, 'main')).toBe(second);
    expect(await git.resolve(repository, first.slice(0, 10))).toBe(first);
    expect(await git.tags(repository)).toEqual([
      { name: 'v1', commit: first },
      { name: 'v1.1', commit: first },
    ]);
    expect(await git.isAncestor(repository, first, second)).toBe(true);
    expect(await git.isAncestor(repository, second, first)).toBe(false);
  });

  it.each([
    ['nothing', 'not-found'],
    ['v1^{tree}', 'not-found'],
    ['--output=evil', 'refused'],
    ['-h', 'refused'],
    ['a\nb', 'refused'],
    ['', 'refused'],
  ])('%j: %s', async (ref, code) => {
    commit();
    run('tag', 'v1');
    expect(await codeOf(git.resolve(repository, ref))).toBe(code);
    expect(existsSync(join(repository, 'evil'))).toBe(false);
  });

  it('of no repository are not found', async () => {
    expect(await codeOf(git.resolve(join(folder, 'absent'), 'main'))).toBe('not-found');
    expect(await codeOf(git.tags(tmpdir()))).toBe('not-found');
  });

  it.each([
    ['/a/b', true],
    ['./a', true],
    ['a', true],
    ['../a:b', true],
    ['https://host/a', false],
    ['ssh://host/a', false],
    ['git@host:a/b', false],
  ])('%s is local: %s', (name, local) => {
    expect(isLocalRepository(name)).toBe(local);
  });

  it.each(['ext::sh -c evil', '--upload-pack=evil', 'a\nb', ''])('%j is no repository', (name) => {
    expect(() => isLocalRepository(name)).toThrow(expect.objectContaining({ code: 'refused' }));
  });

  it('show no password', () => {
    expect(withoutPassword('https://user:secret@host/a')).toBe('https://host/a');
  });
});

describe('an exported tree', () => {
  it('has files, links and modes', async () => {
    write('a/b/c.txt', 'content\n');
    write('odd "name"\n\u00e9', 'x');
    write('empty', '');
    write('run.sh', '#!/bin/sh\n');
    write('big', 'y'.repeat(3_000_000));
    chmodSync(join(repository, 'run.sh'), 0o755);
    symlinkSync('../run.sh', join(repository, 'a/link'));
    const to = join(folder, 'out');
    await git.exportTree(repository, commit(), to);
    expect(readFileSync(join(to, 'a/b/c.txt'), 'utf8')).toBe('content\n');
    expect(readFileSync(join(to, 'odd "name"\n\u00e9'), 'utf8')).toBe('x');
    expect(readFileSync(join(to, 'empty'), 'utf8')).toBe('');
    expect(readFileSync(join(to, 'big')).length).toBe(3_000_000);
    expect(readlinkSync(join(to, 'a/link'))).toBe('../run.sh');
    const mode = (path: string): number => lstatSync(join(to, path)).mode & 0o777;
    expect([mode('run.sh'), mode('empty'), mode('a'), mode('.')]).toEqual([
      0o755, 0o644, 0o755, 0o755,
    ]);
    expect(existsSync(join(to, '.git'))).toBe(false);
  });

  it('of an empty commit is empty', async () => {
    await git.exportTree(repository, commit(), join(folder, 'out'));
    expect(existsSync(join(folder, 'out'))).toBe(true);
  });

  it.each([
    ['160000', 'module', 'x'],
    ['120000', 'link', '/etc/passwd'],
    ['120000', 'link', '../outside'],
    ['120000', 'link', 'a/../../outside'],
    ['120000', 'link', ''],
    ['100644', '.git', 'x'],
    ['100644', '.GIT', 'x'],
    ['100644', '..', 'x'],
    ['100644', '.', 'x'],
  ])('refuses %s %s %j', async (mode, path, content) => {
    const odd = commitEntry(mode, path, content);
    expect(await codeOf(git.exportTree(repository, odd, join(folder, 'out')))).toBe('refused');
  });

  it('may hold a link that stays inside', async () => {
    await git.exportTree(repository, commitEntry('120000', 'link', 'a/b'), join(folder, 'out'));
    expect(readlinkSync(join(folder, 'out/link'))).toBe('a/b');
  });
});

describe('a hostile repository', () => {
  it('runs nothing: hooks, filters, monitors, helpers', async () => {
    const mark = join(folder, 'executed');
    const evil = join(folder, 'evil.sh');
    writeFileSync(evil, `#!/bin/sh\necho "$0 $*" >> ${mark}\ncat\n`, { mode: 0o755 });
    write('.gitattributes', '* filter=evil diff=evil textconv\n');
    write('a', 'clean\n');
    const head = commit();
    for (const hook of [
      'post-checkout',
      'reference-transaction',
      'pre-auto-gc',
      'post-index-change',
    ])
      writeFileSync(join(repository, '.git/hooks', hook), `#!/bin/sh\necho hook >> ${mark}\n`, {
        mode: 0o755,
      });
    for (const [name, value] of [
      ['core.fsmonitor', evil],
      ['core.pager', evil],
      ['pager.rev-parse', evil],
      ['filter.evil.smudge', evil],
      ['filter.evil.clean', evil],
      ['diff.external', evil],
      ['diff.evil.textconv', evil],
      ['core.sshCommand', evil],
      ['core.hooksPath', join(repository, '.git/hooks')],
      ['core.alternateRefsCommand', evil],
      ['credential.helper', evil],
      ['alias.rev-parse', `!${evil}`],
    ] as const)
      run('config', name, value);
    const to = join(folder, 'out');
    await git.resolve(repository, 'HEAD');
    await git.tags(repository);
    await git.isAncestor(repository, head, head);
    await git.exportTree(repository, head, to);
    expect(readFileSync(join(to, 'a'), 'utf8')).toBe('clean\n');
    expect(existsSync(mark)).toBe(false);
    // The canary: the plain command does run what the repository asks for.
    run('status');
    expect(existsSync(mark)).toBe(true);
  });
});

describe('a crooked repository', () => {
  it('cannot fetch what it lacks by a command of its own', async () => {
    const mark = join(folder, 'executed');
    write('a', 'x');
    const head = commit();
    const blob = run('rev-parse', 'HEAD:a');
    rmSync(join(repository, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    for (const [name, value] of [
      ['core.repositoryFormatVersion', '1'],
      ['extensions.partialClone', 'origin'],
      ['remote.origin.promisor', 'true'],
      ['remote.origin.url', join(folder, 'x')],
      ['remote.origin.uploadpack', `touch ${mark}; false`],
    ] as const)
      run('config', name, value);
    expect(await codeOf(git.exportTree(repository, head, join(folder, 'out')))).not.toBe(
      'no error',
    );
    expect(existsSync(mark)).toBe(false);
    // The canary: git alone runs the command.
    expect(() => run('cat-file', '-p', blob)).toThrow();
    expect(existsSync(mark)).toBe(true);
  });

  it('cannot exchange a commit by a replacement', async () => {
    write('a', 'true');
    const real = commit();
    write('a', 'forged');
    const forged = commit();
    run('replace', real, forged);
    await git.exportTree(repository, real, join(folder, 'out'));
    expect(readFileSync(join(folder, 'out/a'), 'utf8')).toBe('true');
  });

  it.runIf(process.getuid?.() === 0)('of another user can be read all the same', async () => {
    write('a', '1');
    const head = commit();
    for (const path of ['', '.git']) chownSync(join(repository, path), 12_345, 12_345);
    expect(await git.resolve(repository, 'HEAD')).toBe(head);
  });
});

describe('a repository behind a URL', () => {
  const url = (): string => `file://${repository}`;
  const fresh = (): Git =>
    makeGit({
      processes: systemProcesses,
      env: process.env,
      cacheFolder: join(folder, 'cache'),
      locks: makeLocks({ folder: join(folder, 'locks'), searchPath: process.env['PATH'] ?? '' }),
    });

  it('is cloned once and refreshed by the next process', async () => {
    write('a', '1');
    const first = commit();
    run('tag', 'v1');
    expect(await git.resolve(url(), 'HEAD')).toBe(first);
    expect(await git.tags(url())).toEqual([{ name: 'v1', commit: first }]);
    write('a', '2');
    const second = commit();
    run('tag', '-d', 'v1');
    run('tag', 'v2');
    expect(await git.resolve(url(), 'main')).toBe(first);
    const next = fresh();
    expect(await next.resolve(url(), 'main')).toBe(second);
    expect(await next.tags(url())).toEqual([{ name: 'v2', commit: second }]);
    await next.exportTree(url(), second, join(folder, 'out'));
    expect(readFileSync(join(folder, 'out/a'), 'utf8')).toBe('2');
  });

  it('is cloned by two at once without trouble', async () => {
    const head = commit();
    const both = [fresh(), fresh()].map((one) => one.resolve(url(), 'HEAD'));
    expect(await Promise.all(both)).toEqual([head, head]);
  });

  it('that is not there is not found', async () => {
    expect(await codeOf(git.resolve(`file://${folder}/absent`, 'HEAD'))).toBe('not-found');
  });

  it('that nobody answers for is a network trouble', async () => {
    expect(await codeOf(git.resolve('http://127.0.0.1:9/x.git', 'HEAD'))).toBe('network');
  });
});
