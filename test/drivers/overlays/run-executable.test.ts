import { chmod, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { OverlayOutcome } from '../../../src/ports/overlays.ts';
import { isAlive, readStat } from '../../../src/drivers/process/proc.ts';
import { facts, makeChecksFolder, runOnly, textOf } from './checks-folder.ts';

// Starting a process can take long on a busy host.
vi.setConfig({ testTimeout: 20_000 });

const only = async (
  text: string,
  options: Parameters<typeof runOnly>[1] = {},
): Promise<OverlayOutcome> => {
  const outcomes = await runOnly({ 'upgrade.a.check': `#!/bin/sh\n${text}\n` }, options);
  expect(outcomes.map(({ id }) => id)).toEqual(['overlay.upgrade.a']);
  const [outcome] = outcomes;
  if (outcome === undefined) throw new Error('there is no outcome');
  return outcome;
};
const tap = (...lines: string[]) => `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')}`;
const junit = (inside: string) => `<testsuite><testcase name="a">${inside}</testcase></testsuite>`;

const table: [what: string, text: string, verdict: string, message: RegExp][] = [
  ['exit 0', 'exit 0', 'passed', /^exit code 0$/],
  ['exit 1', 'echo one; echo two >&2; exit 1', 'failed', /^exit code 1: two$/],
  ['exit 1 in silence', 'exit 1', 'failed', /^exit code 1$/],
  ['exit 77', 'exit 77', 'inconclusive', /77/],
  ['exit 2', 'exit 2', 'error', /exit code 2/],
  ['exit 127', 'no-such-program-here', 'error', /127/],
  ['a signal', 'kill -KILL $$', 'error', /SIGKILL/],
  ['passing TAP', tap('TAP version 14', '1..1', 'ok 1'), 'passed', /1 case passed/],
  ['TAP without version', tap('ok 1', '1..1'), 'passed', /1 case passed/],
  ['failing TAP, exit 0', tap('1..1', 'not ok 1 - x'), 'failed', /x.*exit code 0/],
  [
    'failing TAP, exit 1',
    `${tap('1..1', 'not ok 1 - x')}; exit 1`,
    'failed',
    /1 of 1 case failed: x/,
  ],
  ['failing TAP, exit 5', `${tap('1..1', 'not ok 1 - x')}; exit 5`, 'failed', /x/],
  ['passing TAP, exit 1', `${tap('1..1', 'ok 1')}; exit 1`, 'failed', /1 case passed.*exit code 1/],
  ['passing TAP, exit 3', `${tap('1..1', 'ok 1')}; exit 3`, 'error', /exit code 3/],
  ['passing TAP, exit 77', `${tap('1..1', 'ok 1')}; exit 77`, 'inconclusive', /77/],
  ['TAP cut short', tap('1..2', 'ok 1'), 'error', /plan is 2/],
  ['TAP that bails out', tap('1..1', 'Bail out! x'), 'error', /bailed out: x/],
  ['TAP of nothing', tap('1..0 # SKIP'), 'inconclusive', /no case/],
  ['words that are no TAP', 'echo okay; echo not ok', 'passed', /exit code 0/],
  ['passing JUnit', `echo '${junit('')}'`, 'passed', /1 case passed/],
  ['failing JUnit', `echo '${junit('<failure message="x"/>')}'`, 'failed', /x/],
  ['JUnit cut short', `echo '<testsuite><testcase name="a"/>'`, 'error', /well-formed/],
  [
    'a report in a file',
    `echo '${junit('<failure/>')}' > "$SEATRIAL_RESULTS/r.xml"`,
    'failed',
    /1 of 1/,
  ],
  ['a TAP file', `${tap('1..1', 'not ok 1')} > "$SEATRIAL_RESULTS/r.tap"`, 'failed', /1 of 1/],
  [
    'one of two files',
    `cd "$SEATRIAL_RESULTS"; echo '${junit('')}' > a.xml; echo x > b.xml`,
    'error',
    /well-formed/,
  ],
];
test.each(table)('%s', async (_, text, verdict, message) => {
  const outcome = await only(text);
  expect([outcome.verdict, outcome.message]).toEqual([verdict, expect.stringMatching(message)]);
  expect(outcome.touched).toEqual([]);
});

test('output and results are evidence', async () => {
  const outcome = await only(
    `echo out; echo err >&2; cd "$SEATRIAL_RESULTS"; echo '{}' > a.json; mkdir d; ln -s /etc/passwd link; echo > 'b c'`,
  );
  expect(outcome.evidence.map(({ name, mediaType }) => [name, mediaType])).toEqual([
    ['stdout.txt', 'text/plain'],
    ['stderr.txt', 'text/plain'],
    ['a.json', 'application/json'],
  ]);
  expect(textOf(outcome, 'stdout.txt')).toBe('out\n');
  expect(outcome.message).toMatch(/"b c" .*not kept; "d" .*not kept; "link" .*not kept/);
});

test('a hanging program is ended with its children', async () => {
  const outcome = await only('sleep 60 & echo $! > "$SEATRIAL_RESULTS/child"; sleep 60', {
    timeoutMs: 300,
  });
  expect([outcome.verdict, outcome.message]).toEqual(['error', 'timeout: no answer within 300 ms']);
  const child = readStat(Number(textOf(outcome, 'child')));
  expect(isAlive(child)).toBe(false);
});

test('a flood is cut, and a cut report is none', async () => {
  const plain = await only('head -c 20000000 /dev/zero');
  expect(plain.verdict).toBe('passed');
  expect(plain.evidence[0]?.bytes.length).toBe(1 << 18);
  const reported = await only(`${tap('1..1', 'ok 1')}; head -c 20000000 /dev/zero`);
  expect([reported.verdict, reported.message]).toEqual([
    'error',
    expect.stringMatching(/too long/),
  ]);
});

test('the environment is what was declared', async () => {
  const outcome = await only('env | sed "s/=.*//" | sort', {
    facts: { url: 'http://127.0.0.1:1', domain: 'a.test', data: '/data', env: { DECLARED: '1' } },
  });
  const names = (textOf(outcome, 'stdout.txt') ?? '').trim().split('\n');
  expect(names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name))).toEqual([
    'DECLARED',
    'HOME',
    'LANG',
    'PATH',
    'SEATRIAL_APP',
    'SEATRIAL_BASE_URL',
    'SEATRIAL_DATA',
    'SEATRIAL_DOMAIN',
    'SEATRIAL_OPERATION',
    'SEATRIAL_RESULTS',
    'SEATRIAL_STAGE',
    'TMPDIR',
  ]);
});

test('a shell script needs no execute permission', async () => {
  const [outcome] = await runOnly({ 'upgrade.a.check.sh': 'exit 77' });
  expect(outcome?.verdict).toBe('inconclusive');
});

test('a program that cannot start is the testbed’s fault', async () => {
  const [outcome] = await runOnly({ 'upgrade.a.check': '#!/no/such/interpreter\n' });
  expect(outcome?.verdict).toBe('error');
});

test('the private folder is removed, also where a check locked it', async () => {
  const made = await makeChecksFolder({
    'upgrade.a.check': '#!/bin/sh\nmkdir "$HOME/x"; touch "$HOME/x/y"; chmod 0 "$HOME/x"\n',
  });
  const outcomes = await made.runner.run(await made.selection(), facts, {
    folder: made.folder,
    timeoutMs: 5000,
  });
  expect(outcomes[0]?.verdict).toBe('passed');
  expect(await readdir(made.work)).toEqual([]);
});

test('a file that became a link is not run', async () => {
  const made = await makeChecksFolder({ 'upgrade.a.check': '#!/bin/sh\nexit 0\n' });
  const selection = await made.selection();
  await symlink(join(made.folder, 'upgrade.a.check'), join(made.folder, 'upgrade.b.check'));
  await expect(made.runner.discover(made.folder)).rejects.toMatchObject({ code: 'refused' });
  const [outcome] = await made.runner.run({ ...selection, path: 'upgrade.b.check' }, facts, {
    folder: made.folder,
    timeoutMs: 5000,
  });
  expect(outcome?.message).toMatch(/^snapshot-changed/);
});

test('what a folder holds', async () => {
  const made = await makeChecksFolder({
    'upgrade.a.check': '#!/bin/sh\n',
    'custom/test_x.py': 'def test_a(): pass\n',
    'deeper/upgrade.b.check.ts': '',
    'readme.bin': 'x',
  });
  await chmod(join(made.folder, 'readme.bin'), 0o644);
  expect(
    (await made.runner.discover(made.folder)).map(({ path, executable, text }) => [
      path,
      executable,
      text,
    ]),
  ).toEqual([
    ['custom/test_x.py', false, 'def test_a(): pass\n'],
    ['readme.bin', false, 'x'],
    ['upgrade.a.check', true, '#!/bin/sh\n'],
  ]);
  expect(await made.runner.discover(join(made.folder, 'none'))).toEqual([]);
});
