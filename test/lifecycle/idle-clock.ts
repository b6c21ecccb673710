// Time that passes only while nothing else happens: a budget of minutes is spent in milliseconds,
// and a busy machine never spends it early.

import type { Clock } from '../../src/ports/clock.ts';

type Sleeper = { readonly at: number; readonly wake: () => void };

export type IdleClock = Clock & {
  /** Time stands still while any such work goes on. */
  readonly during: <Value>(work: () => Promise<Value>) => Promise<Value>;
  /** Moves wall-clock time only, as an administrator does. */
  readonly jump: (milliseconds: number) => void;
};

const tickMs = 3;
/** Turns of the event loop without any work under way before time moves on. */
const quietTicksMin = 3;

export function makeIdleClock(startMs = Date.UTC(2026, 0, 2)): IdleClock {
  let passedMs = 0;
  let jumpedMs = 0;
  let underWay = 0;
  let quietTicks = 0;
  let timer: NodeJS.Timeout | undefined;
  const sleepers = new Set<Sleeper>();

  const tick = (): void => {
    quietTicks = underWay === 0 ? quietTicks + 1 : 0;
    if (quietTicks < quietTicksMin) return;
    quietTicks = 0;
    passedMs = Math.max(passedMs, Math.min(...[...sleepers].map(({ at }) => at)));
    for (const sleeper of sleepers) if (sleeper.at <= passedMs) sleeper.wake();
  };
  const rearm = (): void => {
    if (sleepers.size > 0) timer ??= setInterval(tick, tickMs);
    else {
      clearInterval(timer);
      timer = undefined;
    }
  };
  return {
    now: () => new Date(startMs + passedMs + jumpedMs),
    monotonicMs: () => passedMs,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        const end = (): void => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', onAbort);
          rearm();
        };
        const onAbort = (): void => {
          end();
          reject(signal?.reason as Error);
        };
        const wake = (): void => {
          end();
          resolve();
        };
        const sleeper = { at: passedMs + Math.max(0, milliseconds), wake };
        if (signal?.aborted === true) {
          reject(signal.reason as Error);
          return;
        }
        signal?.addEventListener('abort', onAbort, { once: true });
        sleepers.add(sleeper);
        rearm();
      }),
    during: async (work) => {
      underWay += 1;
      quietTicks = 0;
      try {
        return await work();
      } finally {
        underWay -= 1;
        quietTicks = 0;
      }
    },
    jump: (milliseconds) => {
      jumpedMs += milliseconds;
    },
  };
}
