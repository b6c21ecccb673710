import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { isAlive, readStat } from '../../../src/drivers/process/proc.ts';
import {
  makeRing,
  startSupervised,
  type Supervised,
} from '../../../src/drivers/process/supervise.ts';

const searchPath = process.env['PATH'] ?? '';
let folder = '';
let started: Supervised[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seatrial-supervise-'));
});
afterEach(async () => {
  for (const app of started) await app.stop({ signal: 'SIGKILL', graceMs: 0 });
  started = [];
  rmSync(folder, { recursive: true, force: true });
});

async function start(script: string): Promise<Supervised> {
  const app = await startSupervised({
    argv: ['sh', '-c', script],
    cwd: folder,
    env: { PATH: searchPath },
    marker: 'run-1',
  });
  started.push(app);
  return app;
}

const readPid = (name: string): number => {
  const path = join(folder, name);
  return existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
};
const appears = (name: string) => expect.poll(() => readPid(name)).toBeGreaterThan(0);

describe('a supervised app', () => {
  it('is named by pid and start time, and so is its guardian', async () => {
    const app = await start('echo $$ > pid; exec sleep 300');
    await appears('pid');
    expect(app.pid).toBe(readPid('pid'));
    expect(readStat(app.pid)).toMatchObject({ startTime: app.startTime, parent: app.guardianPid });
    expect(readStat(app.guardianPid)?.startTime).toBe(app.guardianStartTime);
    expect(app.running()).toBe(true);
    expect(readFileSync(`/proc/${String(app.pid)}/environ`, 'utf8')).toContain(
      'SEATRIAL_RUN=run-1\0',
    );
  });

  it('stops politely when it listens', async () => {
    const app = await start('trap "exit 5" TERM; echo $$ > pid; while :; do sleep 0.02; done');
    await appears('pid');
    expect(await app.stop({ signal: 'SIGTERM', graceMs: 5000 })).toEqual({
      forced: false,
      survivors: [],
    });
    expect(await app.exited).toEqual({ code: 5 });
    expect(app.running()).toBe(false);
    expect(await app.stop({ signal: 'SIGTERM', graceMs: 5000 })).toEqual({
      forced: false,
      survivors: [],
    });
  });

  it('may use another signal to stop', async () => {
    const app = await start('trap "exit 6" INT; echo $$ > pid; while :; do sleep 0.02; done');
    await appears('pid');
    await app.stop({ signal: 'SIGINT', graceMs: 5000 });
    expect(await app.exited).toEqual({ code: 6 });
  });

  it('is forced when it does not', async () => {
    const app = await start('trap "" TERM; echo $$ > pid; while :; do sleep 0.05; done');
    await appears('pid');
    expect(await app.stop({ signal: 'SIGTERM', graceMs: 150 })).toEqual({
      forced: true,
      survivors: [],
    });
    expect(await app.exited).toEqual({ signal: 'SIGKILL' });
  });
});

describe('the family of a supervised app', () => {
  it('may let its group finish inside the grace', async () => {
    const child =
      'trap "sleep 0.3; echo ok > finished; exit 0" TERM; echo $$ > pid; while :; do sleep 0.02; done';
    const app = await start(`sh -c '${child}' & wait`);
    await appears('pid');
    expect(await app.stop({ signal: 'SIGTERM', graceMs: 5000 })).toEqual({
      forced: false,
      survivors: [],
    });
    expect(existsSync(join(folder, 'finished'))).toBe(true);
  });

  it('tells of a daemon that left its group', async () => {
    const app = await start(
      '(setsid env -i sh -c "echo \\$\\$ > daemon; cd /; exec sleep 306" &); echo $$ > pid; exec sleep 307',
    );
    await appears('pid');
    await appears('daemon');
    const daemon = readPid('daemon');
    await expect.poll(() => readStat(app.pid)?.name).toBe('sleep');
    await expect.poll(() => readStat(daemon)?.name).toBe('sleep');
    const { survivors, forced } = await app.stop({ signal: 'SIGTERM', graceMs: 3000 });
    expect(survivors.map(({ command }) => command)).toEqual(['sleep 306']);
    expect(forced).toBe(false);
    expect(isAlive(readStat(survivors[0]?.pid ?? 0))).toBe(false);
  });

  it('gives its output once, bounded', async () => {
    const app = await start('echo one; echo two >&2; echo $$ > pid; exec sleep 300');
    let seen = '';
    await expect.poll(() => (seen += Buffer.from(app.output().bytes).toString())).toHaveLength(8);
    expect([...seen.matchAll(/one|two/g)].map(String).sort()).toEqual(['one', 'two']);
    expect(app.output()).toEqual({ bytes: new Uint8Array(), droppedBytes: 0 });
  });
});

describe('the ring', () => {
  it.each([
    [[3, 3], 10, 6, 0],
    [[8, 8], 10, 10, 6],
    [[25], 10, 10, 15],
  ])('keeps of %j with limit %i the last %i', (sizes, limit, kept, dropped) => {
    const ring = makeRing(limit);
    sizes.forEach((size, index) => {
      ring.push(Buffer.alloc(size, index + 1));
    });
    const { bytes, droppedBytes } = ring.take();
    expect([bytes.length, droppedBytes, bytes.at(-1)]).toEqual([kept, dropped, sizes.length]);
    expect(ring.take().droppedBytes).toBe(0);
  });
});

describe('when the harness is killed', () => {
  it('the app and its daemons go with it', async () => {
    const module = new URL('../../../src/drivers/process/supervise.ts', import.meta.url).href;
    mkdirSync(join(folder, 'work'));
    const app =
      'setsid env -i sh -c "trap : TERM; echo \\$\\$ > daemon; while :; do sleep 0.05; done" & trap : TERM; echo $$ > main; while :; do sleep 0.05; done';
    const script = `import { startSupervised } from ${JSON.stringify(module)};
      await startSupervised(${JSON.stringify({
        argv: ['sh', '-c', app],
        cwd: join(folder, 'work'),
        env: { PATH: searchPath },
        marker: 'run-2',
      })});`;
    const harness = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script],
      {
        stdio: 'inherit',
      },
    );
    await appears('work/main');
    await appears('work/daemon');
    const pids = [readPid('work/main'), readPid('work/daemon')];
    const guardian = readStat(pids[0] ?? 0)?.parent ?? 0;
    harness.kill('SIGKILL');
    await expect
      .poll(() => [...pids, guardian].filter((pid) => isAlive(readStat(pid))))
      .toEqual([]);
  });
});
