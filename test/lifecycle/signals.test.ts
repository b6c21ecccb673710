// A real `seatrial run` with a real app, told to end in every way there is.

import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import type { RunState } from '../../src/evidence/run-state.ts';
import {
  command,
  counterManifest,
  leftOf,
  makeCounter,
  type RealApp,
  removeRealApps,
  runsOf,
  start,
  type Started,
  stateOf,
} from './real-run.ts';

afterAll(removeRealApps);

const timeout = 180_000;
const pollMs = 50;
const run = promisify(execFile);

async function until<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** The state of the newest run once an operation has begun. */
const reached = (app: RealApp, operation: string): Promise<RunState> =>
  until(async () => {
    const [id] = (await runsOf(app)).toReversed();
    const state = id === undefined ? undefined : await stateOf(app, id);
    const at = state?.operations.find(({ name }) => name === operation);
    return at?.startedAt === undefined ? undefined : state;
  });

async function endOf(app: RealApp): Promise<RunState> {
  const [id = ''] = (await runsOf(app)).toReversed();
  const state = await stateOf(app, id);
  if (state === undefined) throw new Error('there is no run');
  expect(await leftOf(app, state)).toEqual([]);
  const verified = await command(app, 'verify', id);
  expect(verified.code, verified.out).toBe(0);
  return state;
}

const kills = {
  SIGTERM: ({ child }: Started) => child.kill('SIGTERM'),
  SIGINT: ({ child }: Started) => child.kill('SIGINT'),
  SIGHUP: ({ child }: Started) => child.kill('SIGHUP'),
  'SIGINT twice': ({ child }: Started) => {
    child.kill('SIGINT');
    setTimeout(() => child.kill('SIGINT'), 300);
  },
} as const;

describe.concurrent('a run that is told to end', () => {
  test.each([
    ['SIGTERM', 'install', 143],
    ['SIGTERM', 'backup', 143],
    ['SIGINT', 'upgrade', 130],
    ['SIGHUP', 'upgrade', 143],
    ['SIGINT twice', 'upgrade', 130],
  ] as const)(
    'LK-02: %s during %s: exit %i after cleanup',
    async (how, operation, code) => {
      const app = await makeCounter();
      const started = start(app, ['run', '--quiet']);
      await reached(app, operation);
      kills[how](started);
      const ended = await started.ended;
      expect(ended.code, ended.err).toBe(code);
      if (how === 'SIGINT twice') expect(ended.err).toContain('SIGINT again: cleanup goes on');
      const state = await endOf(app);
      expect(state).toMatchObject({ ended: { outcome: 'interrupted', exitCode: code } });
      expect(state.verdict).not.toBe('passed');
      expect(state.checks.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
    },
    timeout,
  );

  test(
    'LK-02: --max-lifetime: the testbed gave up, exit 3',
    async () => {
      const app = await makeCounter();
      const { code, err } = await start(app, ['run', '--quiet', '--max-lifetime', '1']).ended;
      expect(code, err).toBe(3);
      expect((await endOf(app)).ended).toMatchObject({ outcome: 'stopped', cause: 'max-lifetime' });
    },
    timeout,
  );

  test(
    'SIGTERM while it waits for another run: 143, and no trace of it',
    async () => {
      const app = await makeCounter();
      const first = start(app, ['run', '--quiet']);
      await reached(app, 'install');
      // What is left of the time when it begins to wait has the same two digits, on a slow machine too.
      const second = start(app, ['run', '--quiet', '--wait', '7799']);
      await until(async () => {
        const { stdout } = await run('ps', ['-eo', 'args']);
        return stdout.includes('flock --no-fork --timeout 77') ? true : undefined;
      });
      second.child.kill('SIGTERM');
      expect((await second.ended).code).toBe(143);
      expect((await first.ended).code).toBe(0);
      expect(await runsOf(app)).toHaveLength(1);
      expect((await endOf(app)).verdict).toBe('passed');
    },
    timeout,
  );
});

describe('a parent that goes', () => {
  test(
    'LK-02: the process that started it is killed: it cleans up and records 143',
    async () => {
      const app = await makeCounter();
      const started = start(app, ['run', '--quiet'], { wrap: ['sh', '-c', '"$@" & wait', 'sh'] });
      await reached(app, 'upgrade');
      started.child.kill('SIGKILL');
      await started.ended;
      const state = await endOf(app);
      expect(state.ended, state.ended?.message).toMatchObject({
        cause: 'parent-gone',
        exitCode: 143,
      });
    },
    timeout,
  );
});

describe('a store that cannot be written', () => {
  async function mounted(
    size: string,
  ): Promise<{ readonly app: RealApp; mount: string } | undefined> {
    const app = await makeCounter({ 'seatrial.yaml': counterManifest() });
    const mount = join(app.root, 'small');
    await mkdir(mount);
    const made = await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', mount]).then(
      () => true,
      () => false,
    );
    return made ? { app: { ...app, store: join(mount, 'store') }, mount } : undefined;
  }

  test('FR-04: a full disk: exit 3, and nothing is left', { timeout }, async ({ skip }) => {
    const made = await mounted('300k');
    if (made === undefined) return skip('no right to mount');
    const { app, mount } = made;
    try {
      const { code, err } = await start(app, ['run', '--quiet']).ended;
      expect(code, err).toBe(3);
      expect(err).toContain('disk-full');
      expect(await leftOf(app, undefined)).toEqual([]);
      await run('mount', ['-o', 'remount,size=20m', mount]);
      const recovered = await command(app, 'recover');
      expect(recovered.code, recovered.out).toBe(0);
      expect((await endOf(app)).verdict).not.toBe('passed');
    } finally {
      await run('umount', [mount]);
    }
  });

  test(
    'a store on a read-only disk: exit 3 before anything is made',
    { timeout },
    async ({ skip }) => {
      const made = await mounted('1m');
      if (made === undefined) return skip('no right to mount');
      const { app, mount } = made;
      try {
        await run('mount', ['-o', 'remount,ro', mount]);
        const { code, err } = await start(app, ['run', '--quiet']).ended;
        expect(code, err).toBe(3);
        expect(err).toContain('read-only');
        expect(await leftOf(app, undefined)).toEqual([]);
      } finally {
        await run('umount', [mount]);
      }
    },
  );
});
