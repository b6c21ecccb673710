import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aetherMigrate } from '../../src/cli/commands/aether-migrate.ts';
import { aetherSign } from '../../src/cli/commands/aether-sign.ts';
import { aetherVerify } from '../../src/cli/commands/aether-verify.ts';
import { keysNew } from '../../src/cli/commands/keys-new.ts';
import { runCommand } from './run-command.ts';
import { makeWorkflowFolder, type WorkflowFolder } from './workflow-folder.ts';

let folder: WorkflowFolder;

beforeEach(() => {
  folder = makeWorkflowFolder();
});

afterEach(() => {
  folder.remove();
});

const old = '  goal: say "hi" now  # why';
const migrated = '  goal: "say \\"hi\\" now"  # why';
const migrate = (...argv: string[]) => runCommand(aetherMigrate, argv, { cwd: folder.cwd });

test('a dry run changes nothing, and git apply of it gives the bytes of apply', async () => {
  const files = {
    'a.aether': `intent: x \r\n${old.trim()}`,
    'd/b.aether': Buffer.from('goal: caf\u00e9 \xff\n\n\n\n\n\nx: 1   \n', 'latin1'),
    'c.aether': 'goal: "neat"\n',
  };
  folder.write(files);
  const dry = await migrate('.', '--dry-run');
  expect(dry.code).toBe(0);
  for (const [name, content] of Object.entries(files))
    expect(folder.bytes(name)).toEqual(Buffer.from(content as string));
  const other = makeWorkflowFolder();
  other.write({ ...files, 'x.patch': dry.bytes ?? '' });
  execFileSync('git', ['init', '-q'], { cwd: other.cwd });
  execFileSync('git', ['apply', '--whitespace=nowarn', 'x.patch'], { cwd: other.cwd });
  expect((await migrate('.', '--apply')).code).toBe(0);
  for (const name of Object.keys(files)) expect(other.bytes(name)).toEqual(folder.bytes(name));
  // Canary: the patch did something.
  expect(other.bytes('a.aether')).not.toEqual(Buffer.from(files['a.aether']));
  other.remove();
});

test('apply keeps indentation, line ends and mode, and a second run has nothing to do', async () => {
  folder.write({ 'a.aether': old });
  fs.chmodSync(join(folder.cwd, 'a.aether'), 0o640);
  expect(await migrate('a.aether', '--apply')).toMatchObject({
    code: 0,
    out: 'a.aether: quote-goal 1\n',
  });
  expect(folder.read('a.aether')).toBe(migrated);
  expect(fs.statSync(join(folder.cwd, 'a.aether')).mode & 0o777).toBe(0o640);
  expect(await migrate('a.aether', '--apply')).toMatchObject({ code: 0, out: '', err: '' });
});

describe('originals', () => {
  test('are put back, and files that were changed since are not touched', async () => {
    folder.write({ 'a.aether': old, 'b.aether': old });
    expect((await migrate('.', '--apply', '--backup-dir', 'kept')).code).toBe(0);
    folder.write({ 'b.aether': `${migrated}\nx: 1\n` });
    const restored = await migrate('--restore', 'kept');
    expect(restored.code).toBe(1);
    expect(folder.read('a.aether')).toBe(old);
    expect(folder.read('b.aether')).toBe(`${migrated}\nx: 1\n`);
    folder.write({ 'b.aether': migrated });
    expect((await migrate('--restore', 'kept')).code).toBe(0);
    expect(folder.read('b.aether')).toBe(old);
  });

  test('are never overwritten, and believed only as they were kept', async () => {
    folder.write({ 'a.aether': old, 'kept/x': '' });
    expect((await migrate('.', '--apply', '--backup-dir', 'kept')).code).toBe(2);
    expect(folder.read('a.aether')).toBe(old);
    expect((await migrate('.', '--apply', '--backup-dir', 'other')).code).toBe(0);
    folder.write({ 'other/1.original': 'something else' });
    expect((await migrate('--restore', 'other')).code).toBe(2);
    expect((await migrate('--restore', 'kept')).code).toBe(2);
  });
});

test('several files leave a report, with refusals', async () => {
  folder.write({ 'a.aether': old, 'b.aether': `# @signature: ed25519:0:0\n${old}` });
  expect((await migrate('.', '--dry-run')).code).toBe(1);
  const report = folder.read('migration_report.md');
  expect(report).toContain('Files: 2, changed: 1, refused: 1.');
  expect(report).toContain('E_MIGRATE_SIGNED');
});

test('one file leaves none; an unreadable one is 26', async () => {
  folder.write({ 'a.aether': old });
  expect((await migrate('a.aether', '--dry-run')).code).toBe(0);
  expect(fs.existsSync(join(folder.cwd, 'migration_report.md'))).toBe(false);
  expect((await migrate('gone.aether', '--dry-run')).code).toBe(26);
});

test('a signed file is signed again where a key is given', async () => {
  folder.write({ 'a.aether': old });
  const around = { cwd: folder.cwd };
  await runCommand(keysNew, ['--owner', 'me', '--out', 'key.pem'], around);
  await runCommand(aetherSign, ['a.aether', '--key', 'key.pem'], around);
  expect((await migrate('a.aether', '--apply', '--re-sign', 'key.pem')).code).toBe(0);
  expect(folder.read('a.aether').endsWith(migrated)).toBe(true);
  expect((await runCommand(aetherVerify, ['a.aether', '--strict'], around)).code).toBe(0);
});

test.each([
  [['.']],
  [['.', '--dry-run', '--apply']],
  [['.', '--dry-run', '--enable', 'x']],
  [['--dry-run']],
])('%j: 2', async (argv) => {
  folder.write({ 'a.aether': old });
  expect((await migrate(...argv)).code).toBe(2);
});
