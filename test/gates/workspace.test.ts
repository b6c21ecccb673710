// Gates over a workspace: coverage, spec-tests, findings, scenario and signing, through the command.

import { mkdirSync, utimesSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { gatesCoverage } from '../../src/cli/commands/gates-coverage.ts';
import { findingsBaseline } from '../../src/cli/commands/findings-baseline.ts';
import { keysNew } from '../../src/cli/commands/keys-new.ts';
import { run as seatrialRun } from '../../src/cli/commands/run.ts';
import { runCommand } from '../cli/run-command.ts';
import { gateFolder, type GateFolder } from './gate-folder.ts';

const made: GateFolder[] = [];
afterEach(() => {
  for (const each of made.splice(0)) each.remove();
});

/** A file of one gate with one check; the canary is there because the file must have one. */
function folderOf(check: string): GateFolder {
  const folder = gateFolder(`version: 1
gates:
  one:
    kind: command
    checks: [{id: gate.one.asked, ${check}}]
    canary: [{env: {A: b}, red: gate.one.asked}]
`);
  made.push(folder);
  return folder;
}
const write = (folder: GateFolder, path: string, text: string): void => {
  mkdirSync(dirname(join(folder.folder, path)), { recursive: true });
  folder.write(path, text);
};
const commit = (folder: GateFolder, message: string): void => {
  folder.git('add', '.');
  folder.git('commit', '-qm', message);
};
async function askedOf(folder: GateFolder): Promise<string> {
  await folder.run();
  const check = folder.results()['one']?.checks[0];
  return `${check?.verdict ?? ''}: ${check?.summary ?? ''}`;
}
const lcov = (hits: readonly number[], path = 'src/a.ts'): string =>
  `SF:${path}\n${hits.map((hit, at) => `DA:${String(at + 1)},${String(hit)}\n`).join('')}end_of_record\n`;

describe('coverage', () => {
  const check =
    'kind: coverage, max_age: 1h, reports: [lcov.info], base: main, recorded: .seatrial/coverage';
  async function withBase(rule: string, base: readonly number[]): Promise<GateFolder> {
    const folder = folderOf(`${check}, rule: ${rule}`);
    write(folder, 'src/a.ts', 'one\ntwo\nthree\nfour\n');
    commit(folder, 'source');
    folder.write('lcov.info', lcov(base));
    folder.git('update-index', '--refresh');
    write(folder, '.git/info/exclude', 'lcov.info\n');
    const { code } = await runCommand(gatesCoverage, ['record', 'lcov.info'], folder.around);
    expect(code).toBe(0);
    folder.git('switch', '-qc', 'work');
    return folder;
  }

  test('row 15: held is passed, a fall is failed, whatever rounding would say', async () => {
    const folder = await withBase('total', [1, 1, 1, 0]);
    folder.write('lcov.info', lcov([1, 1, 1, 0]));
    expect(await askedOf(folder)).toBe('passed: 75.0000 % against 75.0000 %');
    folder.write('lcov.info', lcov([1, 1, 0, 0]));
    expect(await askedOf(folder)).toBe('failed: coverage fell: 50.0000 % against 75.0000 %');
  });

  test('a file that falls while the total rises is failed', async () => {
    const folder = await withBase('files', [1, 1, 1, 0]);
    write(folder, 'src/a.ts', 'one\nTWO\nthree\nfour\n');
    folder.write('lcov.info', lcov([1, 0, 1, 0]) + lcov([1, 1, 1, 1, 1, 1, 1, 1], 'src/b.ts'));
    expect(await askedOf(folder)).toContain('failed: src/a.ts fell: 50.0000 % against 75.0000 %');
  });

  test('a file that is taken out of the report has not risen', async () => {
    const folder = await withBase('files', [1, 1, 1, 0]);
    write(folder, 'src/a.ts', 'one\nTWO\nthree\nfour\n');
    folder.write('lcov.info', lcov([1, 1], 'src/b.ts'));
    expect(await askedOf(folder)).toContain('failed: src/a.ts is no longer measured');
  });

  test('row 15: a report of yesterday, an unknown base and a summary are errors', async () => {
    const folder = await withBase('total', [1, 1]);
    const report = join(folder.folder, 'lcov.info');
    utimesSync(report, new Date(0), new Date(0));
    expect(await askedOf(folder)).toBe('error: the report lcov.info is not of this run');
    folder.write('lcov.info', '{"total":{"lines":{"pct":85}}}');
    expect(await askedOf(folder)).toContain('error: lcov.info: it is a summary');
    folder.git('switch', '-q', 'main');
    folder.git('commit', '-q', '--allow-empty', '-m', 'later');
    folder.write('lcov.info', lcov([1, 1]));
    expect(await askedOf(folder)).toContain('error: no coverage is recorded for the base commit');
  });
});

describe('spec-tests', () => {
  const folderWith = (test_: string): GateFolder => {
    const folder = folderOf(
      'kind: spec-tests, sources: ["src/**"], tests: ["test/**"], base: main',
    );
    write(folder, 'src/a.ts', 'export const a = 1;\n');
    write(folder, 'src/b.ts', "import { a } from './a.js';\nexport const b = a;\n");
    write(folder, 'test/b.test.ts', test_);
    commit(folder, 'source');
    folder.git('switch', '-qc', 'work');
    return folder;
  };
  const real = "import { b } from '../src/b.js';\nexpect(b).toBe(1);\n";

  test('no change, a change that a test reaches, and one that none does', async () => {
    const folder = folderWith(real);
    expect(await askedOf(folder)).toMatch(/^passed: no source changed/u);
    folder.write('src/a.ts', 'export const a = 2;\n');
    expect(await askedOf(folder)).toBe('passed: 1 changed sources have tests');
    write(folder, 'src/new.ts', 'export const c = 1;\n');
    expect(await askedOf(folder)).toBe('failed: src/new.ts changed and no test imports it');
  });

  test('a test that asserts nothing, and one that was deleted, cover nothing', async () => {
    const folder = folderWith("import { b } from '../src/b.js';\n");
    folder.write('src/a.ts', 'export const a = 2;\n');
    expect(await askedOf(folder)).toContain('failed: src/a.ts changed');
    folder.git('rm', '-q', 'test/b.test.ts');
    expect(await askedOf(folder)).toBe('error: no test file matches `tests`');
  });
});

test('findings: what got worse than the reference is failed', async () => {
  const folder = folderOf(
    'kind: findings-regression, input: ["junit:junit.xml"], reference: ref.json, modes: [ratchet], max_age: 1h',
  );
  const junit = (failed: boolean): string =>
    `<testsuites><testsuite name="s"><testcase classname="c" name="t">${failed ? '<failure message="no"/>' : ''}</testcase></testsuite></testsuites>`;
  folder.write('junit.xml', junit(false));
  const args = ['--input', 'junit:junit.xml', '--output', 'ref.json'];
  expect((await runCommand(findingsBaseline, args, folder.around)).code).toBe(0);
  expect(await askedOf(folder)).toBe('passed: nothing got worse (0 fixed)');
  folder.write('junit.xml', junit(true));
  expect(await askedOf(folder)).toMatch(/^failed: .*0 → 1/u);
  folder.write('junit.xml', '<testsuites>');
  expect(await askedOf(folder)).toMatch(/^error: /u);
});

test('signing: planted files are told apart and an empty root is failed', async () => {
  const folder = folderOf('kind: signing, roots: [scripts], planted: {bad.aether: refused}');
  await runCommand(
    keysNew,
    ['--owner', 'a', '--out', 'a.key', '--keys', 'seatrial.keys.yaml'],
    folder.around,
  );
  folder.write('bad.aether', 'unsigned\n');
  write(folder, 'scripts/readme.txt', 'x');
  expect(await askedOf(folder)).toBe('failed: scripts holds no script');
  write(folder, 'scripts/a.aether', 'unsigned\n');
  expect(await askedOf(folder)).toMatch(/^failed: .*a\.aether: E_SIG_MISSING/u);
  const { aetherSign } = await import('../../src/cli/commands/aether-sign.ts');
  await runCommand(aetherSign, ['scripts/a.aether', '--key', 'a.key'], folder.around);
  expect(await askedOf(folder)).toBe('passed: 1 scripts accepted, 1 planted files told apart');
});

test('scenario: the newest run counts, and only whole, fresh and of something real', async () => {
  const folder = folderOf('kind: scenario, scenario: fresh, same_commit: false');
  expect(await askedOf(folder)).toBe('error: no run of scenario fresh in the store');
  const manifest = resolve('packs/floor/apps/fake/seatrial.yaml');
  await runCommand(
    seatrialRun,
    ['--quiet', '--scenario', 'fresh', '--manifest', manifest],
    folder.around,
  );
  expect(await askedOf(folder)).toMatch(/it deployed nothing real/u);
});

test('a workspace below the top of its repository is judged by its own paths', async () => {
  const folder = folderOf(
    'kind: spec-tests, workspace: pkg, sources: ["src/**"], tests: ["test/**"], base: main',
  );
  write(folder, 'pkg/src/a.ts', 'export const a = 1;\n');
  write(folder, 'pkg/test/b.test.ts', 'expect(1).toBe(1);\n');
  commit(folder, 'source');
  folder.git('switch', '-qc', 'work');
  folder.write('pkg/src/a.ts', 'export const a = 2;\n');
  write(folder, 'elsewhere/src/c.ts', 'export const c = 2;\n');
  expect(await askedOf(folder)).toBe('failed: src/a.ts changed and no test imports it');
  write(folder, 'pkg/src/new.ts', 'export const n = 2;\n');
  expect(await askedOf(folder)).toContain('src/new.ts changed');
});
