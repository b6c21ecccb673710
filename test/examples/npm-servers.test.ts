// Gates over three servers from npm that are not ours, by YAML alone. Skipped, and listed as left
// out, where the registry does not answer.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { canariesRun } from '../../src/cli/commands/canaries-run.ts';
import { gatesRun } from '../../src/cli/commands/gates-run.ts';
import { runCommand } from '../cli/run-command.ts';

const example = resolve('examples/npm-servers');
const folder = mkdtempSync(join(tmpdir(), 'seatrial-npm-servers-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const around = {
  cwd: folder,
  env: { PATH: process.env['PATH'] ?? '', SEATRIAL_LOCKS: join(folder, 'locks') },
};

const view = ['view', 'http-server@14.1.1', 'version', '--fetch-retries=0'];
const reachable = spawnSync('npm', view, { stdio: 'ignore', timeout: 20_000 }).status === 0;
if (!reachable)
  process.stderr.write('LEFT OUT: gates over servers from npm, whose registry does not answer.\n');

test.skipIf(!reachable)(
  'three npm servers: all gates go, and every fault planted into them is noticed',
  { timeout: 120_000 },
  async () => {
    cpSync(example, folder, { recursive: true });
    const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund'];
    const installed = spawnSync('npm', install, { cwd: folder, encoding: 'utf8' });
    expect(installed.status, installed.stderr).toBe(0);
    const { code, out } = await runCommand(gatesRun, ['--quiet', '--jobs', '2'], around);
    expect([code, out]).toEqual([0, expect.stringContaining('decision: go')]);
    const canaries = await runCommand(canariesRun, ['.'], around);
    expect([canaries.code, canaries.out]).toEqual([0, expect.stringContaining('8 of 8')]);
  },
);
