import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { makeSandbox, type SandboxSettings } from '../../../src/drivers/sandbox/sandbox.ts';
import { systemProcesses } from '../../../src/drivers/process/run.ts';

/** Why tests of the sandbox are left out on this host; verify lists them by name. */
export const noSandbox =
  spawnSync('bwrap', ['--unshare-user', '--ro-bind', '/', '/', '/bin/true']).status !== 0;

export const sandboxSettings: SandboxSettings = {
  processes: systemProcesses,
  path: process.env['PATH'] ?? '',
  home: process.env['HOME'],
  user: process.getuid?.() ?? 0,
  pid: process.pid,
  architecture: process.arch,
  controlGroups: '/sys/fs/cgroup',
  work: tmpdir(),
  hidden: [],
};

export const sandboxHere = makeSandbox(sandboxSettings);
