import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { findMarked, killTree } from '../../../src/drivers/process/kill-tree.ts';
import { sendSignal } from '../../../src/drivers/process/launched.ts';
import { bootId, childrenOf, isAlive, readStat } from '../../../src/drivers/process/proc.ts';

let folder = '';
let children: ChildProcess[] = [];
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'seatrial-kill-')));
});
afterEach(() => {
  // Each leads a group of its own, in which its sleepers are.
  for (const { pid = 0 } of children) sendSignal(-pid, 'SIGKILL');
  children = [];
  rmSync(folder, { recursive: true, force: true });
});

type Started = { readonly pid: number; readonly startTime: number };

async function start(
  script: string,
  options: { cwd?: string; run?: string } = {},
): Promise<Started> {
  const child = spawn('sh', ['-c', `${script}\n:`], {
    cwd: options.cwd ?? '/',
    env: {
      PATH: process.env['PATH'] ?? '',
      ...(options.run === undefined ? {} : { SEATRIAL_RUN: options.run }),
    },
    detached: true,
    stdio: 'ignore',
  });
  children.push(child);
  const pid = child.pid ?? 0;
  await expect.poll(() => childrenOf(pid).length).toBeGreaterThan(0);
  return { pid, startTime: readStat(pid)?.startTime ?? 0 };
}

const alive = (pid: number): boolean => isAlive(readStat(pid));

describe('killTree', () => {
  it('ends a recorded process with all its descendants, and says which', async () => {
    const app = await start('sh -c "sleep 310 & wait" & sleep 311');
    await expect.poll(() => childrenOf(app.pid).length).toBe(2);
    const { killed, left } = await killTree(app);
    expect(left).toEqual([]);
    expect(killed.map(({ command }) => command)).toEqual(
      expect.arrayContaining(['sleep 310', 'sleep 311']),
    );
    expect(alive(app.pid)).toBe(false);
  });

  it('does not touch a process that only has the same pid', async () => {
    const app = await start('sleep 312');
    for (const identity of [
      { pid: app.pid, startTime: app.startTime + 1 },
      { ...app, bootId: 'another boot' },
      { pid: app.pid },
      {},
    ])
      expect(await killTree(identity)).toEqual({ killed: [], left: [] });
    expect(alive(app.pid)).toBe(true);
    // The canary: with its true identity it is ended.
    const boot = bootId();
    await killTree({ ...app, ...(boot === undefined ? {} : { bootId: boot }) });
    expect(alive(app.pid)).toBe(false);
  });

  it('is done at once when nothing is left', async () => {
    const app = await start('sleep 313');
    await killTree(app);
    expect(await killTree(app)).toEqual({ killed: [], left: [] });
  });

  it('takes the guardian last and does not count it', async () => {
    const guardian = await start('sleep 314 & sleep 315');
    await expect.poll(() => childrenOf(guardian.pid).length).toBe(2);
    const { killed } = await killTree({
      guardianPid: guardian.pid,
      guardianStartTime: guardian.startTime,
    });
    expect(killed.map(({ command }) => command).sort()).toEqual(['sleep 314', 'sleep 315']);
    expect(alive(guardian.pid)).toBe(false);
  });
});

describe('marks', () => {
  it('find a process by its environment', async () => {
    const mine = await start('sleep 316', { run: 'run-mine' });
    const other = await start('sleep 317', { run: 'run-mine-2' });
    await killTree({ marker: 'run-mine' });
    expect([alive(mine.pid), alive(other.pid)]).toEqual([false, true]);
  });

  it('find a process by its folder', async () => {
    const mine = await start('sleep 318', { cwd: folder });
    const other = await start('sleep 319', { cwd: tmpdir() });
    const found = findMarked({ workFolder: folder }).map(({ pid }) => pid);
    expect(found).toContain(mine.pid);
    expect(found).not.toContain(other.pid);
    await killTree({ workFolder: folder });
    expect([alive(mine.pid), alive(other.pid)]).toEqual([false, true]);
  });

  it('do not lead to this process or its parents', () => {
    const own = [process.pid, process.ppid];
    const found = findMarked({ workFolder: '/' }).map(({ pid }) => pid);
    expect(found.filter((pid) => own.includes(pid))).toEqual([]);
  });
});
