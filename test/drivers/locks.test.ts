import { spawn } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { makeLocks } from '../../src/drivers/locks.ts';
import { childrenOf, isAlive, readCommandLine, readStat } from '../../src/drivers/process/proc.ts';
import type { Locks } from '../../src/ports/locks.ts';

const searchPath = process.env['PATH'] ?? '';
let folder = '';
let locks: Locks;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seatrial-locks-'));
  locks = makeLocks({ folder, searchPath });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error as { code: string }).code,
  );

const holderPid = (): number | undefined =>
  childrenOf(process.pid).find(({ pid }) => readCommandLine(pid)?.[0] === 'cat')?.pid;

describe('locks', () => {
  it('are exclusive, and free after release', async () => {
    const first = await locks.tryAcquire('app-a');
    expect(first?.name).toBe('app-a');
    expect(await locks.tryAcquire('app-a')).toBeUndefined();
    const other = await locks.tryAcquire('app-b');
    expect(other).toBeDefined();
    await first?.release();
    const second = await locks.tryAcquire('app-a');
    expect(second).toBeDefined();
    await second?.release();
    await other?.release();
  });

  it('are waited for, and busy when the wait is over', async () => {
    const first = await locks.tryAcquire('app-a');
    expect(await codeOf(locks.acquire('app-a', { waitMs: 50 }))).toBe('resource-busy');
    const waiting = locks.acquire('app-a', { waitMs: 5000 });
    await first?.release();
    await (await waiting).release();
  });

  it('stop waiting when cancelled', async () => {
    const first = await locks.tryAcquire('app-a');
    const abort = new AbortController();
    const waiting = codeOf(locks.acquire('app-a', { waitMs: 60_000, signal: abort.signal }));
    abort.abort();
    expect(await waiting).toBe('cancelled');
    await first?.release();
  });
});

describe('locks and death', () => {
  it('LK-07: tell when their holder died, and only then', async () => {
    const lock = await locks.tryAcquire('app-a');
    const pid = holderPid();
    expect(pid).toBeDefined();
    process.kill(pid ?? 0, 'SIGKILL');
    await lock?.lost;
    const next = await locks.tryAcquire('app-a');
    let lost = false;
    void next?.lost.then(() => {
      lost = true;
    });
    await next?.release();
    await new Promise((resolve) => setImmediate(resolve));
    expect(lost).toBe(false);
  });

  it('are freed by SIGKILL of the process that took them', async () => {
    const module = new URL('../../src/drivers/locks.ts', import.meta.url).href;
    const script = `import { makeLocks } from ${JSON.stringify(module)};
      const lock = await makeLocks(${JSON.stringify({ folder, searchPath })}).tryAcquire('app-a');
      console.log(lock?.name); setInterval(() => {}, 1000);`;
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(await locks.tryAcquire('app-a')).toBeUndefined();
    child.kill('SIGKILL');
    const lock = await locks.acquire('app-a', { waitMs: 2000 });
    await lock.release();
  });

  it('are not inherited by other children', async () => {
    const lock = await locks.tryAcquire('app-a');
    const child = spawn('sleep', ['5'], { stdio: 'ignore' });
    await lock?.release();
    const again = await locks.tryAcquire('app-a');
    expect(again).toBeDefined();
    expect(isAlive(readStat(child.pid ?? 0))).toBe(true);
    child.kill('SIGKILL');
    await again?.release();
  });
});

describe('locks under attack', () => {
  it('LK-07: hold the file that the path names, also when it was replaced', async () => {
    const path = join(folder, 'app-a.lock');
    const first = await locks.tryAcquire('app-a');
    renameSync(path, `${path}.old`);
    // The path is free again: the old lock is on a file that nobody finds.
    const second = await locks.tryAcquire('app-a');
    expect(second).toBeDefined();
    expect(await locks.tryAcquire('app-a')).toBeUndefined();
    await first?.release();
    await second?.release();
  });

  it('LK-07: are taken again when the file is replaced during the wait', async () => {
    const path = join(folder, 'app-a.lock');
    const first = await locks.tryAcquire('app-a');
    const waiting = locks.acquire('app-a', { waitMs: 5000 });
    await expect.poll(() => childrenOf(process.pid).length).toBeGreaterThan(1);
    renameSync(path, `${path}.old`);
    writeFileSync(path, '');
    const inode = lstatSync(path).ino;
    await first?.release();
    const lock = await waiting;
    expect(lstatSync(path).ino).toBe(inode);
    expect(await locks.tryAcquire('app-a')).toBeUndefined();
    await lock.release();
  });

  it.each(['', '.', '../a', 'A', 'a/b', '-a', 'a'.repeat(122)])(
    'refuse the name %j',
    async (name) => {
      expect(await codeOf(locks.tryAcquire(name))).toBe('refused');
    },
  );

  it('refuse a lock file that is a link, and create nothing behind it', async () => {
    const victim = join(folder, 'victim');
    symlinkSync(victim, join(folder, 'app-a.lock'));
    expect(await codeOf(locks.tryAcquire('app-a'))).toBe('refused');
    expect(() => lstatSync(victim)).toThrow();
  });

  it.each([
    [
      'a link',
      (path: string) => {
        symlinkSync(tmpdir(), path);
      },
    ],
    [
      'a folder that anybody may change',
      (path: string) => {
        mkdirSync(path);
        chmodSync(path, 0o777);
      },
    ],
  ])('refuse %s as their folder', async (_, make) => {
    const path = join(folder, 'sub');
    make(path);
    expect(await codeOf(makeLocks({ folder: path, searchPath }).tryAcquire('app-a'))).toBe(
      'refused',
    );
  });

  it('are unavailable without flock', async () => {
    const bare = makeLocks({ folder, searchPath: folder });
    expect(await codeOf(bare.tryAcquire('app-a'))).toBe('unavailable');
  });
});
