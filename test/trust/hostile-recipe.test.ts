// HC2: what a recipe of a change may try against its host and its neighbours. All of it is known before
// anything is deployed, and ends the command with 2.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plan } from '../../src/cli/commands/plan.ts';
import { runCommand, type Ended } from '../cli/run-command.ts';
import { engineHost } from '../drivers/docker/engine-here.ts';
import { changed, good, lint, told, type Tree } from '../recipe/recipe-fixture.ts';

const compose = (...changes: readonly (readonly [string, string])[]): Tree =>
  changed('compose.yml', ...changes);
/** Lines of the service that publishes nothing. */
const db = (lines: string): Tree =>
  compose(['    image: postgres:15', `    image: postgres:15\n${lines}`]);
const label = (text: string): Tree =>
  compose([
    '        - "traefik.enable=true"',
    `        - ${text}\n        - "traefik.enable=true"`,
  ]);

type Attempt = {
  readonly title: string;
  readonly tree: Tree;
  readonly code: string;
  /** A line of `hostAccess` in the owner's own manifest lets it through. */
  readonly allow?: string;
};

const mount = (path: string): Attempt => ({
  title: `the host's ${path}`,
  tree: db(`    volumes: ["${path}:/host"]`),
  code: 'RCP022',
  allow: `mount: ${path}`,
});

const attempts: readonly Attempt[] = [
  mount('/'),
  mount('/etc'),
  mount('/var/run/docker.sock'),
  {
    title: 'every right',
    tree: db('    privileged: true'),
    code: 'RCP022',
    allow: 'capability: privileged',
  },
  { title: 'a device', tree: db('    devices: ["/dev/sda"]'), code: 'RCP022' },
  {
    title: 'a right of the kernel',
    tree: db('    cap_add: [SYS_ADMIN]'),
    code: 'RCP022',
    allow: 'capability: SYS_ADMIN',
  },
  { title: 'the processes of the host', tree: db('    pid: host'), code: 'RCP022' },
  { title: 'the memory of the host', tree: db('    ipc: host'), code: 'RCP022' },
  { title: 'the network of the host', tree: db('    network_mode: host'), code: 'RCP022' },
  {
    title: 'a config from outside',
    tree: compose(['file: app.conf.tmpl', 'file: ../../etc/passwd']),
    code: 'RCP020',
  },
  {
    title: 'a config by an absolute path',
    tree: compose(['file: app.conf.tmpl', 'file: /etc/passwd']),
    code: 'RCP020',
  },
  { title: 'variables from a file', tree: db('    env_file: /etc/environment'), code: 'RCP020' },
  {
    title: 'another file extended',
    tree: db('    extends: {file: ../x.yml, service: x}'),
    code: 'RCP020',
  },
  {
    title: 'the volume of another stack',
    tree: compose(['volumes:\n  data:', 'volumes:\n  data: {external: true, name: other_data}']),
    code: 'RCP033',
  },
  {
    title: 'the secret of another stack',
    tree: compose(['name: ${STACK_NAME}_db_password', 'name: other_db_password']),
    code: 'RCP033',
  },
  { title: 'a label of the harness', tree: label('"seatrial.run=x"'), code: 'RCP033' },
  { title: 'a label of the engine', tree: label('"com.docker.stack.namespace=x"'), code: 'RCP033' },
  {
    title: 'a rule for another host',
    tree: label('"traefik.http.routers.x.rule=Host(`cloud.somebody.net`)"'),
    code: 'RCP021',
  },
  {
    title: 'a rule for every host, before all others',
    tree: label(
      '"traefik.http.routers.x.rule=PathPrefix(`/`)"\n        - "traefik.http.routers.x.priority=9999"',
    ),
    code: 'RCP021',
  },
  {
    title: 'a pattern of hosts',
    tree: label('"traefik.http.routers.x.rule=HostRegexp(`.*`)"'),
    code: 'RCP021',
  },
];

test.each(attempts)('HC2: $title is told by the lint', ({ tree, code }) => {
  expect(lint(tree).map((problem) => told(problem).split(' ')[0])).toContain(code);
});

let root = '';
const git = (repository: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-C', repository, '-c', 'user.name=n', '-c', 'user.email=e@x', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

function commit(repository: string, tree: Tree): void {
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), text);
  }
  git(repository, 'add', '-A');
  git(repository, 'commit', '--quiet', '--allow-empty', '-m', 'c');
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'seatrial-hostile-recipe-'));
  const repository = join(root, 'notes');
  mkdirSync(repository);
  git(repository, 'init', '--quiet', '--initial-branch=main');
  commit(repository, good);
  git(repository, 'tag', '1.0.0+3.4');
  for (const [at, { tree }] of attempts.entries()) {
    git(repository, 'checkout', '--quiet', '-b', `attempt-${String(at)}`, 'main');
    commit(repository, tree);
  }
  git(repository, 'checkout', '--quiet', 'main');
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const planned = (at: number, hostAccess: string): Promise<Ended> => {
  const manifest = join(root, `owner-${String(at)}${hostAccess === '' ? '' : '-allows'}.yaml`);
  writeFileSync(
    manifest,
    `seatrial: 1\napp: notes\ndriver: swarm\nsource: { git: notes }\nresolveImage: never\n${hostAccess}`,
  );
  const argv = ['--manifest', manifest, '--head', `git:attempt-${String(at)}`, '--json'];
  const env = { PATH: process.env['PATH'] ?? '', SEATRIAL_DOCKER_HOST: engineHost ?? '' };
  return runCommand(plan, [...argv, '--store', join(root, 'store')], { cwd: root, env });
};

describe.skipIf(engineHost === undefined).concurrent('a plan of a hostile recipe', () => {
  test.for(attempts)('HC2: $title', async ({ title, allow, code }, { expect: check }) => {
    const at = attempts.findIndex((each) => each.title === title);
    const refused = await planned(at, '');
    check([refused.code, refused.err], refused.err).toEqual([
      2,
      expect.stringContaining(`error[${code}]`) as unknown,
    ]);
    if (allow === undefined) return;
    const allowed = await planned(at, `hostAccess: [{ ${allow}, reason: it is read by hand }]\n`);
    check(allowed.code, allowed.err).toBe(0);
  });
});
