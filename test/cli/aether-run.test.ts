import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aetherFormat } from '../../src/cli/commands/aether-format.ts';
import { aetherRun } from '../../src/cli/commands/aether-run.ts';
import { aether } from '../../src/cli/commands/aether.ts';
import { publishedExample } from '../aether/published-example.ts';
import { runCommand, type Around } from './run-command.ts';
import { makeWorkflowFolder, type WorkflowFolder } from './workflow-folder.ts';

let folder: WorkflowFolder;

beforeEach(() => {
  folder = makeWorkflowFolder();
});

afterEach(() => {
  folder.remove();
});

const run = (argv: readonly string[], around: Partial<Around> = {}) =>
  runCommand(aetherRun, argv, { cwd: folder.cwd, ...around });

type Row = Readonly<Record<string, unknown>>;
const rows = (out: string): Row[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);

test('the published example runs on the fake provider, twice with one record', async () => {
  folder.write({ 'a.aether': publishedExample });
  const around = { env: { SOURCE_DATE_EPOCH: '1700000000' } };
  for (const name of ['one', 'two'])
    expect((await run(['a.aether', '--provider', 'fake', '--record', name], around)).code).toBe(0);
  expect(folder.read('one')).toBe(folder.read('two'));
  expect(rows(folder.read('one'))[0]).toMatchObject({ file: 'a.aether', failures: [] });
  const around2 = { cwd: folder.cwd };
  expect((await runCommand(aetherFormat, ['a.aether', '--check'], around2)).code).toBe(0);
});

describe('exit code', () => {
  const table: readonly [name: string, script: string, argv: string[], code: number][] = [
    ['nobody provides anything', 'goal: "x"\nreflect()\n', [], 21],
    ['nothing is asked for', 'goal: "x"\nx: 1\n', [], 0],
    ['a file with errors is not run', 'goal: "x"\nfoo()\n', ['--provider', 'fake'], 25],
    ['a call fails', 'goal: "x"\nrun_plugin("y")\n', ['--provider', 'fake'], 21],
    [
      'a plugin that is given',
      'goal: "x"\nrun_plugin("y")\n',
      ['--provider', 'fake', '--plugin', 'y@1.0'],
      0,
    ],
    [
      'too many steps',
      'goal: "x"\nfor i in range(0, 1000000):\n  x: i\n',
      ['--provider', 'fake'],
      21,
    ],
  ];
  test.each(table)('%s', async (_, script, argv, code) => {
    folder.write({ 'a.aether': script });
    const ended = await run(['a.aether', '--json-status', ...argv]);
    expect([ended.code, rows(ended.out)[0]?.['code']]).toEqual([code, code]);
  });

  test('files are run in turn, a missing one answered', async () => {
    folder.write({ 'a.aether': 'goal: "x"\n' });
    const { code, out } = await run(['gone.aether', 'a.aether', '--json-status']);
    expect(code).toBe(26);
    expect(rows(out).map((row) => [row['code'], row['phase']])).toEqual([
      [26, 'read'],
      [0, 'execute'],
    ]);
  });

  test('a run that was told to end is interrupted', async () => {
    folder.write({ 'a.aether': 'goal: "x"\nreflect()\n' });
    const signal = AbortSignal.abort({ cause: 'SIGINT', message: 'told to end' });
    expect((await run(['a.aether', '--provider', 'fake'], { signal })).code).toBe(130);
  });

  test('a record that cannot be kept is no success', async () => {
    folder.write({ 'a.aether': 'goal: "x"\n' });
    expect((await run(['a.aether', '--record', 'gone/record'])).code).toBe(3);
  });

  test.each([
    ['a folder', ['.']],
    ['a provider that is unknown', ['a.aether', '--provider', 'x']],
    ['a plugin without version', ['a.aether', '--provider', 'fake', '--plugin', 'x']],
  ])('%s: 2', async (_, argv) => {
    folder.write({ 'a.aether': 'goal: "x"\n' });
    expect((await run(argv)).code).toBe(2);
  });
});

test('a dry run calls nothing and is no evidence', async () => {
  folder.write({ 'a.aether': 'goal: "x"\nif false:\n  store(1)\nelse:\n  store(2)\n' });
  const { code, out } = await run(['a.aether', '--dry-run', '--json', '--record', 'r']);
  const [row] = rows(out);
  expect(code).toBe(0);
  expect(row).toMatchObject({ phase: 'plan', record: null });
  expect(JSON.stringify(row?.['plan'])).toMatch(/store\(1\).*store\(2\)/);
  expect(folder.read('r')).toBe('');
});

describe('without a verb', () => {
  const plain = (argv: readonly string[]) => runCommand(aether, argv, { cwd: folder.cwd });

  test('files are run, and judged with --check', async () => {
    folder.write({ 'a.aether': 'goal: "x"\nreflect()\n' });
    const flags = ['--emit-error-code', '--json-status', 'a.aether'];
    const ran = await plain(flags);
    expect([ran.code, rows(ran.out)[0]?.['phase']]).toEqual([21, 'execute']);
    expect(ran.err).toContain('AETHER_ERROR_CODE:21\n');
    const judged = await plain(['--check', ...flags]);
    expect([judged.code, rows(judged.out)[0]?.['phase']]).toEqual([0, 'parse']);
  });

  test('options of the other way are refused', async () => {
    folder.write({ 'a.aether': 'goal: "x"\n' });
    expect((await plain(['a.aether', '--compat', 'reference'])).err).toContain('needs --check');
    expect((await plain(['--check', 'a.aether', '--dry-run'])).err).toContain('does not go with');
  });
});
