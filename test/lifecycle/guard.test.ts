import { expect, test } from 'vitest';
import { watch } from '../../src/lifecycle/guard.ts';
import { exitCodeOf, type Stop, stopOf } from '../../src/lifecycle/stop.ts';
import { makeIdleClock } from './idle-clock.ts';

function guarded(maxLifetimeMs = 60_000) {
  const clock = makeIdleClock();
  const caller = new AbortController();
  let lose = (): void => undefined;
  const lost = new Promise<void>((resolve) => {
    lose = resolve;
  });
  const lock = { name: 'app-shop-1', lost, release: () => Promise.resolve() };
  const guard = watch(clock, { signal: caller.signal, maxLifetimeMs, lock });
  return { clock, caller, lose, guard };
}

test('the caller stops it, with the reason given', () => {
  const { caller, guard } = guarded();
  expect(stopOf(guard.stop)).toBeUndefined();
  const reason: Stop = { cause: 'SIGINT', message: 'enough' };
  caller.abort(reason);
  expect(stopOf(guard.stop)).toBe(reason);
  guard.dismiss();
});

test('its lifetime stops it, and says how long that was', async () => {
  const { clock, guard } = guarded(5_000);
  await clock.sleep(5_001);
  expect(stopOf(guard.stop)).toEqual({
    cause: 'max-lifetime',
    message: 'the run was alive for 5 s',
  });
});

test('a lost lock stops it, and names the lock', async () => {
  const { lose, guard } = guarded();
  lose();
  await Promise.resolve();
  await Promise.resolve();
  expect(stopOf(guard.stop)).toMatchObject({ cause: 'lock-lost' });
  expect(stopOf(guard.stop)?.message).toContain('app-shop-1');
  guard.dismiss();
});

test('the first reason stays', async () => {
  const { clock, caller, guard } = guarded(5_000);
  caller.abort({ cause: 'SIGTERM', message: 'enough' });
  await clock.sleep(6_000);
  expect(stopOf(guard.stop)?.cause).toBe('SIGTERM');
});

test('a further limit is told with its own words', async () => {
  const { clock, guard } = guarded(60_000);
  guard.limit(5_000, 'beyond its budget');
  await clock.sleep(5_001);
  expect(stopOf(guard.stop)).toEqual({ cause: 'max-lifetime', message: 'beyond its budget' });
  guard.dismiss();
});

test('once limits have ended, a signal still stops it and time does not', async () => {
  const { clock, caller, guard } = guarded(5_000);
  guard.limit(2_000, 'beyond its budget');
  guard.endLimits();
  await clock.sleep(6_000);
  expect(guard.stop.aborted).toBe(false);
  caller.abort({ cause: 'SIGTERM', message: 'enough' });
  expect(stopOf(guard.stop)?.cause).toBe('SIGTERM');
  guard.dismiss();
});

test('once dismissed, nothing stops it any more', async () => {
  const { clock, caller, lose, guard } = guarded(5_000);
  guard.dismiss();
  caller.abort({ cause: 'SIGTERM', message: 'late' });
  lose();
  await clock.sleep(6_000);
  expect(guard.stop.aborted).toBe(false);
});

test.each<[Stop['cause'], number | undefined]>([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 143],
  ['parent-gone', 143],
  ['max-lifetime', undefined],
  ['lock-lost', undefined],
  ['bug', undefined],
])('%s ends with %s', (cause, code) => {
  expect(exitCodeOf({ cause, message: '' })).toBe(code);
});

test.each([undefined, 'a text', new Error('x'), { cause: 'whim', message: 'x' }, null])(
  'a reason that is none of ours counts as SIGTERM: %j',
  (reason) => {
    expect(stopOf(AbortSignal.abort(reason))?.cause).toBe('SIGTERM');
  },
);
