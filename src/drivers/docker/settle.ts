// Waits until a deployment came up and stayed unchanged. What "came up" means is a pure function of
// what was seen; here are the clock and the engine's events, which end a pause early.

import type { Convergence } from '../../ports/app-driver.ts';
import { type Engine, query } from './engine.ts';
import { type Instance } from './instance.ts';
import { assertNotCancelled } from '../exclusively.ts';
import type { SettleOptions } from './orchestrator.ts';

/** `identity`: what must not change while it settles. */
export type Judgement =
  | { readonly state: 'up'; readonly identity: string; readonly notes: readonly string[] }
  | { readonly state: 'pending'; readonly why: string }
  | { readonly state: 'failed'; readonly cause: string; readonly message: string }
  | { readonly state: 'rolled-back'; readonly message: string };

/** Also without an event things are looked at so often: some changes make none. */
const pollMs = 250;
/** Right after an event the engine may still be at it. */
const afterEventMs = 20;

export async function settle(
  instance: Instance,
  { settleMs, timeoutMs, signal }: SettleOptions,
  judge: () => Promise<Judgement>,
): Promise<Convergence> {
  const { clock } = instance.options;
  const alarm = listen(instance.engine, signal);
  const deadline = clock.monotonicMs() + timeoutMs;
  let up: Up | undefined;
  try {
    for (;;) {
      assertNotCancelled(signal);
      const judged = await judge();
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

function late(judged: Judgement, timeoutMs: number): Convergence {
  const why = judged.state === 'pending' ? judged.why : 'it did not stay up for the settle time';
  const message = `not ready within ${String(timeoutMs)} ms: ${why}`;
  return { state: 'failed', cause: 'not-ready', message };
}

/** Wakes a sleeper when the engine reports anything about containers or services. */
function listen(engine: Engine, signal: AbortSignal) {
  const closing = new AbortController();
  let wake: () => void = () => undefined;
  const path = `/events${query({ filters: { type: ['container', 'service', 'node'] } })}`;
  const follow = async (): Promise<void> => {
    const events = await engine.stream({ path, signal: AbortSignal.any([signal, closing.signal]) });
    for await (const event of events as AsyncIterable<unknown>) if (event !== undefined) wake();
  };
  // Polling goes on without events; a dead engine is told by the next question.
  follow().catch(() => undefined);
  return {
    wait: (ms: number): Promise<void> =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          wake = () => undefined;
          clearTimeout(timer);
          setTimeout(resolve, Math.min(ms, afterEventMs));
        };
      }),
    close: () => {
      closing.abort();
    },
  };
}
