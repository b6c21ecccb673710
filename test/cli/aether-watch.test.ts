import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aetherWatch } from '../../src/cli/commands/aether-watch.ts';
import { runCommand, type Ended } from './run-command.ts';
import { makeWorkflowFolder, type WorkflowFolder } from './workflow-folder.ts';

const good = 'goal: "x"\nreflect()\n';
const bad = 'goal: "x"\nfoo(1)\n';

let folder: WorkflowFolder;
let controller: AbortController;
let ended: Promise<Ended> | undefined;
let out = '';

beforeEach(() => {
  folder = makeWorkflowFolder();
  controller = new AbortController();
  out = '';
});

afterEach(async () => {
  controller.abort({ cause: 'SIGINT', message: 'enough' });
  await ended;
  ended = undefined;
  folder.remove();
});

/** Starts a watch and waits for its first tally. */
async function watch(...argv: string[]): Promise<void> {
  ended = runCommand(aetherWatch, argv, {
    cwd: folder.cwd,
    signal: controller.signal,
    onOut: (text) => (out += text),
  });
  await says(/files?: |^\{/m);
}

/** Waits until what was printed since the last call holds `pattern`; gives and forgets it. */
async function says(pattern: RegExp): Promise<string> {
  await vi.waitFor(
    () => {
      expect(out).toMatch(pattern);
    },
    { timeout: 30_000, interval: 5 },
  );
  const told = out;
  out = '';
  return told;
}

/** Whole at once: a machine under load may take its time between emptying a file and filling it. */
function put(name: string, content: string): void {
  folder.write({ [`${name}.tmp`]: content });
  fs.renameSync(join(folder.cwd, `${name}.tmp`), join(folder.cwd, name));
}

const tally = /files?: .*\n/;

test('tells of an edit, and of nothing else', async () => {
  folder.write({ 'a.aether': good, 'b.aether': bad });
  await watch('.');
  put('a.aether', bad);
  const told = await says(tally);
  expect(told).toMatch(/^a\.aether:2:1: .*E_CALL_UNKNOWN/m);
  expect(told).not.toMatch(/^b\.aether/m);
  expect(told).toMatch(/^2 files: 2 VALIDATION_ERROR$/m);
  put('b.aether', good);
  expect(await says(tally)).toBe('b.aether: ok\n2 files: 1 SUCCESS, 1 VALIDATION_ERROR\n');
});

test('content that is the same again is no change', async () => {
  folder.write({ 'a.aether': good, 'b.aether': good });
  await watch('.');
  put('a.aether', good);
  put('b.aether', bad);
  expect(await says(tally)).not.toMatch(/^a\.aether/m);
});

test('a file put in the place of another, and one taken away', async () => {
  folder.write({ 'a.aether': good, 'b.aether': good, 'new.tmp': bad });
  await watch('.');
  fs.renameSync(join(folder.cwd, 'new.tmp'), join(folder.cwd, 'a.aether'));
  expect(await says(tally)).toMatch(/^a\.aether:2:1/m);
  fs.rmSync(join(folder.cwd, 'a.aether'));
  expect(await says(tally)).toBe('a.aether: gone\n1 file: 1 SUCCESS\n');
});

test('folders that come, go and are skipped', async () => {
  put('a.aether', good);
  await watch('.');
  folder.write({ 'node_modules/x.aether': bad, 'sub/deep/b.aether': bad });
  expect(await says(/^2 files: /m)).toMatch(/^sub\/deep\/b\.aether:2:1/m);
  put('sub/deep/b.aether', good);
  expect(await says(tally)).toBe('sub/deep/b.aether: ok\n2 files: 2 SUCCESS\n');
  fs.renameSync(join(folder.cwd, 'sub'), join(folder.cwd, 'moved'));
  const told = await says(/moved\/deep\/b\.aether: ok[^]*sub\/deep\/b\.aether: gone/);
  expect(told).toMatch(/2 files: 2 SUCCESS\n$/);
  put('moved/deep/b.aether', bad);
  expect(await says(tally)).toMatch(/^moved\/deep\/b\.aether:2:1/m);
});

test('a file that was named, through a link too', async () => {
  folder.write({ 'real/a.aether': good, 'real/other.aether': good });
  fs.symlinkSync('real/a.aether', join(folder.cwd, 'link.aether'));
  await watch('link.aether');
  put('real/other.aether', bad);
  put('real/a.aether', bad);
  const told = await says(tally);
  expect(told).toMatch(/^link\.aether:2:1/m);
  expect(told).not.toMatch(/other/);
});

test('machines get lines of JSON and nothing else', async () => {
  put('a.aether', good);
  await watch('--json', '.');
  put('a.aether', bad);
  const [line = ''] = (await says(/\n/)).split('\n');
  expect(JSON.parse(line)).toMatchObject({ file: 'a.aether', code: 25 });
  fs.rmSync(join(folder.cwd, 'a.aether'));
  expect(JSON.parse(await says(/\n/))).toMatchObject({ file: 'a.aether', code: 26 });
});

test('ends with 130 when interrupted, and with 26 when its folder is gone', async () => {
  folder.write({ 'a/x.aether': good });
  await watch('a');
  fs.rmSync(join(folder.cwd, 'a'), { recursive: true });
  expect(await ended).toMatchObject({ code: 26, err: 'seatrial: no longer there: a\n' });
  folder.write({ 'a/x.aether': good });
  await watch('a');
  controller.abort({ cause: 'SIGINT', message: 'enough' });
  expect(await ended).toMatchObject({ code: 130 });
});

test('standard input cannot be watched', async () => {
  const { code } = await runCommand(aetherWatch, ['-'], { cwd: folder.cwd });
  expect(code).toBe(2);
});
