import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { trustCheck } from '../../src/cli/commands/trust-check.ts';
import { trustDigest } from '../../src/cli/commands/trust-digest.ts';
import { InvalidInput, type Command } from '../../src/cli/command.ts';
import { runCommand, type Ended } from './run-command.ts';

let cwd = '';

beforeEach(() => {
  cwd = fs.mkdtempSync(join(tmpdir(), 'seatrial-trust-test-'));
  write('notes/compose.yml', 'services: {}\n');
  write('notes/tests/test_install.py', 'def test_up(): pass\n');
  git('init', '-q');
  commit();
});

afterEach(() => {
  fs.rmSync(cwd, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  fs.mkdirSync(join(cwd, path, '..'), { recursive: true });
  fs.writeFileSync(join(cwd, path), text);
}

const git = (...args: string[]): Buffer =>
  execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.org', ...args], {
    cwd: join(cwd, 'notes'),
  });

function commit(): void {
  git('add', '-A');
  git('commit', '-qm', 'change');
}

const ask = (command: Command, ...argv: string[]): Promise<Ended> =>
  runCommand(command, ['notes', '--repository', 'notes', ...argv], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '' },
  });

async function approve(): Promise<void> {
  const { out } = await ask(trustDigest);
  const [line = ''] = out.split('\n');
  write('trust.allow', `${line.replace(/<[^>]*>/g, 'x')}\n`);
}

describe('seatrial trust', () => {
  test('nothing is granted without a list', async () => {
    const { code, out } = await ask(trustCheck);
    expect(code).toBe(1);
    expect(out).toContain('notes is denied: no line names it');
    expect(out).toContain('checks        tests/test_install.py');
  });

  test('the printed line grants this content, and one byte more revokes it', async () => {
    await approve();
    expect((await ask(trustCheck)).code).toBe(0);
    write('notes/compose.yml', 'services: {other: {}}\n');
    commit();
    expect((await ask(trustCheck)).code).toBe(0);
    write('notes/tests/test_install.py', 'def test_up(): pass \n');
    // The working tree is not what was asked for: only commits count.
    expect((await ask(trustCheck)).code).toBe(0);
    commit();
    const { code, out } = await ask(trustCheck);
    expect(code).toBe(1);
    expect(out).toContain('the repository holds sha256:');
  });

  test('neither hooks nor filters nor attributes of the repository run', async () => {
    const ran = join(cwd, 'ran');
    write('notes/.gitattributes', '* filter=evil\n');
    git('config', 'filter.evil.smudge', `touch ${ran}; cat`);
    for (const hook of ['post-checkout', 'reference-transaction'])
      fs.writeFileSync(join(cwd, 'notes/.git/hooks', hook), `#!/bin/sh\ntouch ${ran}\n`, {
        mode: 0o755,
      });
    commit();
    fs.rmSync(ran, { force: true });
    await approve();
    expect((await ask(trustCheck)).code).toBe(0);
    expect(fs.existsSync(ran)).toBe(false);
    git('checkout', '-q', '-b', 'canary');
    expect(fs.existsSync(ran)).toBe(true);
  });

  test('submodules cannot be approved', async () => {
    const head = git('rev-parse', 'HEAD').toString().trim();
    git('update-index', '--add', '--cacheinfo', `160000,${head},tests/sub`);
    git('commit', '-qm', 'submodule');
    await expect(ask(trustDigest)).rejects.toMatchObject({ code: 'refused' });
  });

  test('a list inside the repository is not read', async () => {
    await approve();
    fs.renameSync(join(cwd, 'trust.allow'), join(cwd, 'notes/trust.allow'));
    expect((await ask(trustCheck, '--trust', 'notes/trust.allow')).code).toBe(2);
    fs.symlinkSync('notes/trust.allow', join(cwd, 'trust.allow'));
    expect((await ask(trustCheck)).code).toBe(2);
  });

  test('an error in the list denies everything', async () => {
    await approve();
    fs.appendFileSync(join(cwd, 'trust.allow'), '* sandboxed any x 2026-01-01 all of them\n');
    await expect(ask(trustCheck)).rejects.toBeInstanceOf(InvalidInput);
  });
});
