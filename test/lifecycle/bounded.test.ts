import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { bounded } from '../../src/lifecycle/bounded.ts';
import { quietly } from '../../src/lifecycle/quietly.ts';
import { WorldError } from '../../src/ports/world-error.ts';
import { makeIdleClock } from './idle-clock.ts';

type Work = (signal: AbortSignal) => Promise<string>;

const forever = new Promise<never>(() => undefined);
const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
const error = new WorldError('io', 'planted');
/** How long work may take to notice its end; see bounded.ts. */
const noticeMs = 8_000;

const works = {
  'ends in time': () => Promise.resolve('done'),
  throws: () => Promise.reject(error),
  'throws at once': () => {
    throw error;
  },
  'ends when told': async (signal) => {
    await untilAborted(signal);
    throw error;
  },
  'finishes although told to end': async (signal) => {
    await untilAborted(signal);
    return 'done';
  },
  'never ends': () => forever,
} as const satisfies Readonly<Record<string, Work>>;

test.each<[keyof typeof works, string, number]>([
  ['ends in time', 'value', 0],
  ['throws', 'threw', 0],
  ['throws at once', 'threw', 0],
  ['ends when told', 'timed-out', 1000],
  ['finishes although told to end', 'value', 1000],
  ['never ends', 'timed-out', 1000 + noticeMs],
])('work that %s is %s after %i ms', async (name, kind, afterMs) => {
  const clock = makeIdleClock();
  const result = await bounded(clock, { budgetMs: 1000 }, works[name]);
  expect(result.kind).toBe(kind);
  expect(clock.monotonicMs()).toBe(afterMs);
});

test.each<[keyof typeof works, string, number]>([
  ['ends when told', 'stopped', 0],
  ['finishes although told to end', 'value', 0],
  ['never ends', 'stopped', noticeMs],
])('work that %s is %s when the run is stopped, after %i ms', async (name, kind, afterMs) => {
  const clock = makeIdleClock();
  const stop = new AbortController();
  const running = bounded(clock, { budgetMs: 60_000, signal: stop.signal }, works[name]);
  stop.abort();
  expect((await running).kind).toBe(kind);
  expect(clock.monotonicMs()).toBe(afterMs);
});

test('a signal that is aborted before reaches the work', async () => {
  const limits = { budgetMs: 60_000, signal: AbortSignal.abort() };
  const result = await bounded(makeIdleClock(), limits, (signal) =>
    signal.aborted ? Promise.reject(error) : Promise.resolve('went on'),
  );
  expect(result).toEqual({ kind: 'stopped' });
});

test('quietly: a value, or nothing when the world fails or hangs; a bug goes on', async () => {
  const world = { clock: makeIdleClock() };
  expect(await quietly(world, 1000, () => Promise.resolve(1))).toBe(1);
  expect(await quietly<number>(world, 1000, () => undefined)).toBeUndefined();
  expect(await quietly<number>(world, 1000, () => Promise.reject(error))).toBeUndefined();
  expect(await quietly<number>(world, 1000, () => forever)).toBeUndefined();
  const bug = new TypeError('planted');
  await expect(quietly(world, 1000, () => Promise.reject(bug))).rejects.toBe(bug);
});

test('a signal that outlives its works is listened to by none that is done', async () => {
  const { signal } = new AbortController();
  const given: AbortSignal[] = [];
  const work: Work = (inner) => {
    given.push(inner);
    return Promise.resolve('done');
  };
  await bounded(makeIdleClock(), { budgetMs: 1000, signal }, work);
  await bounded(makeIdleClock(), { budgetMs: 1000 }, work);
  expect(given.map((each) => getEventListeners(each, 'abort'))).toEqual([[], []]);
});
