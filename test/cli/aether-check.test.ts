import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aetherCheck } from '../../src/cli/commands/aether-check.ts';
import { aetherDialect } from '../../src/cli/commands/aether-dialect.ts';
import { aetherExplain } from '../../src/cli/commands/aether-explain.ts';
import { schemas } from '../../src/cli/schemas.ts';
import { ruleCodes } from '../../src/aether/rules.ts';
import { runCommand, type Ended } from './run-command.ts';

let cwd = '';

beforeEach(() => {
  cwd = fs.mkdtempSync(join(tmpdir(), 'seatrial-aether-'));
});

afterEach(() => {
  fs.chmodSync(cwd, 0o700);
  fs.rmSync(cwd, { recursive: true, force: true });
});

const clean = 'goal: "x"\n';
const unknown = 'goal: "x"\nx: summarize(foo(1))\n';
const broken = 'goal: "x"\nx: [1\n';
const future = 'goal: "x"\nwhile true:\n  reflect()\n';

function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(join(cwd, name, '..'), { recursive: true });
    fs.writeFileSync(join(cwd, name), content);
  }
}

const check = (...argv: string[]): Promise<Ended> => runCommand(aetherCheck, argv, { cwd });

function lines(out: string): Record<string, unknown>[] {
  const rows = out.split('\n').filter((line) => line !== '');
  return rows.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('exit code', () => {
  const table: readonly [name: string, files: Record<string, string>, code: number][] = [
    ['all clean', { 'a.aether': clean, 'b.aether': clean }, 0],
    ['two of one code', { 'a.aether': broken, 'b.aether': broken }, 20],
    ['one failing, one clean', { 'a.aether': unknown, 'b.aether': clean }, 25],
    ['different codes', { 'a.aether': broken, 'b.aether': unknown, 'c.aether': clean }, 1],
    ['announced feature', { 'a.aether': future }, 24],
    ['nothing to look at', { 'a.txt': clean }, 2],
  ];
  test.each(table)('%s', async (_, files, code) => {
    write(files);
    expect((await check('.')).code).toBe(code);
  });

  test('one file missing: 26, the other still answered', async () => {
    write({ 'a.aether': unknown });
    const { code, out } = await check('gone.aether', 'a.aether', '--json-status');
    expect(code).toBe(26);
    expect(lines(out).map((row) => row['code'])).toEqual([26, 25]);
  });

  test('generic style turns every failure into 1', async () => {
    write({ 'a.aether': broken });
    expect((await check('.', '--exit-style', 'generic')).code).toBe(1);
  });

  test('warnings fail only where they are denied', async () => {
    write({ 'a.aether': 'goal: x\n' });
    expect((await check('.')).code).toBe(0);
    expect((await check('.', '--deny-warnings')).code).toBe(25);
  });
});

test('the status line has the keys of the source document in their order', async () => {
  write({ 'a.aether': unknown, 'b.aether': clean });
  const around = { cwd, env: { SOURCE_DATE_EPOCH: '1700000000' } };
  const argv = ['--emit-error-code', '--json-status', 'b.aether', 'a.aether'];
  const { out, err } = await runCommand(aetherCheck, argv, around);
  const timestamp = '2023-11-14T22:13:20.000Z';
  expect(out).toBe(
    `{"ok":true,"code":0,"code_name":"SUCCESS","file":"b.aether","phase":"parse","message":"parse ok","line":null,"timestamp":"${timestamp}"}\n` +
      `{"ok":false,"code":25,"code_name":"VALIDATION_ERROR","file":"a.aether","phase":"parse","message":"unknown function 'foo'","line":2,"timestamp":"${timestamp}"}\n`,
  );
  expect(err).toMatch(/^AETHER_ERROR_CODE:0\nAETHER_ERROR_CODE:25\n/);
});

describe('machines read what the schemas say', () => {
  test.each([
    ['aether-status', '--json-status'],
    ['aether-answer', '--json'],
  ])('%s', async (name, option) => {
    write({ 'a.aether': unknown, 'b.aether': clean, 'c.aether': 'goal: x\n', 'd.aether': '\0' });
    const schema = await schemas[name]?.render();
    const validate = new Ajv2020({ allErrors: true, strict: true }).compile(schema ?? false);
    const { out } = await check('.', 'gone', option);
    expect(lines(out)).toHaveLength(5);
    for (const row of lines(out)) expect(validate(row), JSON.stringify(row)).toBe(true);
    // Canary: a line with a key too many or a code of no table is refused.
    const [first] = lines(out);
    expect(validate({ ...first, code: 19 })).toBe(false);
    expect(validate({ ...first, extra: 1 })).toBe(false);
  });
});

describe('folders', () => {
  test('files come in the byte order of their paths, tools’ folders left out', async () => {
    const names = ['a.aether', 'a/z.aether', 'a-b.aether', 'B.aether', 'é.aether', 'a/.aether'];
    write(Object.fromEntries(names.map((name) => [name, clean])));
    write({ 'node_modules/x.aether': broken, 'a/build/x.aether': broken, 'a/x.neuro': broken });
    const { out, code } = await check('.', '--json-status');
    expect(lines(out).map((row) => row['file'])).toEqual(
      [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
    expect(code).toBe(0);
  });

  test('a folder with the name of a tool is searched when it is the one given', async () => {
    write({ 'build/x.aether': clean });
    expect((await check(join(cwd, 'build'))).code).toBe(0);
    expect((await check('build/')).out).toContain('1 file: 1 SUCCESS');
  });

  test('other endings are asked for', async () => {
    write({ 'a.aether': clean, 'b.neuro': clean });
    expect(lines((await check('.', '--json-status', '--ext', 'aether,neuro')).out)).toHaveLength(2);
  });

  test('links are not followed, so that a loop is none', async () => {
    write({ 'a/x.aether': clean });
    fs.symlinkSync('..', join(cwd, 'a/loop'));
    fs.symlinkSync('x.aether', join(cwd, 'a/link.aether'));
    const { out } = await check('.', '--json-status');
    expect(lines(out).map((row) => row['file'])).toEqual(['a/x.aether']);
    expect((await check('a/link.aether')).code).toBe(0);
  });

  test('a name that is not UTF-8 is a name like others', async () => {
    fs.writeFileSync(Buffer.from(`${cwd}/\xff.aether`, 'latin1'), broken);
    expect((await check('.')).code).toBe(20);
  });
});

describe('input that is no workflow', () => {
  test('pipes and devices are told apart from files', async () => {
    execFileSync('mkfifo', [join(cwd, 'p.aether')]);
    write({ 'a.aether': unknown });
    const { out, code } = await check('.', '/dev/null', '--json');
    const rules = lines(out).map((row) => (row['diagnostics'] as { code: string }[])[0]?.code);
    expect(rules).toEqual(['E_CALL_UNKNOWN', 'E_IO_KIND', 'E_IO_KIND']);
    expect(code).toBe(26);
  });

  test('a name too long and one through a file', async () => {
    write({ 'a.aether': clean });
    const long = await check('x'.repeat(300), '--json');
    expect([long.code, long.out.includes('E_IO_ACCESS')]).toEqual([26, true]);
    const through = await check('a.aether/b', '--json');
    expect([through.code, through.out.includes('E_IO_NOT_FOUND')]).toEqual([26, true]);
  });

  test('a line of a hundred megabytes is refused unread, others are answered', async () => {
    write({ 'b.aether': unknown });
    fs.closeSync(fs.openSync(join(cwd, 'a.aether'), 'w'));
    fs.truncateSync(join(cwd, 'a.aether'), 100 * 1024 * 1024);
    const { out, code } = await check('.', '--json');
    expect(lines(out).map((row) => [row['code'], row['line']])).toEqual([
      [20, null],
      [25, 2],
    ]);
    expect(out).toContain('E_LIMIT');
    expect(code).toBe(1);
  });

  test.each([
    ['NUL bytes', new Uint8Array(64)],
    ['no UTF-8', Uint8Array.from([0x67, 0xff, 0xfe, 0x0a])],
    ['an executable', fs.readFileSync(process.execPath).subarray(0, 4096)],
    ['nothing', new Uint8Array()],
    ['a byte order mark alone', Uint8Array.from([0xef, 0xbb, 0xbf])],
  ])('%s: 20', async (_, bytes) => {
    write({ 'a.aether': bytes });
    expect((await check('.')).code).toBe(20);
  });

  test('only so many diagnostics are shown, and the rest are counted', async () => {
    write({ 'a.aether': `goal: "x"\n${'foo()\n'.repeat(30)}` });
    const { out } = await check('.', '--max-diagnostics', '7');
    expect(out.match(/E_CALL_UNKNOWN/g)).toHaveLength(7);
    expect(out).toContain('a.aether: 23 more are not shown');
  });
});

describe('compatibility', () => {
  test('answers as the reference checker, leading blank lines included', async () => {
    write({ 'a.aether': '\n\n\nfoo(1)\n', 'b.aether': 'narrate("(")\n' });
    const { out, code } = await check('.', '--compat', 'reference', '--json');
    expect(lines(out).map((row) => [row['code'], row['line'], row['checker']])).toEqual([
      [25, 1, 'reference'],
      [20, 1, 'reference'],
    ]);
    expect(code).toBe(1);
  });
});

describe('functions', () => {
  const file =
    'functions:\n  archive:\n    params: [data, {name: tag, optional: true}]\n    effect: write\n';

  test('the file of the folder counts, and another one that is named', async () => {
    write({ 'a.aether': 'goal: "x"\narchive(1, tag="y")\n' });
    expect((await check('.')).code).toBe(25);
    write({ 'other.yaml': file });
    expect((await check('.', '--functions', 'other.yaml')).code).toBe(0);
    write({ 'seatrial.functions.yaml': file });
    expect((await check('.')).code).toBe(0);
  });

  test('extends decides what else is known', async () => {
    write({
      'a.aether': 'goal: "x"\nreflect()\n',
      'seatrial.functions.yaml': 'extends: none\n',
    });
    expect((await check('.')).code).toBe(25);
  });

  test('a file with a mistake ends the command', async () => {
    write({ 'a.aether': clean, 'f.yaml': 'functions: {x: {efect: write}}\n' });
    await expect(check('.', '--functions', 'f.yaml')).rejects.toThrow('invalid functions');
    expect((await check('.', '--functions', 'gone.yaml')).code).toBe(2);
  });
});

describe('cache', () => {
  const answer = async (): Promise<string> =>
    (await check('.', '--json', '--cache', 'cache.txt')).out;

  beforeEach(() => {
    write({ 'a.aether': unknown, 'b.aether': clean, 'c.aether': broken, 'd.neuro': clean });
  });

  test('answers are the same with, without, and after a damaged cache', async () => {
    const fresh = (await check('.', '--json')).out;
    expect(await answer()).toBe(fresh);
    expect(await answer()).toBe(fresh);
    const content = fs.readFileSync(join(cwd, 'cache.txt'), 'utf8');
    expect(content.split('\n')).toHaveLength(4);
    for (const damaged of ['', '\0', content.replaceAll('E_CALL_UNKNOWN', 'E_CALL_ARITY')]) {
      write({ 'cache.txt': damaged });
      expect(await answer()).toBe(fresh);
    }
  });

  test('a content that changed is judged again', async () => {
    await answer();
    write({ 'a.aether': clean });
    expect(lines(await answer()).map((row) => row['code'])).toEqual([0, 0, 20]);
  });

  test('canary: an entry with a true sum is believed, so its use shows', async () => {
    await answer();
    const { makeCache, readCacheFile } = await import('../../src/cli/aether-cache.ts');
    const { publishedRegistry } = await import('../../src/aether/registry.ts');
    const settings = {
      compat: false,
      registry: publishedRegistry,
      maxBytes: 4 * 1024 * 1024,
      denyWarnings: false,
    };
    const cache = makeCache(await readCacheFile(join(cwd, 'cache.txt')), settings);
    const bytes = Buffer.from(unknown);
    expect(cache.find(cache.keyOf('a.aether', bytes))?.problems).toHaveLength(1);
    cache.keep(cache.keyOf('a.aether', bytes), { dialect: 'line', problems: [] });
    write({ 'cache.txt': cache.render() });
    expect(lines(await answer()).map((row) => row['dialect'])[0]).toBe('line');
  });

  test('a cache that cannot be written is told, and changes no answer', async () => {
    const { code, err } = await check('b.aether', '--cache', 'gone/cache.txt');
    expect(code).toBe(0);
    expect(err).toContain('the cache was not kept');
  });
});

describe('wrong command lines', () => {
  test.each([
    [[], 'path is missing'],
    [['.', '--json', '--json-status'], 'exclude each other'],
    [['.', '--jobs', '0'], '--jobs takes a whole number'],
    [['.', '--compat', 'x'], 'cannot be'],
    [['.', '--ext', 'a/b'], '--ext takes endings'],
  ])('%j', async (argv, reason) => {
    const { code, err } = await check(...argv);
    expect(code).toBe(2);
    expect(err).toContain(reason);
  });
});

test('dialect tells what decided', async () => {
  write({ 'a.aether': 'goal "x"\nlet y = 1\nfn z() {\n}\n' });
  const { out } = await runCommand(aetherDialect, ['.', '--json'], { cwd });
  expect(lines(out)).toMatchObject([
    { file: 'a.aether', dialect: 'brace', decided_by: 'marks', counts: { brace: 3, indent: 1 } },
  ]);
});

test('explain has a page for every rule, and names the nearest for a slip', async () => {
  for (const code of ruleCodes) {
    const { out } = await runCommand(aetherExplain, [code.toLowerCase()], { cwd });
    expect(out.startsWith(`${code} (`)).toBe(true);
  }
  const wrong = await runCommand(aetherExplain, ['E_CALL_UNKNOWM'], { cwd });
  expect([wrong.code, wrong.err]).toEqual([
    2,
    'there is no rule "E_CALL_UNKNOWM"\n  hint: did you mean E_CALL_UNKNOWN?\n',
  ]);
});

describe('the programs', () => {
  const tsx = import.meta.resolve('tsx');
  const nobody = 65_534;
  const program = (name: string, argv: readonly string[], input = '', asNobody = false) =>
    spawnSync(
      process.execPath,
      ['--import', tsx, new URL(`../../src/cli/${name}.ts`, import.meta.url).pathname, ...argv],
      { cwd, input, encoding: 'utf8', ...(asNobody ? { uid: nobody } : {}) },
    );

  test(
    'aether takes the flags of the source document, and standard input',
    { timeout: 60_000 },
    () => {
      write({ 'a.aether': unknown });
      const ended = program('aether', [
        '--check',
        '--emit-error-code',
        '--json-status',
        'a.aether',
      ]);
      expect([ended.status, lines(ended.stdout)[0]?.['code_name']]).toEqual([
        25,
        'VALIDATION_ERROR',
      ]);
      expect(ended.stderr).toContain('AETHER_ERROR_CODE:25\n');
      const piped = program('aether', ['--check', '-', '--stdin-name', 'in.aether'], broken);
      expect([piped.status, piped.stdout.split(':')[0]]).toEqual([20, 'in.aether']);
      const verb = program('main', ['aether', 'check', 'a.aether']);
      expect(verb.status).toBe(25);
    },
  );

  test('a file and a folder without the right to read them', { timeout: 60_000 }, () => {
    write({ 'a.aether': clean, 'b.aether': unknown, 'closed/c.aether': clean });
    fs.chmodSync(join(cwd, 'a.aether'), 0);
    fs.chmodSync(join(cwd, 'closed'), 0);
    fs.chmodSync(cwd, 0o755);
    const ended = program('aether', ['check', '.', '--json'], '', process.getuid?.() === 0);
    fs.chmodSync(join(cwd, 'closed'), 0o700);
    const told = lines(ended.stdout).map((row) => [row['file'], row['code'], row['message']]);
    expect(told).toEqual([
      ['a.aether', 26, 'cannot read it: EACCES'],
      ['b.aether', 25, "unknown function 'foo'"],
      ['closed', 26, 'cannot list it: EACCES'],
    ]);
    expect(ended.status).toBe(26);
  });

  test('any number of jobs gives the same bytes', { timeout: 60_000 }, () => {
    const contents = [clean, unknown, broken, future];
    for (let index = 0; index < 700; index += 1)
      write({ [`d${String(index % 7)}/f${String(index)}.aether`]: contents[index % 4] ?? clean });
    const run = (jobs: string) => program('aether', ['check', '.', '--json', '--jobs', jobs]);
    const [one, two] = [run('1'), run('2')];
    expect(lines(one.stdout)).toHaveLength(700);
    expect(two.stderr).toBe('');
    expect(two.stdout === one.stdout).toBe(true);
    expect([one.status, two.status, two.stderr]).toEqual([1, 1, '']);
  });
});
