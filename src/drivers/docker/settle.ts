// Waits until a deployment came up and stayed unchanged. What "came up" means is a pure function of
// what was seen; here are the clock and the engine's events, which end a pause early.

import type { Convergence } from '../../ports/app-driver.ts';
import { WorldError, type WorldErrorCode } from '../../ports/world-error.ts';
import { query } from './engine.ts';
import { type Instance } from './instance.ts';
import { assertNotCancelled } from '../exclusively.ts';
import type { SettleOptions } from './orchestrator.ts';

/** `identity`: what must not change while it settles. */
export type Judgement =
  | { readonly state: 'up'; readonly identity: string; readonly notes: readonly string[] }
  | {
      readonly state: 'pending';
      readonly why: string;
      /** It is the testbed that is waited for, as in a pull that hangs: then its end is no fault of the app. */
      readonly testbed?: WorldErrorCode;
    }
  | { readonly state: 'failed'; readonly cause: string; readonly message: string }
  | { readonly state: 'rolled-back'; readonly message: string }
  /** Somebody else changed what was sent. */
  | { readonly state: 'foreign'; readonly message: string };

/** Also without an event things are looked at so often: some changes make none. */
const pollMs = 250;
/** An event comes before the engine's own records tell of it: for a while they are looked at more often. */
const [eagerMs, eagerPollMs] = [500, 40];

/** Throws where it is not the app that failed: the engine went away, or somebody else interfered. */
export async function settle(
  instance: Instance,
  { settleMs, timeoutMs, signal }: SettleOptions,
  judge: () => Promise<Judgement>,
): Promise<Convergence> {
  const { clock } = instance.options;
  const alarm = listen(instance, signal);
  const deadline = clock.monotonicMs() + timeoutMs;
  let up: Up | undefined;
  try {
    for (;;) {
      assertNotCancelled(signal);
      const judged = await judge();
      assertUndisturbed(judged, alarm);
      const now = clock.monotonicMs();
      if (judged.state === 'failed' || judged.state === 'rolled-back') return judged;
      up = stillUp(up, judged, now);
      const left = up === undefined ? pollMs : up.sinceMs + settleMs - now;
      if (judged.state === 'up' && left <= 0) return { state: 'converged', notes: judged.notes };
      if (now >= deadline) return late(judged, timeoutMs);
      await alarm.wait(Math.max(1, Math.min(pollMs, left, deadline - now)));
    }
  } finally {
    alarm.close();
  }
}

type Up = { readonly identity: string; readonly sinceMs: number };

function stillUp(up: Up | undefined, judged: Judgement, nowMs: number): Up | undefined {
  if (judged.state !== 'up') return undefined;
  return up?.identity === judged.identity ? up : { identity: judged.identity, sinceMs: nowMs };
}

/** Containers die with their engine: what is seen after that says nothing about the app. */
function assertUndisturbed(judged: Judgement, { gone }: { readonly gone: () => boolean }): void {
  if (gone())
    throw new WorldError('unavailable', 'the engine went away while the app came up', {
      hint: 'It was stopped, restarted or killed: see its own log.',
    });
  if (judged.state === 'foreign') throw new WorldError('foreign-change', judged.message);
}

function late(judged: Judgement, timeoutMs: number): Convergence {
  const why = judged.state === 'pending' ? judged.why : 'it did not stay up for the settle time';
  const message = `not ready within ${String(timeoutMs)} ms: ${why}`;
  if (judged.state === 'pending' && judged.testbed !== undefined)
    throw new WorldError(judged.testbed, message);
  return { state: 'failed', cause: 'not-ready', message };
}

/** Wakes a sleeper when the engine reports anything about this stack, and lets it sleep less for a while. */
function listen({ engine, options: { clock }, state }: Instance, signal: AbortSignal) {
  const closing = new AbortController();
  const stack = state.deployed?.stack.name ?? '';
  let [open, ended] = [false, false];
  let eagerUntil = 0;
  let wake: () => void = () => undefined;
  const path = `/events${query({ filters: { type: ['container', 'service'] } })}`;
  const follow = async (): Promise<void> => {
    const events = await engine.stream({ path, signal: AbortSignal.any([signal, closing.signal]) });
    open = true;
    for await (const event of events as AsyncIterable<Buffer>)
      if (event.includes(stack)) {
        eagerUntil = clock.monotonicMs() + eagerMs;
        wake();
      }
  };
  // The engine never ends this answer by itself: its end is the engine's.
  follow()
    .catch(() => undefined)
    .finally(() => {
      ended = true;
      wake();
    });
  return {
    gone: (): boolean => open && ended && !signal.aborted,
    wait: (ms: number): Promise<void> =>
      new Promise((resolve) => {
        const eager = clock.monotonicMs() < eagerUntil;
        const timer = setTimeout(resolve, eager ? Math.min(ms, eagerPollMs) : ms);
        wake = () => {
          wake = () => undefined;
          clearTimeout(timer);
          resolve();
        };
      }),
    close: () => {
      closing.abort();
    },
  };
}
