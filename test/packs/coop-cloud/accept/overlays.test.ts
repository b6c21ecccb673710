// Rows of the failure table of Co-op Cloud that any driver shows: overlays that answer nothing are never
// taken for a pass, and hooks do what the app's checks lean on.

import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkOf, makeChange, type Change } from '../../../trust/change-repository.ts';

const hasPytest = spawnSync('python3', ['-m', 'pytest', '--version']).status === 0;

const made: Change[] = [];
afterAll(async () => {
  for (const each of made.splice(0)) await each.remove();
});

/** The owner's app, with these files beside its manifest. */
function owned(
  files: Readonly<Record<string, string>>,
  more = '',
  app: Readonly<Record<string, string>> = {},
): Change {
  const one = makeChange(app, more);
  for (const [path, text] of Object.entries(files))
    one.write(`harness/${path}`, text, path.endsWith('.check') ? 0o755 : 0o644);
  made.push(one);
  return one;
}

const programOf = (name: string): string =>
  spawnSync('which', [name], { encoding: 'utf8' }).stdout.trim();

const tap = (...lines: readonly string[]): string => `#!/bin/sh
echo 'TAP version 13'
${lines.map((line) => `echo '${line}'`).join('\n')}
`;

describe.concurrent('overlays that answer nothing', () => {
  test('FG-11: a dependency is not ready, every test skips, the runner ends with 0', async () => {
    const one = owned({
      'checks/install.signs-in.check': tap('1..1', 'ok 1 - signs in # SKIP no identity provider'),
      'checks/install.asks.check.sh': 'echo no identity provider; exit 77\n',
    });
    const { code, state } = await one.run();
    expect(code).toBe(3);
    for (const id of ['overlay.install.signs-in', 'overlay.install.asks'])
      expect(checkOf(state, id)?.verdict, id).toBe('inconclusive');
    expect(state?.verdict).toBe('inconclusive');
  });

  test.skipIf(!hasPytest)('FG-11: the same with pytest', async () => {
    const one = owned({
      'checks/test_install.py': `import pytest

@pytest.fixture
def provider():
    pytest.skip("the identity provider is not ready")

def test_signs_in(provider):
    assert False
`,
    });
    const { code, state } = await one.run();
    expect(code).toBe(3);
    expect(checkOf(state, 'overlay.install.test-signs-in')).toMatchObject({
      verdict: 'inconclusive',
      message: expect.stringContaining('not ready') as string,
    });
  });
});

describe.concurrent('overlays that answer nothing', () => {
  test('FG-12: tests that went away after they were planned', async () => {
    const one = owned(
      {
        'checks/install.answers.check': '#!/bin/sh\nexit 0\n',
        'prepare.sh': "printf '#!/bin/sh\\nexit 0\\n# less\\n' >checks/install.answers.check\n",
      },
      'hooks: { prepare: { file: prepare.sh } }\n',
    );
    const { code, state } = await one.run();
    expect(code).toBe(3);
    expect(checkOf(state, 'overlay.install.answers')).toMatchObject({
      verdict: 'error',
      message: expect.stringContaining('not the file that was planned') as string,
    });
  });

  test('FG-12: a runner that ends with 0 and tells of no test', async () => {
    const one = owned({ 'checks/install.answers.check': tap('1..0') });
    const { code, state } = await one.run();
    expect(code).toBe(3);
    expect(checkOf(state, 'overlay.install.answers')).toMatchObject({
      verdict: 'inconclusive',
      message: expect.stringContaining('no case') as string,
    });
  });

  test('FG-12: a host without pytest', async () => {
    const one = owned({ 'checks/test_install.py': 'def test_up(): pass\n' });
    const programs = one.at('programs');
    mkdirSync(programs);
    for (const name of ['git', 'perl', 'sh', 'node', 'flock', 'cat', 'tar'])
      symlinkSync(programOf(name), join(programs, name));
    const { code, state } = await one.run({ env: { PATH: programs } });
    expect(code).toBe(3);
    expect(checkOf(state, 'overlay.install.test-up')).toMatchObject({
      verdict: 'error',
      message: expect.stringContaining('no python3') as string,
    });
  });
});

test('DG4, DG5: a step of preparation that is missing is red, and green when it is there', async () => {
  const greets = `import { createServer } from 'node:http';
createServer((_, response) => response.end('hello ' + process.env.WHOM)).listen(
  Number(process.argv[2]), '127.0.0.1');
`;
  const check = `export const greets = async ({ fetch, assert }) => {
  assert.equal(await (await fetch('/')).text(), 'hello Mara');
};
`;
  const app = (files: Readonly<Record<string, string>>, more = ''): Change =>
    owned({ 'checks/install.greets.check.mjs': check, ...files }, more, { 'main.mjs': greets });
  const without = await app({}).run();
  expect([without.code, checkOf(without.state, 'overlay.install.greets')?.verdict]).toEqual([
    1,
    'failed',
  ]);
  const hooks = 'hooks: { prepare: { file: prepare.sh } }\n';
  const { code, state } = await app({ 'prepare.sh': 'echo "env WHOM=Mara" >&3\n' }, hooks).run();
  expect(code).toBe(0);
  expect(state?.deployments).toBe(1);
  const ids = state?.checks.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(['overlay.install.greets', 'floor.install.serving']));
});
