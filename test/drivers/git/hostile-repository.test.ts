// What a fetched repository tries by its settings and its content, coop-cloud.md C.4 and C.5. After each attempt
// plain git does the same on the same repository, and does run what was planted.

import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeGit } from '../../../src/drivers/git/git.ts';
import { makeLocks } from '../../../src/drivers/locks.ts';
import { systemProcesses } from '../../../src/drivers/process/run.ts';

let root = '';
const at = (path: string): string => join(root, path);
const ran = (): boolean => fs.existsSync(at('ran'));
const path = process.env['PATH'] ?? '';

/** Git as its user would call it, without anybody's own settings. */
function plain(...args: string[]): string {
  const { stdout } = spawnSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@x', ...args], {
    cwd: at('repository'),
    env: { PATH: path, HOME: root, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' },
    encoding: 'utf8',
    timeout: 5000,
  });
  return stdout;
}

function commit(): string {
  plain('add', '-A');
  plain('commit', '-q', '--allow-empty', '-m', 'c');
  return plain('rev-parse', 'HEAD').trim();
}

beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'seatrial-repository-'));
  fs.mkdirSync(at('repository/tests'), { recursive: true });
  fs.writeFileSync(at('evil'), `#!/bin/sh\ntouch ${at('ran')}\nexit 1\n`, { mode: 0o755 });
  plain('init', '-q', '-b', 'main');
  fs.writeFileSync(at('repository/tests/test_install.py'), 'clean\n');
  commit();
});

afterEach(() => {
  fs.rmSync(root, { recursive: true, force: true });
});

const git = (cache = 'cache') =>
  makeGit({
    processes: systemProcesses,
    env: { PATH: path, HOME: root },
    cacheFolder: at(cache),
    locks: makeLocks({ folder: at('locks'), searchPath: path }),
  });

/** Everything that a run asks of a repository. */
async function readAll(repository: string): Promise<string> {
  const asked = git();
  const head = await asked.resolve(repository, 'main');
  await asked.tags(repository);
  await asked.isAncestor(repository, head, head);
  await asked.exportTree(repository, head, at('out'));
  const [file] = await asked.readFiles(repository, head, ['tests', 'seatrial.yaml']);
  return Buffer.from(file?.bytes ?? []).toString('utf8');
}

const attributes = (text: string): void => {
  fs.writeFileSync(at('repository/.gitattributes'), text);
};
const touchAgain = (): void => {
  fs.writeFileSync(at('repository/tests/test_install.py'), 'other\n');
};

type Attempt = readonly [
  name: string,
  plant: () => void,
  /** What plain git is asked, so that the planted code runs. */
  canary: () => void,
];

const attempts: readonly Attempt[] = [
  ['core.fsmonitor', () => plain('config', 'core.fsmonitor', at('evil')), () => plain('status')],
  [
    'a smudge filter',
    () => {
      attributes('* filter=evil\n');
      commit();
      plain('config', 'filter.evil.smudge', at('evil'));
    },
    () => {
      fs.rmSync(at('repository/tests/test_install.py'));
      plain('checkout', '--', '.');
    },
  ],
  [
    'a filter that stays running, as for large files',
    () => {
      attributes('* filter=lfs\n');
      commit();
      plain('config', 'filter.lfs.process', at('evil'));
      plain('config', 'filter.lfs.required', 'true');
    },
    () => {
      fs.rmSync(at('repository/tests/test_install.py'));
      plain('checkout', '--', '.');
    },
  ],
  [
    'a text conversion',
    () => {
      attributes('* diff=evil\n');
      commit();
      plain('config', 'diff.evil.textconv', at('evil'));
    },
    () => {
      touchAgain();
      plain('diff');
    },
  ],
  [
    'settings included from elsewhere',
    () => {
      fs.writeFileSync(at('more'), `[core]\n\tfsmonitor = ${at('evil')}\n`);
      plain('config', 'include.path', at('more'));
    },
    () => plain('status'),
  ],
  [
    'settings included by branch',
    () => {
      fs.writeFileSync(at('more'), `[core]\n\tfsmonitor = ${at('evil')}\n`);
      plain('config', 'includeIf.onbranch:main.path', at('more'));
    },
    () => plain('status'),
  ],
  [
    'hooks in a folder of the repository',
    () => {
      fs.mkdirSync(at('repository/hooks'));
      for (const hook of ['post-checkout', 'reference-transaction', 'post-index-change'])
        fs.copyFileSync(at('evil'), at(`repository/hooks/${hook}`));
      plain('config', 'core.hooksPath', at('repository/hooks'));
    },
    () => plain('checkout', '-q', '-b', 'other'),
  ],
  [
    'an object that only a remote of type ext:: has',
    () => {
      const blob = plain('rev-parse', 'HEAD:tests/test_install.py').trim();
      fs.writeFileSync(at('repository/kept.txt'), 'kept\n');
      for (const [name, value] of [
        ['core.repositoryFormatVersion', '1'],
        ['extensions.partialClone', 'origin'],
        ['remote.origin.promisor', 'true'],
        ['remote.origin.url', `ext::${at('evil')}`],
        ['protocol.ext.allow', 'always'],
      ] as const)
        plain('config', name, value);
      fs.renameSync(
        at(`repository/.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`),
        at('the-object'),
      );
    },
    () => plain('cat-file', '-p', 'HEAD:tests/test_install.py'),
  ],
];

test.each(attempts)('%s does not run', async (_, plant, canary) => {
  plant();
  fs.rmSync(at('ran'), { force: true });
  const read = await readAll(at('repository')).catch((error: unknown) => error);
  expect(ran()).toBe(false);
  if (typeof read === 'string') expect(read).toMatch(/^clean\n$/);
  else expect(read).toMatchObject({ name: 'WorldError' });
  canary();
  expect(ran()).toBe(true);
});

test('a submodule with a command for its update does not run', async () => {
  const head = plain('rev-parse', 'HEAD').trim();
  const url = `ext::${at('evil')}`;
  fs.writeFileSync(
    at('repository/.gitmodules'),
    `[submodule "tests/sub"]\n\tpath = tests/sub\n\turl = ${url}\n`,
  );
  plain('add', '-A');
  plain('update-index', '--add', '--cacheinfo', `160000,${head},tests/sub`);
  plain('commit', '-qm', 'submodule');
  await expect(readAll(at('repository'))).rejects.toMatchObject({ code: 'refused' });
  await expect(
    git().readFiles(at('repository'), plain('rev-parse', 'HEAD').trim(), ['tests']),
  ).rejects.toMatchObject({ code: 'refused' });
  expect(ran()).toBe(false);
  plain('-c', 'protocol.ext.allow=always', 'submodule', 'update', '--init');
  expect(ran()).toBe(true);
});

test.each(['ext::sh -c evil', 'transport::address', '--upload-pack=evil', 'https://x/\u001b[2J'])(
  '%j as an address is refused before git sees it',
  async (address) => {
    await expect(git().resolve(address, 'main')).rejects.toMatchObject({ code: 'refused' });
  },
);

test('an address that the settings of the cache would rewrite to a command is not rewritten', async () => {
  await git().resolve(`file://${at('repository')}`, 'main');
  const [clone = ''] = fs.readdirSync(at('cache'));
  const bare = at(`cache/${clone}`);
  const rewritten = ['-C', bare, 'config', `url.ext::${at('evil')} .insteadOf`, 'file://'];
  execFileSync('git', rewritten, { env: { PATH: path, HOME: root } });
  execFileSync('git', ['-C', bare, 'config', 'protocol.ext.allow', 'always']);
  await git()
    .resolve(`file://${at('repository')}`, 'main')
    .catch(() => undefined);
  expect(ran()).toBe(false);
  spawnSync('git', ['-C', bare, 'fetch', `file://${at('repository')}`], {
    env: { PATH: path, HOME: root },
  });
  expect(ran()).toBe(true);
});

test('who serves it runs no program of its settings', async () => {
  plain('config', 'uploadpack.packObjectsHook', at('evil'));
  fs.copyFileSync(at('evil'), at('repository/.git/hooks/reference-transaction'));
  expect(await readAll(`file://${at('repository')}`)).toBe('clean\n');
  expect(ran()).toBe(false);
  plain('branch', 'other');
  expect(ran()).toBe(true);
});

test('objects of other repositories are not brought along by a fetch', async () => {
  fs.mkdirSync(at('private'));
  const other = (...args: string[]) =>
    spawnSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@x', ...args], {
      cwd: at('private'),
      env: { PATH: path, HOME: root },
      encoding: 'utf8',
      timeout: 5000,
    }).stdout.trim();
  other('init', '-q', '-b', 'main');
  fs.writeFileSync(at('private/secret'), 'sesame');
  other('add', '-A');
  other('commit', '-qm', 'secret');
  const secret = other('rev-parse', 'HEAD');
  const repository = `file://${at('repository')}`;
  fs.writeFileSync(
    at('repository/.git/objects/info/alternates'),
    `${at('private/.git/objects')}\n`,
  );
  expect(plain('cat-file', '-t', secret).trim()).toBe('commit');
  await git().resolve(repository, 'main');
  await expect(git().resolve(repository, secret)).rejects.toMatchObject({ code: 'not-found' });
});

test('names with control characters are data', async () => {
  const names = ['a\nb.py', 'a\u001b[31m.py', '-rf', '$(touch ran).py', ';touch ran;.py'];
  for (const name of names) fs.writeFileSync(at(`repository/tests/${name}`), 'x');
  const head = commit();
  const files = await git().readFiles(at('repository'), head, ['tests']);
  expect(files.map(({ path: found }) => found.slice('tests/'.length)).sort()).toEqual(
    [...names, 'test_install.py'].sort(),
  );
  expect(ran()).toBe(false);
});

test('more than 2000 files, or 32 MiB, are a limit and no memory', async () => {
  for (let index = 0; index < 2001; index += 1)
    fs.writeFileSync(at(`repository/tests/${String(index)}`), '');
  const many = commit();
  await expect(git().readFiles(at('repository'), many, ['tests'])).rejects.toMatchObject({
    code: 'limit',
  });
  expect(await git().readFiles(at('repository'), many, ['absent'])).toEqual([]);
});
