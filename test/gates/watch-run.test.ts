// A whole watch on a clock of its own, with real logs and a real store: its records, and what becomes
// of it when it is interrupted.

import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeHost, makeSystem } from '../../src/cli/world.ts';
import { systemLogFiles } from '../../src/drivers/log-files.ts';
import { openStore } from '../../src/evidence/store.ts';
import { findWatch } from '../../src/gates/find-watch.ts';
import { runWatch, type WatchOptions } from '../../src/gates/run-watch.ts';
import type { WatchPlan } from '../../src/gates/watch-judge.ts';
import { reportWatch } from '../../src/gates/watch-report.ts';
import { listEnded } from '../../src/lifecycle/list-runs.ts';
import { WorldError } from '../../src/ports/world-error.ts';
import { begins, hours, minutes, planOf } from './watch-samples.ts';
import { documents, watchedFolder, type WatchedFolder } from './watched-folder.ts';

let watched: WatchedFolder;
beforeEach(() => {
  watched = watchedFolder();
});
afterEach(() => {
  watched.remove();
});

/** Time goes on only while somebody sleeps. */
function fakeClock(onSleep: (ms: number) => void = () => undefined) {
  let ms = 0;
  return {
    now: () => new Date(Date.parse(begins) + ms),
    monotonicMs: () => ms,
    sleep: (forMs: number, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      ms += forMs;
      onSleep(ms);
      return Promise.resolve();
    },
    moveTo: (to: number) => {
      ms = to;
    },
  };
}

async function watchFor(
  changes: Partial<WatchPlan>,
  more: Partial<WatchOptions> & { clock?: ReturnType<typeof fakeClock> } = {},
) {
  const clock = more.clock ?? fakeClock();
  const system = { ...makeSystem(watched.around), clock };
  const store = await openStore({ ...system, root: join(watched.folder, '.seatrial') });
  const request = ({ url }: { readonly url: string }) => {
    const document = documents[new URL(url).pathname];
    if (document === undefined) throw new WorldError('network', 'nobody is there');
    const body = new TextEncoder().encode(JSON.stringify(document));
    return Promise.resolve({ status: 200, headers: {}, body, truncated: false, durationMs: 1 });
  };
  const world = {
    ...{ ...system, http: { request }, logs: systemLogFiles, host: describeHost() },
    ...{ pid: 1, toolVersion: '0' },
  };
  const state = await runWatch(world, {
    ...{ store, identity: 'a'.repeat(64), lock: 'watch-test', earlier: [], failFast: false },
    plan: planOf({ data: join(watched.folder, 'data'), interval_ms: 10 * minutes, ...changes }),
    signal: new AbortController().signal,
    howStopped: () => ({
      outcome: 'interrupted',
      cause: 'SIGINT',
      message: 'Ctrl-C',
      exitCode: 130,
    }),
    onSample: () => undefined,
    close: async (bundle) => {
      await bundle.close();
      await listEnded(system, store, bundle.state());
    },
    ...more,
  });
  const report = reportWatch(state);
  if (report === undefined) throw new Error('no watch');
  return { state, report, store };
}

test('48 hours without a fault pass, with a record for each look', async () => {
  const { state, report } = await watchFor({});
  expect([report.exitCode, state.verdict, state.exitCode]).toEqual([0, 'passed', 0]);
  expect(report.judged.samples).toHaveLength(289);
  expect(report.markdown).toContain('**Verdict: PASSED**');
});

test('an alert is a no-go, at once if so asked', async () => {
  const span = { for_ms: 5 * hours };
  const atHourThree = () =>
    fakeClock((ms) => {
      if (ms === 3 * hours) watched.alert({ severity: 'HIGH', alert: 'a | b\n<script>' });
    });
  const whole = await watchFor(span, { clock: atHourThree() });
  expect([whole.report.exitCode, whole.report.judged.samples.length]).toEqual([1, 31]);
  expect(whole.report.markdown).not.toContain('<script>');
  const { report, state } = await watchFor(span, { clock: atHourThree(), failFast: true });
  expect([report.exitCode, report.judged.samples.length, state.verdict]).toEqual([1, 19, 'failed']);
  expect(report.judged.signals.find(({ id }) => id === 'watch.run.samples')?.message).toBe(
    '19 of 31 samples, too few',
  );
});

test('what stood in the logs before the watch began is not of this watch', async () => {
  watched.alert({ severity: 'critical', alert: 'last week' });
  expect((await watchFor({ for_ms: hours })).report.exitCode).toBe(0);
});

test('one that was interrupted is no answer; the next run goes on with it', async () => {
  const stop = new AbortController();
  const threeMedium = () => {
    for (let at = 0; at < 3; at += 1) watched.alert({ severity: 'medium', alert: 'x' });
  };
  const clock = fakeClock((ms) => {
    if (ms === 2 * hours) threeMedium();
    if (ms > 4 * hours) stop.abort();
  });
  const span = { for_ms: 8 * hours };
  const first = await watchFor(span, { clock, signal: stop.signal });
  expect([first.report.exitCode, first.report.judged.verdict]).toEqual([130, 'not-run']);
  expect(first.report.markdown).toContain('(it was interrupted)');
  const earlier = await findWatch(first.store, 'a'.repeat(64));
  expect(earlier?.samples).toHaveLength(25);
  clock.moveTo(4 * hours + 5 * minutes);
  // Between two looks, in the pause.
  threeMedium();
  const second = await watchFor(
    { ...earlier?.plan },
    { clock: fakeClockFrom(clock), earlier: earlier?.samples ?? [] },
  );
  const { judged } = second.report;
  expect([judged.samples.length, judged.plan.continues.length]).toEqual([49, 1]);
  const alerts = judged.signals.find(({ id }) => id === 'watch.security.alerts');
  expect(alerts).toMatchObject({ verdict: 'failed', total: 1 });
  expect(alerts?.message).toMatch(/^6 medium within 24h/u);
  expect(await findWatch(second.store, 'a'.repeat(64))).toBeUndefined();
});

const fakeClockFrom = (before: ReturnType<typeof fakeClock>): ReturnType<typeof fakeClock> => {
  const clock = fakeClock();
  clock.moveTo(before.monotonicMs());
  return clock;
};

test('a pause that is too long ends in no answer', async () => {
  const stop = new AbortController();
  const clock = fakeClock((ms) => {
    if (ms > 4 * hours) stop.abort();
  });
  const first = await watchFor({ for_ms: 6 * hours }, { clock, signal: stop.signal });
  const earlier = await findWatch(first.store, 'a'.repeat(64));
  clock.moveTo(5 * hours + minutes);
  const { report } = await watchFor(
    { ...earlier?.plan },
    { clock: fakeClockFrom(clock), earlier: earlier?.samples ?? [] },
  );
  expect(report.exitCode).toBe(3);
  expect(report.markdown).toMatch(/watch\.run\.samples` \| ⚠️ inconclusive \| .*none for 1 h/u);
});
