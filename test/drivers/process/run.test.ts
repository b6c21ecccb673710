import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { isAlive, readStat } from '../../../src/drivers/process/proc.ts';
import { makeProcesses } from '../../../src/drivers/process/run.ts';
import type { ProcessResult, ProcessSpec } from '../../../src/ports/processes.ts';

const searchPath = process.env['PATH'] ?? '';
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seatrial-run-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const runWith =
  (guarded: boolean) =>
  (argv: readonly [string, ...string[]], more: Partial<ProcessSpec> = {}): Promise<ProcessResult> =>
    makeProcesses({ searchPath, guarded }).run({
      argv,
      cwd: folder,
      env: { PATH: searchPath },
      timeoutMs: 20_000,
      outputLimitBytes: 100_000,
      graceMs: 300,
      ...more,
    });
const run = runWith(true);
const sh = (script: string, more: Partial<ProcessSpec> = {}): Promise<ProcessResult> =>
  run(['sh', '-c', script], more);

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error as { code: string }).code,
  );
const readPid = (name: string): number => Number(readFileSync(join(folder, name), 'utf8'));
const aliveNow = (pid: number): boolean => isAlive(readStat(pid));

describe.each([
  ['with a guardian', true],
  ['without one', false],
])('commands %s', (_, guarded) => {
  const start = runWith(guarded);

  it.each([
    [['true'], 0, undefined],
    [['sh', '-c', 'exit 7'], 7, undefined],
    [['sh', '-c', 'exit 137'], 137, undefined],
    [['sh', '-c', 'kill -KILL $$'], undefined, 'SIGKILL'],
    [['sh', '-c', 'kill -USR1 $$'], undefined, 'SIGUSR1'],
  ] as const)('end as they end: %j', async (argv, exitCode, signal) => {
    const result = await start([argv[0], ...argv.slice(1)]);
    expect(result).toMatchObject({ exitCode, signal, timedOut: false, survivors: [] });
  });

  it('get arguments, environment, folder and input, and nothing else', async () => {
    const script =
      'cat; printf "%s|" "$@"; pwd; env | grep -v -e ^PWD -e ^SHLVL -e ^_= | sort; echo e >&2';
    const result = await start(['sh', '-c', script, 'x', 'a b', '', '"\n$'], {
      env: { PATH: searchPath, NAME: 'va=l\nue' },
      stdin: Buffer.from('input|'),
    });
    const environment = ['NAME=va=l', `PATH=${searchPath}`, 'ue', ''].join('\n');
    expect(text(result.stdout)).toBe(`input|a b||"\n$|${folder}\n${environment}`);
    expect(text(result.stderr)).toBe('e\n');
  });

  it('get input as it comes, which ends with its source', async () => {
    const heard = new Set<string>();
    async function* asked(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('one\n');
      await expect.poll(() => [...heard].join(''), { timeout: 20_000 }).toContain('one');
      yield Buffer.from('two\n');
    }
    const result = await start(['cat'], {
      stdin: asked(),
      onOutput: (_, bytes) => heard.add(text(bytes)),
    });
    expect([result.exitCode, text(result.stdout)]).toEqual([0, 'one\ntwo\n']);
  });

  it.each([
    // A folder of the path that may not be read hides whether a program is there.
    [['no-such-program'], { env: { PATH: '/usr/bin:/bin' } }, 'not-found'],
    [['/no/such/program'], {}, 'not-found'],
    [['true'], { cwd: '/no/such/folder' }, 'not-found'],
    [['/etc/passwd'], {}, 'permission'],
  ] as const)('that cannot start throw: %j %j', async (argv, more, code) => {
    expect(await codeOf(start([argv[0]], more))).toBe(code);
  });
});

describe.each([
  ['with a guardian', true],
  ['without one', false],
])('running commands %s', (_, guarded) => {
  const start = runWith(guarded);

  it('write to a channel of their own, followed live', async () => {
    const seen: string[] = [];
    const result = await start(['sh', '-c', 'echo one >&3; echo two'], {
      channel: true,
      onChannel: (bytes) => seen.push(text(bytes)),
    });
    expect([text(result.channel), text(result.stdout), seen.join('')]).toEqual([
      'one\n',
      'two\n',
      'one\n',
    ]);
  });

  it('are ended when time is over or the caller gives up', async () => {
    const late = await start(['sleep', '30'], { timeoutMs: 100 });
    expect(late).toMatchObject({ exitCode: undefined, signal: 'SIGTERM', timedOut: true });
    const abort = new AbortController();
    const running = start(['sleep', '30'], { signal: abort.signal });
    setTimeout(() => {
      abort.abort();
    }, 50);
    expect(await running).toMatchObject({ signal: 'SIGTERM', cancelled: true, timedOut: false });
    const never = await start(['sleep', '30'], { signal: AbortSignal.abort() });
    expect(never.cancelled).toBe(true);
  });

  it('that ignore SIGTERM are killed after the grace', async () => {
    const result = await start(['sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done'], {
      timeoutMs: 150,
      graceMs: 200,
    });
    expect(result).toMatchObject({ signal: 'SIGKILL', timedOut: true });
  });
});

describe('descendants', () => {
  it('that stay in the group end with their command', async () => {
    const result = await sh('sleep 300 & echo $! > pid; exit 4');
    expect(result.exitCode).toBe(4);
    expect(result.survivors).toEqual([{ pid: readPid('pid'), command: 'sleep 300' }]);
    expect(aliveNow(readPid('pid'))).toBe(false);
  });

  it.each([
    [
      'forks twice, leaves session, environment and folder',
      '(setsid env -i sh -c "cd /; echo \\$\\$ > $PWD/pid; exec sleep 301" >/dev/null 2>&1 </dev/null &)',
    ],
    [
      'ignores SIGTERM as well',
      '(setsid sh -c "trap \'\' TERM; echo \\$\\$ > pid; while :; do sleep 0.05; done" &)',
    ],
    ['holds the output open', '(setsid sh -c "echo \\$\\$ > pid; exec sleep 302" &)'],
  ])('do not survive: one that %s', async (_, script) => {
    const result = await sh(`${script}; while ! [ -s pid ]; do sleep 0.01; done; exit 0`);
    const pid = readPid('pid');
    expect(result.survivors.map((survivor) => survivor.pid)).toContain(pid);
    expect(aliveNow(pid)).toBe(false);
    expect(readStat(pid)).toBeUndefined();
  });

  it('that end by themselves in a moment are no survivors', async () => {
    const result = await sh('(sleep 0.03 &) ; exit 0');
    expect(result.survivors).toEqual([]);
  });

  it('without a guardian are caught only inside their session', async () => {
    const inside = await runWith(false)(['sh', '-c', 'sleep 303 & exit 0']);
    expect(inside.survivors).toHaveLength(1);
    // The canary: this is what the guardian is for.
    const outside = await runWith(false)([
      'sh',
      '-c',
      'setsid sleep 3 >/dev/null 2>&1 & echo $! > pid; sleep 0.1',
    ]);
    expect(outside.survivors).toEqual([]);
    expect(aliveNow(readPid('pid'))).toBe(true);
    process.kill(readPid('pid'), 'SIGKILL');
  });

  it('of a fork bomb are all found', async () => {
    const result = await sh(
      'n() { [ $1 -gt 0 ] && { n $(($1-1)) & n $(($1-1)) & }; sleep 304; }; n 5',
      {
        timeoutMs: 300,
      },
    );
    expect(result.timedOut).toBe(true);
    await sleep(50);
    const left = await run(['sh', '-c', 'pgrep -f "^sleep 304" | wc -l']);
    expect(text(left.stdout).trim()).toBe('0');
  });
});

describe('output', () => {
  it('is kept up to its limit and counted beyond', async () => {
    const live: number[] = [];
    const result = await sh('head -c 150000 /dev/zero; head -c 50 /dev/zero >&2', {
      outputLimitBytes: 100,
      onOutput: (_, bytes) => live.push(bytes.length),
    });
    expect([result.stdout.length, result.stderr.length, result.droppedBytes]).toEqual([
      100, 50, 149_900,
    ]);
    expect(live.reduce((sum, bytes) => sum + bytes, 0)).toBe(150);
  });

  it('of 100 MB does not grow memory', async () => {
    await sh('head -c 1000000 /dev/zero');
    const before = process.memoryUsage.rss();
    let peak = before;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 5);
    const result = await sh('head -c 100000000 /dev/zero');
    clearInterval(watch);
    expect(result.droppedBytes).toBe(99_900_000);
    expect(peak - before).toBeLessThan(60_000_000);
  });

  it('is complete when a program writes and ends at once', async () => {
    for (let round = 0; round < 20; round += 1)
      expect((await sh('head -c 90000 /dev/zero')).stdout.length).toBe(90_000);
  });
});

describe('the guardian', () => {
  it('takes its command along when it is killed', async () => {
    const running = sh('echo $PPID > guardian; echo $$ > main; sleep 305 & echo $! > child; wait');
    await expect
      .poll(() => {
        try {
          return readPid('child');
        } catch {
          return 0;
        }
      })
      .toBeGreaterThan(0);
    await sleep(20);
    process.kill(readPid('guardian'), 'SIGKILL');
    const result = await running;
    expect(result.signal).toBe('SIGKILL');
    expect([aliveNow(readPid('main')), aliveNow(readPid('child'))]).toEqual([false, false]);
  });

  it('leaves no zombie behind', async () => {
    const script =
      'for i in 1 2 3 4 5; do (sleep 0.01 &) ; done; for n in $(seq 100); do left=$(ps -o stat= --ppid $PPID); case $left in *Z*) sleep 0.3;; *) break;; esac; done; echo "$left"';
    expect(text((await sh(script)).stdout)).not.toMatch(/Z/);
  });

  it('does not care about the environment of its command', async () => {
    writeFileSync(join(folder, 'Evil.pm'), 'open(F, ">evil"); print F $$; 1;');
    const env = { PATH: searchPath, PERL5OPT: '-MEvil', PERL5LIB: folder };
    expect(await run(['true'], { env })).toMatchObject({ exitCode: 0 });
    expect(() => readFileSync(join(folder, 'evil'))).toThrow();
    // The canary: the same environment does reach a command.
    await run(['perl', '-e', '1'], { env });
    expect(readFileSync(join(folder, 'evil'), 'utf8')).not.toBe('');
  });

  it('keeps arguments and environment out of its own command line', async () => {
    const result = await run(['sh', '-c', 'cat /proc/$PPID/cmdline', 'sh', 'argument-7'], {
      env: { PATH: searchPath, TOKEN: 'value-8' },
    });
    expect(text(result.stdout)).toContain('seatrial-guardian');
    expect(text(result.stdout)).not.toMatch(/argument-7|value-8/);
  });
});
