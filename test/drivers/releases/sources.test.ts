import { existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import {
  codeOf,
  makeRepository,
  prepare,
  run,
  sources,
  useReleaseWorld,
  workLeft,
  world,
  write,
} from './release-world.ts';

useReleaseWorld();

describe('references', () => {
  it('to a repository mean tags, branches and commits', async () => {
    const { first, second } = makeRepository();
    const from = sources({ git: 'repository', path: 'app' });
    const tagged = { origin: 'git', ref: 'git:v1.9.0', version: '1.9.0', commit: first };
    expect(await from.resolve('git:v1.9.0')).toEqual(tagged);
    expect(await from.resolve('v1.9.0')).toEqual(tagged);
    expect(await from.resolve('main')).toEqual({ origin: 'git', ref: 'git:main', commit: second });
    expect((await from.published()).map(({ version }) => version)).toEqual(['1.9.0', '1.10.0']);
    const [older, newer] = await from.published();
    expect(older && newer && (await from.isAncestor(older, newer))).toBe(true);
    expect(older && newer && (await from.isAncestor(newer, older))).toBe(false);
  });

  it('to the directory mean versions and paths', async () => {
    write('releases/1.10.0/f', 'x');
    write('releases/v1.9.0/f', 'x');
    write('releases/app-1.9.1.tgz', 'x');
    write('releases/notes/f', 'x');
    write('releases/1.0.0.txt', 'x');
    const from = sources({ directory: 'releases' });
    expect(await from.published()).toEqual([
      { origin: 'directory', ref: 'dir:releases/v1.9.0', version: '1.9.0' },
      { origin: 'tarball', ref: 'tar:releases/app-1.9.1.tgz', version: '1.9.1' },
      { origin: 'directory', ref: 'dir:releases/1.10.0', version: '1.10.0' },
    ]);
    expect(await from.resolve('1.9.1')).toMatchObject({ origin: 'tarball', version: '1.9.1' });
    expect(await from.resolve('releases/notes')).toEqual({
      origin: 'directory',
      ref: 'dir:releases/notes',
    });
    const [older, newer] = await from.published();
    expect(older && newer && (await from.isAncestor(older, newer))).toBeUndefined();
  });

  it('to a folder tell the version of its package', async () => {
    write('head/package.json', '{"version":"2.0.0-rc.1"}');
    expect(await sources().resolve('dir:head')).toMatchObject({ version: '2.0.0-rc.1' });
  });

  it.each(['dir:absent', 'tar:absent.tgz', './absent', 'absent', 'git:main'])(
    '%s means nothing',
    async (ref) => {
      expect(await codeOf(sources().resolve(ref))).toBe('not-found');
    },
  );
});

describe('a prepared release', () => {
  it('is the same tree from a commit, a folder and a tarball', async () => {
    const { path } = makeRepository();
    write('copy/app/server.mjs', 'two');
    write('copy/.git/config', 'left out');
    write('copy/.seatrial/runs', 'left out');
    run(path, 'tar', '-czf', join(world.folder, 'app.tgz'), 'app');
    const from = sources({ git: path });
    const all = [
      await prepare(from, 'git:v1.10.0'),
      await prepare(from, 'dir:copy'),
      await prepare(from, 'dir:copy/'),
    ];
    expect(new Set(all.map(({ digest }) => digest)).size).toBe(1);
    const inside = sources({ git: path, path: 'app' });
    const apps = [await prepare(inside, 'git:v1.10.0'), await prepare(inside, 'dir:copy')];
    const flat = await prepare(sources(), 'tar:app.tgz');
    expect(new Set([...apps, flat].map(({ digest }) => digest)).size).toBe(1);
    expect(readFileSync(join(flat.root, 'server.mjs'), 'utf8')).toBe('two');
    expect(workLeft()).toEqual([]);
  });

  it('does not contain the store it is cached in', async () => {
    write('f', 'x');
    const inside = await prepare(sources(), 'dir:.');
    expect(readdirSync(inside.root)).toEqual(['f']);
    const elsewhere = join(world.folder, 'store/cache/releases');
    const other = await prepare(sources({}, { cacheFolder: elsewhere }), 'dir:.');
    expect(readdirSync(other.root)).toEqual(['f']);
  });

  it.each([
    [
      'a link out',
      () => {
        symlinkSync('/etc/passwd', join(world.folder, 'head/l'));
      },
    ],
    [
      'a pipe',
      () => {
        run(world.folder, 'mkfifo', 'head/p');
      },
    ],
    [
      'a .git below',
      () => {
        write('head/sub/.GIT/config', 'x');
      },
    ],
  ])('is refused with %s', async (_, plant) => {
    write('head/f', 'x');
    plant();
    expect(await codeOf(prepare(sources(), 'dir:head'))).toBe('refused');
    expect(workLeft()).toEqual([]);
  });

  it('needs the folder that the manifest names', async () => {
    write('head/f', 'x');
    expect(await codeOf(prepare(sources({ path: 'app' }), 'dir:head'))).toBe('not-found');
    expect(await codeOf(prepare(sources({ path: '../x' }), 'dir:head'))).toBe('refused');
  });
});

describe('the prepare command', () => {
  it('completes the tree before it is digested', async () => {
    write('head/f', 'x');
    const plain = await prepare(sources(), 'dir:head');
    const command = [
      '{node}',
      '-e',
      'require("fs").writeFileSync(process.argv[1] + "/built", process.cwd())',
      '{release}',
    ] as const;
    const built = await prepare(sources({}, { prepare: command }), 'dir:head');
    expect(existsSync(join(built.root, 'built'))).toBe(true);
    expect(built.digest).not.toBe(plain.digest);
  });

  it('that fails is told with its words, and nothing is cached', async () => {
    write('head/f', 'x');
    const from = sources({}, { prepare: ['sh', '-c', 'echo broken >&2; exit 3'] });
    await expect(prepare(from, 'dir:head')).rejects.toMatchObject({
      code: 'hook-failed',
      message: expect.stringMatching(/exit code 3: broken/) as string,
    });
    expect(readdirSync(world.cacheFolder)).toEqual([]);
  });

  it('does not see what the harness keeps in its environment', async () => {
    write('head/f', 'x');
    const env = { PATH: process.env['PATH'], SECRET_OF_THE_HARNESS: 'x' };
    const prepared = await prepare(
      sources({}, { env, prepare: ['sh', '-c', 'env > seen'] }),
      'dir:head',
    );
    const seen = readFileSync(join(prepared.root, 'seen'), 'utf8');
    expect(seen).toContain('PATH=');
    expect(seen).not.toContain('SECRET_OF_THE_HARNESS');
  });

  it('can be cancelled', async () => {
    write('head/f', 'x');
    const from = sources({}, { prepare: ['sleep', '30'] });
    const release = await from.resolve('dir:head');
    expect(await codeOf(from.prepare(release, { signal: AbortSignal.timeout(200) }))).toBe(
      'cancelled',
    );
    expect(readdirSync(world.cacheFolder)).toEqual([]);
  });
});

describe('an app that npm installs', () => {
  it('has one layout from a folder, a commit and a tarball, and runs no scripts', async () => {
    const mark = join(world.folder, 'script-ran');
    const app = {
      name: '@s/app',
      version: '1.0.0',
      files: ['server.mjs'],
      scripts: { prepare: `touch ${mark}`, prepack: `touch ${mark}`, postinstall: `touch ${mark}` },
    };
    write('app/package.json', JSON.stringify(app));
    write('app/server.mjs', 'x');
    write('app/not-published.txt', 'x');
    write('app/node_modules/dependency/f', 'x');
    const path = join(world.folder, 'app');
    writeFileSync(join(path, '.gitignore'), 'node_modules\n');
    run(path, 'git', 'init', '--quiet', '--initial-branch=main');
    run(path, 'git', 'add', '-A');
    run(path, 'git', 'commit', '--quiet', '-m', 'x');
    run(
      world.folder,
      'tar',
      '-czf',
      'app-1.0.0.tgz',
      '--transform',
      's/^app/package/',
      'app/package.json',
      'app/server.mjs',
    );
    const from = sources({ npm: '@s/app', git: 'app' });
    const all = [
      await prepare(from, 'dir:app'),
      await prepare(from, 'git:main'),
      await prepare(from, 'tar:app-1.0.0.tgz'),
    ];
    expect(new Set(all.map(({ digest }) => digest)).size).toBe(1);
    const root = all[0]?.root ?? '';
    expect(readdirSync(root)).toEqual(['node_modules']);
    expect(readdirSync(join(root, 'node_modules/@s/app')).sort()).toEqual([
      'package.json',
      'server.mjs',
    ]);
    expect(existsSync(mark)).toBe(false);
    // The canary: the owner of the manifest may let them run.
    await prepare(sources({ npm: '@s/app', git: 'app', npmScripts: true }), 'dir:app');
    expect(existsSync(mark)).toBe(true);
  }, 60_000);

  it('must be the package that the manifest names', async () => {
    write('app/package.json', '{"name":"other","version":"1.0.0"}');
    expect(await codeOf(prepare(sources({ npm: 'app' }), 'dir:app'))).toBe('refused');
  }, 20_000);

  it('without a network is told as such', async () => {
    const env = {
      ...process.env,
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_fetch_retries: '0',
    };
    expect(await codeOf(sources({ npm: 'is-number' }, { env }).published())).toBe('network');
  });
});
