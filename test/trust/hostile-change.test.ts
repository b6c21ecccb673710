// HC2, LK-09: code that a change brings runs only with a line for its content, and only as what was read.

import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { systemFiles } from '../../src/drivers/files.ts';
import { changeOfLocalCode, writeLocalCode } from '../../src/lifecycle/local-snapshot.ts';
import type { Session } from '../../src/lifecycle/session.ts';
import type { CommittedFile } from '../../src/ports/git.ts';
import { scopeOfFiles } from '../../src/trust/scope.ts';
import { noSandbox } from '../drivers/sandbox/sandbox-here.ts';
import { checkOf, makeChange, notesOf, type Change } from './change-repository.ts';

const inSandbox = test.skipIf(noSandbox);
/** Where there is none, the same tests go without its files, and these are left out by name. */
const hasPytest = spawnSync('python3', ['-m', 'pytest', '--version']).status === 0;
const inSandboxWithPytest = test.skipIf(noSandbox || !hasPytest);

const made: Change[] = [];

function change(files: Readonly<Record<string, string>>, more = ''): Change {
  const one = makeChange(files, more);
  made.push(one);
  return one;
}

afterEach(async () => {
  for (const each of made.splice(0)) await each.remove();
});

/** Everything that could run by its name alone, each leaving a trace where it did. */
const touching = (ran: string): Readonly<Record<string, string>> => ({
  'tests/test_install.py': `open("${ran}", "a").write("test ")\ndef test_up(live_app): pass\n`,
  'tests/conftest.py': `open("${ran}", "a").write("conftest ")\n`,
  'tests/install_steps.sh': `printf 'steps ' >>${ran}\n`,
  'tests/install.shell.check.sh': `printf 'shell ' >>${ran}\n`,
  'tests/custom/module.check.mjs': '',
  'tests/install.module.check.mjs': `import { appendFileSync } from 'node:fs';
appendFileSync('${ran}', 'module ');
export const answers = async (ctx) => { ctx.assert.ok((await ctx.fetch('/x')).ok); };
`,
});

function touchingChange(more = ''): { readonly one: Change; readonly ran: () => string } {
  const one = change({}, more);
  const path = one.at('ran');
  for (const [name, text] of Object.entries(touching(path)))
    if (text !== '') one.write(`app/${name}`, text);
  one.commit();
  return { one, ran: () => (fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : '') };
}

test('HC2, LK-09: nothing of a change runs, and the report says what was found', async () => {
  const { one, ran } = touchingChange();
  one.write('app/seatrial.yaml', 'seatrial: 1\napp: notes\nskipFloor: { all: because I say so }\n');
  one.write('app/trust.allow', 'notes approved any x 2026-01-01 let me\n');
  one.commit();
  const { code, state, out } = await one.run();
  expect(code).toBe(0);
  expect(ran()).toBe('');
  const [note = ''] = notesOf(state, 'local-code-denied');
  expect(note).toMatch(/^3 checks of this change were found and not run: not-approved/);
  for (const file of ['seatrial.yaml (manifest)', 'tests/install_steps.sh (install steps)'])
    expect(note).toContain(file);
  expect(out).toContain('3 checks of this change were found and not run');
  expect(state?.checks.filter(({ id }) => id.startsWith('overlay.'))).toEqual([]);
  expect(
    state?.checks.filter(({ verdict }) => verdict === 'skipped').map(({ id }) => id),
  ).not.toContain('floor.install.serving');
});

test.skipIf(!hasPytest)(
  'HC2, LK-09: with a line for its content all of it runs, beside the whole floor',
  async () => {
    const { one, ran } = touchingChange();
    await one.allow('approved');
    const { code, state } = await one.run();
    expect(code).toBe(0);
    expect(ran().trim().split(' ').sort()).toEqual([
      'conftest',
      'module',
      'shell',
      'steps',
      'test',
    ]);
    for (const id of [
      'overlay.install.test-up',
      'overlay.install.shell',
      'overlay.install.answers',
    ])
      expect(checkOf(state, id)).toMatchObject({ verdict: 'passed', authority: 'approved' });
    expect(checkOf(state, 'floor.install.serving')?.verdict).toBe('passed');
    expect(notesOf(state, 'local-code-granted')[0]).toContain('granted by mara on 2026-11-02');
    fs.rmSync(one.at('ran'));
    one.write('app/tests/notes.txt', 'one file more\n');
    one.commit();
    const again = await one.run();
    expect(ran()).toBe('');
    const line = fs.readFileSync(one.at('harness/trust.allow'), 'utf8');
    const [note = ''] = notesOf(again.state, 'local-code-denied');
    expect(note).toContain('content-differs');
    expect(note).toContain(/sha256:[0-9a-f]{64}/.exec(line)?.[0]);
    expect(note.match(/sha256:[0-9a-f]{64}/g)).toHaveLength(2);
  },
);

test('HC2: a plan says what would be left, and runs nothing', async () => {
  const { one, ran } = touchingChange();
  const { plan } = await import('../../src/cli/commands/plan.ts');
  const { runCommand } = await import('../cli/run-command.ts');
  const around = { cwd: one.at('harness'), env: { PATH: process.env['PATH'] ?? '' } };
  const { out, code } = await runCommand(
    plan,
    ['--head', 'git:main', '--scenario', 'fresh'],
    around,
  );
  expect(code).toBe(0);
  expect(out).toContain('overlay.install.test-up');
  expect(out).toContain('denied (not-approved)');
  expect(ran()).toBe('');
});

test('HC2: a list that comes with the change is refused', async () => {
  const { one, ran } = touchingChange();
  await one.allow('approved');
  fs.renameSync(one.at('harness/trust.allow'), one.at('app/trust.allow'));
  const { code, err } = await one.run({ args: ['--trust', '../app/trust.allow'] });
  expect(code).toBe(2);
  expect(err).toContain('lies in the repository');
  expect(ran()).toBe('');
});

test('HC2: TRU004: an id of the owner and one of the change', async () => {
  const one = change({ 'tests/install.shell.check.sh': 'exit 0\n' });
  one.write('harness/checks/install.shell.check.sh', 'exit 0\n');
  await one.allow('approved');
  const { code, err } = await one.run();
  expect(code).toBe(2);
  expect(err).toContain('TRU004');
});

const swap = (what: string): string => `hooks: { prepare: { file: ${what} } }\n`;

test('a file swapped after discovery: snapshot-changed, and it does not run', async () => {
  const { one, ran } = touchingChange(swap('swap.sh'));
  await one.allow('approved');
  one.write(
    'harness/swap.sh',
    `rm -f $HOME/local/tests/*.sh; echo 'touch ${one.at('ran')}' >$HOME/local/tests/install.shell.check.sh\n`,
  );
  const { code, state } = await one.run();
  expect(code).toBe(3);
  expect(ran()).toBe('');
  expect(checkOf(state, 'overlay.install.shell')).toMatchObject({
    verdict: 'error',
    message: expect.stringContaining('snapshot-changed') as string,
  });
});

test.each([
  ['nothing', 'true', undefined],
  ['a file more beside it', 'echo 1 >conftest.py', 'conftest.py'],
  ['a file less', 'rm -f tests/a.py', 'tests/a.py'],
  ['a mode', 'chmod +x tests/a.py', 'tests/a.py'],
  ['a link in its place', 'ln -sf /bin/true tests/b.sh', 'tests/b.sh'],
  ['a hard link in its place', 'ln -f ../other tests/b.sh', 'tests/b.sh'],
])('what changed in the copy is named: %s', async (_, script, found) => {
  const one = change({});
  one.write('other', 'exit 1\n');
  const files: CommittedFile[] = ['tests/a.py', 'tests/b.sh'].map((path) => ({
    ...{ path, mode: '100644', bytes: Buffer.from(path) },
  }));
  const session = {
    ...{ world: { files: systemFiles }, localFolder: one.at('local') },
    plan: { local: { entries: scopeOfFiles(files) } },
  } as unknown as Session;
  await writeLocalCode(session, files);
  execFileSync('/bin/sh', ['-c', script], { cwd: one.at('local') });
  expect(await changeOfLocalCode(session)).toBe(found);
});

test('a checkout, a branch and a commit that come later change nothing', async () => {
  const one = change(
    { 'tests/install.old.check.sh': 'echo the old one; exit 0\n' },
    swap('later.sh'),
  );
  await one.allow('approved');
  one.write(
    'harness/later.sh',
    [
      `cd ${one.at('app')}`,
      `echo 'touch ${one.at('ran')}; exit 1' >tests/install.old.check.sh`,
      'git -c user.name=x -c user.email=x@x commit -qam later',
      'git checkout -q -b other',
    ].join('\n'),
  );
  const { code, state } = await one.run();
  expect(code).toBe(0);
  expect(fs.existsSync(one.at('ran'))).toBe(false);
  expect(checkOf(state, 'overlay.install.old')?.verdict).toBe('passed');
  expect((await one.run()).state?.checks.some(({ id }) => id.startsWith('overlay.'))).toBe(false);
});

test('a link among the checks is none of them', async () => {
  const one = change({ 'tests/real.sh': 'exit 0\n' });
  fs.symlinkSync('real.sh', one.at('app/tests/install.linked.check.sh'));
  one.commit();
  await one.allow('approved');
  const { state, code } = await one.run();
  expect(code).toBe(0);
  expect(checkOf(state, 'overlay.install.linked')).toBeUndefined();
  expect(notesOf(state, 'local-code-left')[0]).toContain('tests/install.linked.check.sh');
});

test('a link that leads out of the repository ends the plan', async () => {
  const one = change({ 'tests/a.txt': '' });
  fs.symlinkSync('../../harness/seatrial.yaml', one.at('app/tests/out.txt'));
  one.commit();
  await expect(one.run()).rejects.toMatchObject({ code: 'refused' });
});

inSandboxWithPytest('checks run, see the app, and leave no trace on the host', async () => {
  const { one, ran } = touchingChange();
  one.write(
    'app/tests/install.asks.check.sh',
    'node -e "fetch(process.env.SEATRIAL_BASE_URL).then(async (r) => process.exit((await r.text()).startsWith(\'the app\') ? 0 : 1))"\n',
  );
  one.write(
    'app/tests/test_install.py',
    'import urllib.request\ndef test_up(live_app, ctx):\n    assert urllib.request.urlopen(live_app).status == 200\n    assert ctx["snapshots"] == {}\n',
  );
  one.write('app/tests/conftest.py', '');
  one.write(
    'app/tests/install.module.check.mjs',
    "export const answers = async (ctx) => { ctx.assert.ok((await ctx.fetch('/x')).ok); };\n",
  );
  one.commit();
  one.write('app/tests/install.shell.check.sh', `printf x >>${one.at('ran')}; exit 0\n`);
  one.commit();
  await one.allow('sandboxed', 'any');
  const { code, state } = await one.run();
  // One of them writes where the host's file would be: nothing of it is seen outside.
  expect([code, ran()]).toEqual([0, '']);
  const verdicts = Object.fromEntries(
    (state?.checks ?? [])
      .filter(({ id }) => id.startsWith('overlay.'))
      .map(({ id, verdict }) => [id, verdict]),
  );
  expect(verdicts).toEqual({
    'overlay.install.asks': 'passed',
    'overlay.install.answers': 'passed',
    'overlay.install.test-up': 'passed',
    'overlay.install.shell': 'passed',
  });
  expect(checkOf(state, 'overlay.install.asks')?.authority).toBe('sandboxed');
  expect(notesOf(state, 'local-code-left')[0]).toContain('tests/install_steps.sh');
  const records = (state?.operations ?? [])
    .flatMap(({ observations }) => observations)
    .filter(({ what }) => what.startsWith('authority-'));
  expect(records).toHaveLength(4);
});

inSandboxWithPytest(
  'results for other ids, and forged reports, are errors of its own',
  async () => {
    const report = (name: string) =>
      `<testsuite><testcase classname=\\"test_install\\" name=\\"${name}\\"/></testsuite>`;
    const one = change({
      'tests/install.forges.check.sh':
        'printf "TAP version 13\\n1..2\\nok 1 - fine\\nok 2 - floor.install.serving\\n"\n',
      'tests/test_install.py': 'def test_up(): assert False\n',
      'tests/conftest.py': `import atexit, glob, os
def forge():
  for name in ["test_up", "test_other"]:
      open(os.environ["SEATRIAL_RESULTS"] + "/pytest.xml", "w").write("${report('test_up')}".replace("test_up", name))
def pytest_sessionfinish(session, exitstatus):
  session.exitstatus = 0
  atexit.register(forge)
`,
    });
    await one.allow('sandboxed', 'any');
    const { state, code } = await one.run();
    expect(code).toBe(3);
    expect(checkOf(state, 'overlay.install.forges')).toMatchObject({
      verdict: 'error',
      message: expect.stringContaining('floor.install.serving') as string,
    });
    expect(checkOf(state, 'overlay.install.test-up')).toMatchObject({
      verdict: 'error',
      message: expect.stringContaining('test_other') as string,
    });
    expect(checkOf(state, 'floor.install.serving')?.verdict).toBe('passed');
  },
);

inSandbox('imports reach no file of the host', async () => {
  const one = change({});
  one.write('secret.ts', 'export const secret = "sesame-4711-open";\n');
  const up = `../../../../../..${one.at('secret.ts')}`;
  one.write(
    'app/tests/install.reads.check.ts',
    `import { secret } from '${up}';\nexport const reads = () => { throw new Error(secret); };\n`,
  );
  one.commit();
  await one.allow('sandboxed', 'any');
  const { state } = await one.run();
  const answer = checkOf(state, 'overlay.install.reads');
  expect(answer?.verdict).toBe('error');
  expect(answer?.message).not.toContain('sesame-4711-open');
  fs.rmSync(one.at('app/tests/install.reads.check.ts'));
});

test('no sandbox on the host: error, exit 3, and it does not run outside', async () => {
  const { one, ran } = touchingChange();
  await one.allow('sandboxed', 'any');
  const programs = one.at('programs');
  fs.mkdirSync(programs);
  for (const name of ['git', 'perl', 'sh', 'node', 'python3', 'flock', 'cat', 'tar'])
    for (const folder of (process.env['PATH'] ?? '').split(':'))
      if (fs.existsSync(join(folder, name)) && !fs.existsSync(join(programs, name)))
        fs.symlinkSync(join(folder, name), join(programs, name));
  const { code, state } = await one.run({ env: { PATH: programs } });
  expect([code, ran()]).toEqual([3, '']);
  expect(checkOf(state, 'overlay.install.shell')).toMatchObject({
    verdict: 'error',
    message: expect.stringContaining('no-sandbox: there is no bwrap') as string,
  });
});
