// A repository that a gate makes for itself: coverage of its base, tests that ran its lines.

import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { gateFolder, type GateFolder } from './gate-folder.ts';

const made: GateFolder[] = [];
afterEach(() => {
  for (const each of made.splice(0)) each.remove();
});
const write = (folder: GateFolder, path: string, text: string): void => {
  mkdirSync(dirname(join(folder.folder, path)), { recursive: true });
  folder.write(path, text);
};
async function askedOf(folder: GateFolder): Promise<string> {
  await folder.run();
  const check = folder.results()['one']?.checks[0];
  return `${check?.verdict ?? ''}: ${check?.summary ?? ''}`;
}

const suite =
  "import { a } from '../src/a.mjs';\nimport { ok } from 'node:assert';\nok(a === process.env.A);\n";
/** Writes an LCOV report of `src/a.mjs` with as many hits as the file says. */
const maker =
  "import { readFileSync, mkdirSync, writeFileSync } from 'node:fs';\n" +
  "const lines = readFileSync('src/a.mjs', 'utf8').trim().split('\\n');\n" +
  "const das = lines.map((line, at) => `DA:${at + 1},${line.includes('dead') ? 0 : 1}`);\n" +
  "writeFileSync('lcov.info', `TN:test/a.test.mjs\\nSF:src/a.mjs\\n${das.join('\\n')}\\nend_of_record\\n`);\n";
function folderWith(check: string, head: string): GateFolder {
  const folder = gateFolder(`version: 1
gates:
  one:
    kind: coverage
    repository: {at: repo, commits: [base, head]}
    checks: [{id: gate.one.asked, workspace: $dir/repo, ${check}}]
    canary: [{put: repo/src/new.mjs, from: gates.yaml, red: gate.one.asked}]
`);
  made.push(folder);
  for (const [tree, source] of [
    ['base', 'export const a = 1;\nexport const b = 2;\n'],
    ['head', head],
  ] as const) {
    write(folder, `${tree}/src/a.mjs`, source);
    write(folder, `${tree}/test/a.test.mjs`, suite);
    write(folder, `${tree}/cover.mjs`, maker);
  }
  return folder;
}
const coverage = 'reports: [lcov.info], run: [node, cover.mjs]';

test('coverage of the base is made in a copy of its commit', async () => {
  const worse = folderWith(
    `${coverage}, compute_base: true`,
    'export const a = 1;\nexport const b = 2; // dead\n',
  );
  expect(await askedOf(worse)).toBe('failed: coverage fell: 50.0000 % against 100.0000 %');
  const same = folderWith(coverage, 'export const a = 1;\nexport const c = 2;\n');
  expect(await askedOf(same)).toContain('no coverage is recorded for the base commit');
  const { code } = await same.run('--compute-base');
  expect([code, same.results()['one']?.state]).toEqual([0, 'pass']);
  // The repository of the person has no second work tree afterwards.
  expect(same.git('worktree', 'list').trim().split('\n')).toHaveLength(1);
});

test('a command that fails on the base is no word about the head', async () => {
  const folder = folderWith(`${coverage}, compute_base: true`, 'export const a = 1;\n');
  folder.write('base/cover.mjs', 'process.exit(4);\n');
  expect(await askedOf(folder)).toMatch(/^error: on the base commit \w{12}: .* ended with 4$/u);
});

test('a test that runs a changed line is one, whatever it imports', async () => {
  const check =
    'kind: spec-tests, sources: ["src/**"], tests: ["test/**"], executed: [lcov.info], run: [node, cover.mjs]';
  const head = 'export const a = 1;\nexport const changed = 2;\n';
  const folder = folderWith(check, head);
  folder.write('head/test/a.test.mjs', 'process.exit(0);\n');
  expect(await askedOf(folder)).toBe('passed: 1 changed sources have tests');
  folder.write('head/src/a.mjs', 'export const a = 1;\nexport const changed = 2; // dead\n');
  expect(await askedOf(folder)).toBe('failed: src/a.mjs changed and no test runs or imports it');
  folder.write('head/cover.mjs', maker.replace('TN:test/a', 'TN:test/z'));
  expect(await askedOf(folder)).toMatch(/^error: .*no test file is called test\/z\.test\.mjs/u);
});

test('what is put into it is an uncommitted change', async () => {
  const check = 'kind: spec-tests, sources: ["src/**"], tests: ["test/**"]';
  const folder = folderWith(check, 'export const a = 1;\nexport const b = 2;\n');
  folder.write(
    'gates.yaml',
    folder
      .read('gates.yaml')
      .replace('    checks:', '    put: {repo/src/new.mjs: gates.yaml}\n    checks:'),
  );
  expect(await askedOf(folder)).toBe('failed: src/new.mjs changed and no test imports it');
});
