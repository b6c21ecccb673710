// The exit codes of the table that only a real process can show.

import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  command,
  leftOf,
  makeCounter,
  removeRealApps,
  runsOf,
  start,
  stateOf,
} from '../lifecycle/real-run.ts';

afterAll(removeRealApps);

const preload = join(import.meta.dirname, '../fixtures/throw-at.mjs');
const timeout = 180_000;

describe.concurrent('70: a bug in Seatrial', () => {
  test.for([
    { what: 'thrown where nobody can catch it, during install', how: 'timer', at: 6 },
    { what: 'thrown where nobody can catch it, after the upgrade', how: 'timer', at: 40 },
    { what: 'thrown to a caller, during install', how: 'call', at: 6 },
    { what: 'thrown to a caller, after the upgrade', how: 'call', at: 40 },
  ])(
    '$what: told, cleaned up, never passed',
    { timeout },
    async ({ how, at }, { expect: check }) => {
      const app = await makeCounter();
      const env = { THROW_AT: String(at), THROW_HOW: how };
      const { code, err, out } = await start(app, ['run', '--quiet'], { preload, env }).ended;
      check(code, err).toBe(70);
      check(err).toContain('this is a bug in Seatrial, please report it');
      check(err).toContain('TypeError: planted: a bug');
      check(out).not.toMatch(/PASSED/);
      const [run = ''] = await runsOf(app);
      const state = await stateOf(app, run);
      check(state).toMatchObject({ ended: { outcome: 'crashed', cause: 'bug' }, exitCode: 70 });
      check(state?.verdict).not.toBe('passed');
      check(await leftOf(app, state)).toEqual([]);
      check((await command(app, 'show', run)).code).toBe(70);
      const verified = await command(app, 'verify', run);
      check(verified.code, verified.out).toBe(0);
      // The next run of the app is not kept from starting.
      const next = await start(app, ['run', '--quiet']).ended;
      check(next.code, next.err).toBe(0);
    },
  );
});

test('0 without the bug', { timeout }, async () => {
  const app = await makeCounter();
  const { code, err } = await start(app, ['run', '--quiet'], { preload, env: { THROW_AT: '9999' } })
    .ended;
  expect(code, err).toBe(0);
});
