// What happens around the files while a command looks at them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findFiles } from '../../src/cli/aether-paths.ts';
import { readFound } from '../../src/cli/aether-read.ts';
import { aetherCheck } from '../../src/cli/commands/aether-check.ts';
import { runCommand } from './run-command.ts';
import { makeWorkflowFolder, type WorkflowFolder } from './workflow-folder.ts';

let folder: WorkflowFolder;

beforeEach(() => {
  folder = makeWorkflowFolder();
});

afterEach(() => {
  folder.remove();
});

const good = 'goal: "x"\n';

function spawnProgram(argv: readonly string[]) {
  const main = new URL('../../src/cli/main.ts', import.meta.url).pathname;
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), main, 'aether', ...argv],
    { cwd: folder.cwd },
  );
  const told = { err: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => (told.err += text));
  return { child, told };
}

test.each(['check', 'risk'])(
  '%s that is told to end does, with 130',
  { timeout: 60_000 },
  async (verb) => {
    folder.write({ 'a.aether': `goal: "x"\nnarrate("eval")\n${'foo(1)\n'.repeat(400)}` });
    const path = join(folder.cwd, 'a.aether');
    for (let index = 0; index < 4000; index += 1)
      fs.linkSync(path, join(folder.cwd, `b${String(index)}.aether`));
    const { child, told } = spawnProgram([verb, '.']);
    child.stdout.once('data', () => child.kill('SIGINT'));
    child.stdout.resume();
    expect(await once(child, 'close')).toEqual([130, null]);
    expect(told.err).toContain('told to end by SIGINT');
  },
);

/** Whether the process has a handler for SIGHUP, which Node itself never sets. */
function isListening(pid: number): boolean {
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(
    fs.readFileSync(`/proc/${String(pid)}/status`, 'utf8'),
  );
  const hangUpBit = 1n;
  return (BigInt(`0x${caught?.[1] ?? '0'}`) & hangUpBit) !== 0n;
}

test('waiting for standard input ends when told to', { timeout: 60_000 }, async () => {
  const { child, told } = spawnProgram(['check', '-']);
  const ended = once(child, 'close');
  await vi.waitFor(
    () => {
      expect(isListening(child.pid ?? 0)).toBe(true);
    },
    { timeout: 30_000 },
  );
  child.kill('SIGTERM');
  expect(await ended, told.err).toEqual([143, null]);
});

test('a file and a folder that vanish between being found and being read', () => {
  folder.write({ 'a.aether': good, 'b.aether': good, 'c/d.aether': good, 'e.aether': good });
  const found = findFiles(['.'], { extensions: ['aether'], cwd: folder.cwd });
  const read: string[] = [];
  for (const each of found) {
    if (each.name === 'a.aether') {
      fs.rmSync(join(folder.cwd, 'b.aether'));
      fs.rmSync(join(folder.cwd, 'c'), { recursive: true });
    }
    const answer = readFound(each, 1000);
    read.push(`${each.name} ${'refusal' in answer ? answer.refusal.code : 'read'}`);
  }
  expect(read).toEqual([
    'a.aether read',
    'b.aether E_IO_NOT_FOUND',
    'c E_IO_NOT_FOUND',
    'e.aether read',
  ]);
});

test('links in a circle, a folder of that name, and one in its own path', async () => {
  fs.symlinkSync('b.aether', join(folder.cwd, 'a.aether'));
  fs.symlinkSync('a.aether', join(folder.cwd, 'b.aether'));
  folder.write({ 'd.aether/inner.aether': good });
  const ended = await runCommand(aetherCheck, ['a.aether', 'd.aether', '--json'], {
    cwd: folder.cwd,
  });
  const told = ended.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { file: string; code: number; message: string });
  expect(told.map(({ file, code }) => [file, code])).toEqual([
    ['a.aether', 26],
    ['d.aether/inner.aether', 0],
  ]);
  expect(told[0]?.message).toContain('ELOOP');
  expect(ended.code).toBe(26);
});

const newlines: readonly { name: string; text: string; want: readonly string[] }[] = [
  { name: 'LF, CRLF and lone CR', text: 'goal: "x"\r\n\rfoo(1)\nbar(1)\r', want: ['3:1', '4:1'] },
  { name: 'LS is no newline', text: 'goal: "x"\u2028\nfoo(1)\n', want: ['1:10', '2:1'] },
  { name: 'a mark costs no column', text: '\ufeffgoal: "x"\nfoo(1)\n', want: ['2:1'] },
  { name: 'astral characters are two', text: 'goal: "x"\nx: ["😀", foo(1)]', want: ['2:11'] },
];

test.each(newlines)('places: $name', async ({ text, want }) => {
  folder.write({ 'a.aether': text });
  const { out } = await runCommand(aetherCheck, ['a.aether'], { cwd: folder.cwd });
  const places = [...out.matchAll(/^a\.aether:(\d+:\d+): error/gm)].map(([, place]) => place);
  expect(places).toEqual(want);
});
