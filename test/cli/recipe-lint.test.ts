import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recipeLint } from '../../src/cli/commands/recipe-lint.ts';
import { good, type Tree } from '../recipe/recipe-fixture.ts';
import { runCommand, type Ended } from './run-command.ts';

let cwd = '';

beforeEach(() => {
  cwd = fs.mkdtempSync(join(tmpdir(), 'seatrial-recipe-lint-'));
  write(good);
});

afterEach(() => {
  fs.rmSync(cwd, { recursive: true, force: true });
});

function write(tree: Tree): void {
  fs.mkdirSync(join(cwd, 'notes'), { recursive: true });
  for (const [name, text] of Object.entries(tree)) fs.writeFileSync(join(cwd, 'notes', name), text);
}

const lint = (...argv: string[]): Promise<Ended> =>
  runCommand(recipeLint, argv, { cwd, env: { PATH: process.env['PATH'] ?? '' } });

const git = (...args: string[]): Buffer =>
  execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.org', ...args], {
    cwd: join(cwd, 'notes'),
  });

describe('seatrial recipe lint', () => {
  test('a good recipe ends with 0', async () => {
    const { code, out } = await lint('notes');
    expect([code, out]).toEqual([0, '1 recipe: 0 errors, 0 warnings\n']);
  });

  test('an error ends with 1, a warning only when asked', async () => {
    write({ 'app.conf.tmpl': 'x', '.env.sample': `${good['.env.sample'] ?? ''}nonsense\n` });
    expect((await lint('notes')).code).toBe(0);
    expect((await lint('notes', '--fail-on', 'warning')).code).toBe(1);
    write({ 'compose.yml': (good['compose.yml'] ?? '').replace('    image: postgres:15\n', '') });
    const { code, out } = await lint('notes');
    expect(code).toBe(1);
    expect(out).toContain('notes/compose.yml:30:3: error[RCP010]');
  });

  test('no folder ends with 2', async () => {
    expect((await lint('nowhere')).code).toBe(2);
  });

  test('a base is read from the objects of the repository, which runs nothing', async () => {
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'first');
    git('tag', '1.2.0+3.4');
    const hook = join(cwd, 'notes/.git/hooks/post-checkout');
    fs.writeFileSync(hook, `#!/bin/sh\ntouch ${join(cwd, 'ran')}\n`, { mode: 0o755 });
    write({ 'app.conf.tmpl': 'changed' });
    expect((await lint('notes')).code).toBe(0);
    const { code, out } = await lint('notes', '--base', '1.2.0+3.4');
    expect(code).toBe(1);
    expect(out).toContain('notes/abra.sh:1:1: error[RCP013]');
    expect(fs.existsSync(join(cwd, 'ran'))).toBe(false);
  });

  test('JSON and SARIF say the same as text', async () => {
    write({ 'compose.yml': (good['compose.yml'] ?? '').replace('1.2.0+3.4', 'latest') });
    const json = JSON.parse((await lint('notes', '--json')).out) as { problems: unknown[] };
    expect(json.problems).toMatchObject([{ code: 'RCP028', line: 28, file: 'notes/compose.yml' }]);
    const sarif = JSON.parse((await lint('notes', '--format', 'sarif')).out) as {
      runs: { results: unknown[]; tool: { driver: { rules: unknown[] } } }[];
    };
    expect(sarif.runs[0]?.results).toMatchObject([
      {
        ruleId: 'RCP028',
        level: 'warning',
        locations: [{ physicalLocation: { region: { startLine: 28 } } }],
      },
    ]);
  });

  test('a link out of the recipe is not followed', async () => {
    const file = join(cwd, 'notes/app.conf.tmpl');
    fs.rmSync(file);
    fs.symlinkSync('/etc/passwd', file);
    expect((await lint('notes')).out).toContain('error[RCP020]');
  });
});
