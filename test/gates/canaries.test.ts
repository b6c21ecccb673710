// Every kind of check is green against a sound server and red for each fault planted for it; this
// is also the canary run of the gate kinds themselves.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canariesRun } from '../../src/cli/commands/canaries-run.ts';
import { gateFolder } from './gate-folder.ts';
import { runCommand, type Around } from '../cli/run-command.ts';

const pack = resolve('test/fixtures/gates');
let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'canaries-'));
});
afterAll(() => {
  rmSync(cwd, { recursive: true, force: true });
});
const run = (folder: string, around: Partial<Around> = {}) =>
  runCommand(canariesRun, [folder, '--store', join(cwd, 'store')], {
    ...around,
    cwd,
    env: { PATH: process.env['PATH'] ?? '', SEATRIAL_LOCKS: join(cwd, 'locks') },
  });

test(
  'row 13: every planted fault turns its checks red, and no other',
  { timeout: 120_000 },
  async () => {
    const { code, out } = await run(pack);
    expect(out).toMatch(/\n(\d+) of \1 as demanded\n$/u);
    expect(code).toBe(0);
    const written = JSON.parse(readFileSync(join(cwd, 'canaries.json'), 'utf8')) as {
      results: readonly { id: string; outcome: string }[];
    };
    expect(written.results.map(({ id }) => id)).toContain('chat/drops-one');
  },
);

test('a canary that stays green is named, and ends with code 1', async () => {
  const folder = gateFolder(`version: 1
gates:
  dull:
    kind: command
    checks: [{id: gate.dull.always, run: [sh, -c, "exit 0"]}]
    canary: [{env: {A: b}, red: gate.dull.always}]
`);
  const { code, out } = await run(folder.folder);
  folder.remove();
  expect([code, out]).toEqual([
    1,
    expect.stringContaining('GREEN    dull/1: gate.dull.always is passed'),
  ]);
});

test('a gate that is red without any fault could not be tried', async () => {
  const folder = gateFolder(`version: 1
gates:
  red:
    kind: command
    checks: [{id: gate.red.always, run: [sh, -c, "exit 1"]}]
    canary: [{env: {A: b}, red: gate.red.always}]
`);
  const { code, out } = await run(folder.folder);
  folder.remove();
  expect([code, out]).toEqual([3, expect.stringContaining('failed without any fault')]);
});

test('a stop is no answer, whatever was seen by then', async () => {
  const folder = gateFolder(`version: 1
gates:
  one:
    kind: command
    checks: [{id: gate.one.asked, run: [sh, -c, "exit 0"]}]
    canary: [{env: {A: b}, red: gate.one.asked}]
  two:
    kind: command
    checks: [{id: gate.two.asked, run: [sh, -c, "exit 0"]}]
    canary: [{env: {A: b}, red: gate.two.asked}]
`);
  const stop = new AbortController();
  const onErr = (text: string): void => {
    if (text === '.') stop.abort({ cause: 'SIGTERM', message: 'told to end' });
  };
  const { code, err } = await run(folder.folder, { onErr, signal: stop.signal });
  folder.remove();
  expect(err).toContain('told to end');
  expect(code).toBe(143);
});
