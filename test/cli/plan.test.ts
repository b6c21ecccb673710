// `seatrial plan` in a folder, with releases from each origin. npm is a program on the search path that
// answers as npm does, writes down how it was called, and can be told that its network is away.

import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { plan } from '../../src/cli/commands/plan.ts';
import { runCommand, type Ended } from './run-command.ts';

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const npm = `#!${process.execPath}
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
const [verb, ...rest] = process.argv.slice(2);
const home = process.env.HOME;
appendFileSync(home + '/npm.log', [verb, ...rest].join(' ') + '\\n');
const fail = (code) => {
  console.log(JSON.stringify({ error: { code, summary: code } }));
  process.exit(1);
};
if (existsSync(home + '/offline')) fail('ENOTFOUND');
const versions = ['1.0.0', '1.1.0', '2.0.0', '3.0.0'];
if (verb === 'view') {
  const [name, version] = rest[0].split('@');
  if (name !== 'shop') fail('E404');
  if (version === undefined) console.log(JSON.stringify({ versions, 'dist-tags': {} }));
  else if (!versions.includes(version)) fail('E404');
  else console.log(JSON.stringify({ version, 'dist.integrity': 'sha512-' + version }));
} else {
  if (existsSync(home + '/broken')) fail('E404');
  const to = rest[rest.indexOf('--prefix') + 1];
  const version = rest.at(-2).split('@')[1];
  const given = to + '/package.json';
  if (existsSync(given)) appendFileSync(home + '/npm.log', readFileSync(given, 'utf8') + '\\n');
  mkdirSync(to + '/node_modules/shop', { recursive: true });
  const engines = { node: version === '3.0.0' ? '>=99' : '>=18' };
  writeFileSync(to + '/node_modules/shop/package.json', JSON.stringify({ version, engines }));
}
`;

async function makeFolder(source: string, files: Readonly<Record<string, string>> = {}) {
  const home = await mkdtemp(join(tmpdir(), 'seatrial-plan-'));
  folders.push(home);
  const all = {
    'bin/package.json': '{"type":"module"}',
    'bin/npm': npm,
    'app/seatrial.yaml': `seatrial: 1
app: shop
driver: process
source: ${source}
process:
  start: ['{node}', '{release}/main.mjs', '{port}']
`,
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(home, name)), { recursive: true });
    await writeFile(join(home, name), text);
  }
  await chmod(join(home, 'bin/npm'), 0o755);
  return home;
}

const planIn = (home: string, ...argv: readonly string[]): Promise<Ended> =>
  runCommand(plan, argv, {
    cwd: join(home, 'app'),
    env: {
      PATH: `${home}/bin:${process.env['PATH'] ?? ''}`,
      HOME: home,
      SEATRIAL_LOCKS: join(home, 'locks'),
    },
  });

const releases = Object.fromEntries(
  ['1.0.0', '1.1.0', '2.0.0'].map((version) => [`app/releases/${version}/main.mjs`, version]),
);

async function makeRepository(): Promise<string> {
  const home = await makeFolder(`{ git: ../repository }`);
  const repository = join(home, 'repository');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: repository,
      stdio: 'ignore',
    });
  await mkdir(repository);
  git('init', '--quiet');
  for (const version of ['1.0.0', '1.1.0', '2.0.0']) {
    await writeFile(join(repository, 'main.mjs'), version);
    git('add', '-A');
    git('commit', '--quiet', '-m', version);
    git('tag', `v${version}`);
  }
  return home;
}

describe.concurrent.each([
  ['npm', () => makeFolder('{ npm: shop }')],
  ['git tags', makeRepository],
  ['folders', () => makeFolder('{ directory: releases }', releases)],
] as const)('%s', (_origin, make) => {
  test.for(['--head', '--base'])(
    'a version that does not exist after %s: exit 2 and near ones',
    async (option, { expect: check }) => {
      const ended = await planIn(await make(), option, '1.1.7');
      check(ended.code, ended.err).toBe(2);
      check(ended.err).toContain(`${option}: "1.1.7" is no release`);
      check(ended.err).toMatch(/hint: published: 1\.0\.0, 1\.1\.0, 2\.0\.0/);
    },
  );

  test('versions that exist give a plan', async ({ expect: check }) => {
    const ended = await planIn(await make(), '--base', '1.0.0', '--head', '2.0.0');
    check(ended.code, ended.err).toBe(0);
  });
});

test('a registry that does not know the package is no mistake in a version', async () => {
  const home = await makeFolder('{ npm: shop-of-nobody }');
  await expect(planIn(home, '--head', '1.0.0')).rejects.toMatchObject({ code: 'not-found' });
});

describe('npm', () => {
  test('versions that were prepared once need no network, and others do', async () => {
    const home = await makeFolder('{ npm: shop }');
    const asked = ['--base', '1.1.0', '--head', '2.0.0', '--json'];
    const first = await planIn(home, ...asked);
    await writeFile(join(home, 'offline'), '');
    const again = await planIn(home, ...asked);
    expect(again.code, again.err).toBe(0);
    const [planned, plannedAgain] = [first, again].map(
      ({ out }) => JSON.parse(out) as { base: object; head: object },
    );
    expect(plannedAgain).toMatchObject({ base: planned?.base, head: planned?.head });
    const installed = (await readFile(join(home, 'npm.log'), 'utf8')).match(/^install /gm);
    expect(installed).toHaveLength(2);
    const offline = { name: 'WorldError', code: 'network' };
    await expect(planIn(home, '--base', '1.0.0', '--head', '2.0.0')).rejects.toMatchObject(offline);
    await expect(planIn(home, '--base', '1.1.0', '--head', 'latest')).rejects.toMatchObject(
      offline,
    );
    await expect(planIn(home, '--head', '2.0.0')).rejects.toMatchObject(offline);
  });

  test('a release whose dependencies are gone: the hint says what to do', async () => {
    const home = await makeFolder('{ npm: shop }');
    await writeFile(join(home, 'broken'), '');
    await expect(planIn(home, '--head', '2.0.0')).rejects.toMatchObject({
      code: 'not-found',
      message: 'npm could not install shop@2.0.0: E404',
      hint: expect.stringContaining('source.overrides') as string,
    });
  });

  test('overrides reach npm, and make another tree', async () => {
    const home = await makeFolder('{ npm: shop, overrides: { left-pad: 1.3.0 } }');
    expect((await planIn(home, '--base', '1.1.0', '--head', '2.0.0')).code).toBe(0);
    const log = await readFile(join(home, 'npm.log'), 'utf8');
    expect(log.match(/"overrides":\{"left-pad":"1.3.0"\}/g)).toHaveLength(2);
    const manifest = join(home, 'app/seatrial.yaml');
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('1.3.0', '1.2.0'));
    expect((await planIn(home, '--base', '1.1.0', '--head', '2.0.0')).code).toBe(0);
    const all = await readFile(join(home, 'npm.log'), 'utf8');
    expect(all.match(/"overrides":\{"left-pad":"1.2.0"\}/g)).toHaveLength(2);
  });

  test('a head that excludes this Node is told before anything is deployed', async () => {
    const home = await makeFolder('{ npm: shop }');
    await expect(planIn(home, '--head', '3.0.0')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(
        /^npm:shop@3\.0\.0 needs Node >=99, and this is \d+/,
      ) as string,
    });
    // Programs of their own bring a Node of their own.
    const manifest = join(home, 'app/seatrial.yaml');
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace("'{node}'", "'/opt/node99/bin/node'"));
    expect((await planIn(home, '--head', '3.0.0')).code).toBe(0);
  });
});

const fake = (app: string, more = ''): string => `seatrial: 1
app: ${app}
driver: fake
source: { directory: releases }
${more}`;

const refusals: readonly [string, string, Readonly<Record<string, string>>, RegExp][] = [
  ['driver process', '', {}, /driver process deploys one app/],
  [
    'a warm one',
    fake('shop', 'dependencies: [{ app: sso, warm: true }]\n'),
    {},
    /nothing is kept between runs/,
  ],
  [
    'another driver',
    fake('shop', 'dependencies: [{ app: sso }]\n'),
    { 'sso/seatrial.yaml': fake('sso').replace('fake', 'swarm') },
    /sso has driver swarm, and the app fake/,
  ],
  [
    'another name',
    fake('shop', 'dependencies: [{ app: sso }]\n'),
    { 'sso/seatrial.yaml': fake('idp') },
    /folder sso is that of idp/,
  ],
  [
    'dependencies of its own',
    fake('shop', 'dependencies: [{ app: sso }]\n'),
    { 'sso/seatrial.yaml': fake('sso', 'dependencies: [{ app: notes }]\n') },
    /sso has dependencies of its own/,
  ],
];

describe('apps beside the app', () => {
  test('have a manifest somewhere', async () => {
    const text = fake('shop', 'dependencies: [{ app: nobody-knows }]\n');
    const home = await makeFolder('', { ...releases, 'app/seatrial.yaml': text });
    await expect(planIn(home)).rejects.toThrow('invalid input');
  });

  const sso = { 'sso/seatrial.yaml': fake('sso'), 'sso/releases/7.0.0/main.mjs': '7.0.0' };

  test('are planned with the release, the name and the environment that they get', async () => {
    const needs = 'dependencies: [{ app: sso, as: idp, env: { ZONE: example.org } }]\n';
    const app = { 'app/seatrial.yaml': fake('shop', needs) };
    const home = await makeFolder('', { ...releases, ...sso, ...app });
    const { out } = await planIn(home, '--json');
    const { dependencies, instance } = JSON.parse(out) as {
      readonly instance: string;
      readonly dependencies: readonly { readonly instance: string }[];
    };
    expect(dependencies).toMatchObject([
      {
        as: 'idp',
        app: 'sso',
        release: { version: '7.0.0' },
        manifest: { env: { ZONE: 'example.org' } },
      },
    ]);
    expect(dependencies[0]?.instance).toMatch(/^sso-[0-9a-f]{6}$/);
    expect(dependencies[0]?.instance).not.toBe(instance);
    expect((await planIn(home)).out).toMatch(/beside the app[^]*idp: sso dir:\S*7\.0\.0/);
  });

  test.each(refusals)('are refused, not left out: %s', async (_title, text, files, said) => {
    const app = text === '' ? {} : { 'app/seatrial.yaml': text };
    const home = await makeFolder('{ directory: releases }', {
      ...releases,
      ...sso,
      ...app,
      ...files,
    });
    const manifest = join(home, 'app/seatrial.yaml');
    if (text === '')
      await writeFile(
        manifest,
        `${await readFile(manifest, 'utf8')}dependencies: [{ app: sso }]\n`,
      );
    const { code, err } = await planIn(home);
    expect(code).toBe(2);
    expect(err).toMatch(said);
  });
});

test('a folder after --head is meant from where the command is typed', async () => {
  const home = await makeFolder('{ directory: releases }', {
    ...releases,
    'changes/3/main.mjs': '3.0.0',
  });
  const argv = ['--manifest', 'app/seatrial.yaml', '--head', 'dir:changes/3', '--json'];
  const { code, out, err } = await runCommand(plan, argv, {
    cwd: home,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, SEATRIAL_LOCKS: join(home, 'locks') },
  });
  expect(code, err).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ head: { ref: 'dir:../changes/3' } });
});
