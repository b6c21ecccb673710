// Two branches of a real repository, merged by git with the driver. The canary merges the same
// branches without it.

import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeSource } from '../../src/diagnostics/source.ts';
import { readBaseline } from '../../src/findings/read-baseline.ts';
import { readSuppressions } from '../../src/findings/read-suppressions.ts';
import { findingsBaseline } from '../../src/cli/commands/findings-baseline.ts';
import { findingsMerge } from '../../src/cli/commands/findings-merge.ts';
import { runCommand } from './run-command.ts';

let cwd = '';
beforeEach(() => {
  cwd = fs.mkdtempSync(join(tmpdir(), 'seatrial-merge-'));
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Mara');
  git('config', 'user.email', 'mara@example.org');
});
afterEach(() => {
  fs.rmSync(cwd, { recursive: true, force: true });
});

const environment = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
};
const git = (...args: readonly string[]): string =>
  execFileSync('git', args, { cwd, env: environment, encoding: 'utf8' });
const merge = (branch: string): number | null =>
  spawnSync('git', ['merge', '-q', '-m', 'merge', branch], { cwd, env: environment }).status;

const loader = import.meta.resolve('tsx');
const main = join(import.meta.dirname, '../../src/cli/main.ts');
const program = [process.execPath, '--import', loader, main].map((each) => `"${each}"`).join(' ');
function useDriver(): void {
  git('config', 'merge.seatrial-findings.driver', `${program} findings merge %O %A %B --path %P`);
}

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(join(cwd, name), content);
}
const read = (name: string) => fs.readFileSync(join(cwd, name), 'utf8');
function commit(subject: string): void {
  git('add', '-A');
  git('commit', '-q', '-m', subject);
}

const names = ['seatrial.suppressions.yaml', 'parse_baseline.json', 'list.txt'];
const print = (digit: string) => digit.repeat(16);
const record = (digit: string, owner = 'mara') =>
  `- {"fingerprint": "${print(digit)}", "reason": "waits for the migration", "owner": "${owner}", "created": "2026-01-01", "expires": "2026-06-01"}\n`;
const junit = (failing: readonly string[]) =>
  `<testsuite>${['a', 'b', 'c', 'd']
    .map(
      (name) => `<testcase name="${name}">${failing.includes(name) ? '<failure/>' : ''}</testcase>`,
    )
    .join('')}</testsuite>`;

async function writeBaseline(failing: readonly string[], at: string): Promise<void> {
  write({ 'report.xml': junit(failing) });
  const argv = ['--input', 'report.xml'];
  await runCommand(findingsBaseline, argv, { cwd, env: { SOURCE_DATE_EPOCH: at } });
  fs.rmSync(join(cwd, 'report.xml'));
}

/** On `main` and on `other`, each file is edited in neighbouring lines. */
async function diverge(): Promise<void> {
  write({
    '.gitattributes': names.map((name) => `${name} merge=seatrial-findings\n`).join(''),
    'seatrial.suppressions.yaml': record('1') + record('5'),
    'list.txt': `${print('1')}  # first\n`,
  });
  await writeBaseline(['b'], '1772366400');
  commit('base');
  git('checkout', '-q', '-b', 'other');
  write({
    'seatrial.suppressions.yaml': record('1', 'ada') + record('3') + record('5'),
    'list.txt': `${print('1')}  # first\n${print('3')}\n`,
  });
  await writeBaseline(['b', 'c'], '1772366500');
  commit('other');
  git('checkout', '-q', 'main');
  write({
    'seatrial.suppressions.yaml': record('1') + record('2') + record('4'),
    'list.txt': `${print('1')}  # first\n${print('2')}\n`,
  });
  await writeBaseline(['a'], '1772366600');
  commit('main');
}

test('two branches that each edit suppressions and a baseline merge without conflict or loss', async () => {
  useDriver();
  await diverge();
  expect(merge('other')).toBe(0);
  const { records, problems } = readSuppressions(
    makeSource('s', read('seatrial.suppressions.yaml')),
  );
  expect(problems).toEqual([]);
  expect(records.map((each) => [each.record.fingerprint[0], each.record.owner])).toEqual([
    ['1', 'ada'],
    ['2', 'mara'],
    ['3', 'mara'],
    ['4', 'mara'],
  ]);
  const reading = readBaseline(read('parse_baseline.json'));
  if ('problems' in reading) throw new Error(reading.problems[0]?.message);
  expect(reading.baseline.by_code).toEqual({ SUCCESS: 2, FAILURE: 2 });
  expect(reading.baseline.files.map(({ path, ok }) => [path, ok])).toEqual([
    ['a', false],
    ['b', true],
    ['c', false],
    ['d', true],
  ]);
  expect(read('list.txt')).toBe(`${print('1')}  # first\n${print('2')}\n${print('3')}\n`);
  expect(git('status', '--porcelain')).toBe('');
}, 30_000);

test('canary: without the driver the same branches conflict, and the result is refused', async () => {
  await diverge();
  expect(merge('other')).not.toBe(0);
  expect(readBaseline(read('parse_baseline.json'))).toHaveProperty('problems');
});

test('--install names the files once, and git then calls the program it was told', async () => {
  const install = () =>
    runCommand(findingsMerge, ['--install', '--program', program, '--path', 'tests.json'], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: cwd },
    });
  write({ '.gitattributes': '*.png binary\nparse_baseline.json -diff' });
  expect((await install()).out).toMatch(/every clone/);
  const attributes = read('.gitattributes');
  expect(attributes.split('\n')).toEqual([
    '*.png binary',
    'parse_baseline.json -diff',
    'seatrial.suppressions.yaml merge=seatrial-findings',
    '.aetherra/workflow_suppressions.txt merge=seatrial-findings',
    '.aetherra/workflow_history/trends.json merge=seatrial-findings',
    'tests.json merge=seatrial-findings',
    '',
  ]);
  expect((await install()).out).not.toMatch(/every clone/);
  expect(read('.gitattributes')).toBe(attributes);
  commit('attributes');
  write({ 'seatrial.suppressions.yaml': record('5') });
  commit('base');
  git('checkout', '-q', '-b', 'other');
  write({ 'seatrial.suppressions.yaml': record('4') + record('5') });
  commit('other');
  git('checkout', '-q', 'main');
  write({ 'seatrial.suppressions.yaml': record('3') + record('5') });
  commit('main');
  expect(merge('other')).toBe(0);
  expect(read('seatrial.suppressions.yaml')).toBe(record('3') + record('4') + record('5'));
}, 30_000);

test('--install outside a repository is code 2', async () => {
  const ended = await runCommand(findingsMerge, ['--install'], {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd },
  });
  expect([ended.code, ended.err]).toEqual([2, expect.stringMatching(/not a git repository/)]);
});

test('what was settled without asking is told', async () => {
  const change = (expires: string) => record('1').replace('2026-06-01', expires);
  write({ base: record('1'), ours: change('2026-05-01'), theirs: change('2026-04-01') });
  const argv = ['base', 'ours', 'theirs', '--path', 's.yaml'];
  const ended = await runCommand(findingsMerge, argv, { cwd });
  expect([ended.code, ended.err]).toEqual([0, expect.stringMatching(/the earlier day counts/)]);
  expect(read('ours')).toBe(change('2026-04-01'));
  const spoilt = await runCommand(findingsMerge, argv.slice(0, 2), { cwd });
  expect(spoilt.code).toBe(2);
});

test('what people must settle is marked, and git says so', () => {
  useDriver();
  write({ '.gitattributes': '*.yaml merge=seatrial-findings\n', 's.yaml': record('1') });
  commit('base');
  git('checkout', '-q', '-b', 'other');
  write({ 's.yaml': record('1', 'ada') });
  commit('other');
  git('checkout', '-q', 'main');
  write({ 's.yaml': record('1', 'li') });
  commit('main');
  expect(merge('other')).toBe(1);
  expect(read('s.yaml')).toMatch(/<<<<<<< ours[^]*"li"[^]*=======[^]*"ada"[^]*>>>>>>> theirs/);
  expect(git('status', '--porcelain')).toContain('UU s.yaml');
}, 30_000);
