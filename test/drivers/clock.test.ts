import { expect, test } from 'vitest';
import { systemClock } from '../../src/drivers/clock.ts';

test('tells the time and waits', async () => {
  expect(Math.abs(systemClock.now().getTime() - Date.now())).toBeLessThan(1000);
  const before = systemClock.monotonicMs();
  await systemClock.sleep(20);
  expect(systemClock.monotonicMs() - before).toBeGreaterThanOrEqual(19);
});

test('an aborted sleep rejects at once with the reason', async () => {
  const reason = new Error('stop');
  const controller = new AbortController();
  const sleep = systemClock.sleep(60_000, controller.signal);
  controller.abort(reason);
  await expect(sleep).rejects.toBe(reason);
  await expect(systemClock.sleep(60_000, controller.signal)).rejects.toBe(reason);
});
