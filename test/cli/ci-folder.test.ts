// An existing recipe CI folder runs as it stands: on a real engine, with the recipe from its repository.

import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { manifestImport } from '../../src/cli/commands/manifest-import.ts';
import { run } from '../../src/cli/commands/run.ts';
import { openRun } from '../../src/cli/store.ts';
import { cliConfig, engineHost } from '../drivers/docker/engine-here.ts';
import { runCommand, type Ended } from './run-command.ts';

let root = '';
const at = (path: string): string => join(root, path);

function write(path: string, text: string): void {
  fs.mkdirSync(dirname(at(path)), { recursive: true });
  fs.writeFileSync(at(path), text);
}

const git = (...args: string[]): void => {
  execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@x', ...args], { cwd: at('site') });
};

const compose = (version: string): string => `version: "3.8"
services:
  app:
    image: seatrial-fixture/busybox:1
    command: ["sh", "-c", "mkdir -p /tmp/www && echo $$GREETING ${version} >/tmp/www/index.html && exec busybox httpd -f -p 8080 -h /tmp/www"]
    environment:
      - GREETING
    ports:
      - target: 8080
        published: \${PORT}
        mode: host
    deploy:
      labels:
        - "coop-cloud.\${STACK_NAME}.version=${version}"
`;

const meta = `"""How the site is tested."""
HEALTH_PATH = "/"
HEALTH_OK = (200,)
DEPLOY_TIMEOUT = 120
HTTP_TIMEOUT = 60
CHAOS_BASE_DEPLOY = True


def EXTRA_ENV(ctx):
    return {"GREETING": "hello-from-" + ctx.recipe}
`;

const port = 20_000 + (process.pid % 10_000);

beforeAll(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'seatrial-ci-'));
  write('site/.env.sample', `TYPE=site\nGREETING=nothing\nPORT=${String(port)}\nSTACK_NAME=\n`);
  write('site/compose.yml', compose('1.0.0+1'));
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-qm', 'one');
  git('tag', '1.0.0+1');
  write('site/compose.yml', compose('1.1.0+1'));
  git('commit', '-qam', 'two');
  write('ci/tests/repo-local-approved.txt', 'site\n');
  write('ci/tests/site/recipe_meta.py', meta);
  write('ci/tests/site/install_steps.sh', `echo "$SEATRIAL_APP" >${at('steps-ran')}\n`);
  write(
    'ci/tests/site/ops.py',
    `def pre_upgrade(ctx):\n    open("${at('ops-ran')}", "w").write(ctx.domain)\n`,
  );
  const get = 'urllib.request.urlopen(live_app).read().decode()';
  write(
    'ci/tests/site/test_install.py',
    `import os\nimport urllib.request\nfrom recipe_meta import HEALTH_PATH\n\ndef test_greets(live_app):\n    assert os.environ["CCCI_BASE_URL"] == live_app and HEALTH_PATH == "/"\n    assert "hello-from-site 1.0.0+1" in ${get}\n`,
  );
  write(
    'ci/tests/site/test_upgrade.py',
    `import urllib.request\n\ndef test_is_new(live_app):\n    assert "1.1.0+1" in ${get}\n`,
  );
  write(
    'ci/tests/site/functional/test_page.py',
    'import urllib.request\n\ndef test_page(live_app):\n    assert urllib.request.urlopen(live_app).status == 200\n',
  );
});

afterAll(() => {
  fs.rmSync(root, { recursive: true, force: true });
});

const hasPytest = spawnSync('python3', ['-m', 'pytest', '--version']).status === 0;
const ask = (args: readonly string[]): Promise<Ended> =>
  runCommand(run, [...args, '-q', '--store', at('store')], {
    cwd: root,
    env: {
      ...(process.env as Record<string, string>),
      SEATRIAL_LOCKS: at('locks'),
      ...(engineHost === undefined ? {} : { SEATRIAL_DOCKER_HOST: engineHost }),
      ...(cliConfig === undefined ? {} : { SEATRIAL_DOCKER_CONFIG: cliConfig }),
      STAGES: 'install,upgrade,custom',
    },
  });

test.skipIf(engineHost === undefined || !hasPytest)(
  'B.1: a recipe CI folder runs on a real engine as it stands',
  { timeout: 240_000 },
  async () => {
    const args = ['site', '--ci-folder', 'ci/tests/site', '--driver', 'compose', '--local-images'];
    const { code, out, err } = await ask(args);
    expect(err).toContain('CHAOS_BASE_DEPLOY: not used');
    const { state } = await openRun(at('store'), undefined);
    const verdicts = state.checks
      .filter(({ source }) => source === 'overlay')
      .map(({ id, verdict, message }) => [id, verdict, verdict === 'passed' ? '' : message]);
    expect(verdicts).toEqual([
      ['overlay.install.test-greets', 'passed', ''],
      ['overlay.upgrade.test-is-new', 'passed', ''],
      ['overlay.custom.test-page', 'passed', ''],
    ]);
    expect(fs.readFileSync(at('steps-ran'), 'utf8')).toBe('site\n');
    expect(fs.existsSync(at('ops-ran'))).toBe(true);
    expect([code, out.includes('PASSED')]).toEqual([0, true]);
  },
);

test('`manifest import` writes it into a folder, and never over what is there', async () => {
  const args = ['ci/tests/site', '--recipe', 'site', '--out', 'imported'];
  const { code, out } = await runCommand(manifestImport, args, { cwd: root });
  expect(code).toBe(0);
  expect(out).toContain('checks/functional/test_page.py');
  expect(out).toContain('CHAOS_BASE_DEPLOY: not used');
  expect(fs.readFileSync(at('imported/seatrial.yaml'), 'utf8')).toContain(`git: ${at('site')}`);
  expect(fs.readFileSync(at('imported/trust.allow'), 'utf8')).toContain('# site  approved');
  expect((await runCommand(manifestImport, args, { cwd: root })).code).toBe(2);
});

test.each([
  ['no folder', ['absent', '--recipe', 'site'], 'is not a folder'],
  ['another folder', ['site', '--recipe', 'site'], 'is no recipe CI folder'],
  ['no recipe', ['ci/tests/site'], '--recipe names'],
])('%s: exit 2', async (_, args, message) => {
  const { code, err } = await runCommand(manifestImport, args, { cwd: root });
  expect([code, err.includes(message)]).toEqual([2, true]);
});

test('a link in the folder is refused', async () => {
  fs.mkdirSync(at('linked/site'), { recursive: true });
  fs.symlinkSync('/etc/passwd', at('linked/site/test_install.py'));
  const args = ['linked/site', '--recipe', 'site', '--out', 'never'];
  const { code, err } = await runCommand(manifestImport, args, { cwd: root });
  expect([code, err.includes('no plain file')]).toEqual([2, true]);
});

test.each([
  ['with a manifest', ['site', '--ci-folder', 'ci/tests/site', '--manifest', 'x.yaml']],
  ['without a recipe', ['--ci-folder', 'ci/tests/site']],
])('--ci-folder %s: exit 2', async (_, args) => {
  expect((await ask(args)).code).toBe(2);
});
