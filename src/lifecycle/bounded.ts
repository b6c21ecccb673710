// One piece of work under a budget and a signal. The work may ignore both: whoever waits still
// gets an answer, because a hanging driver must not hang the run.

import type { Clock } from '../ports/clock.ts';

export type Bounded<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'stopped' };

/** How long work may take to notice that it was cancelled before it is left behind. */
const noticeMs = 8_000;

export async function bounded<Value>(
  clock: Clock,
  { budgetMs, signal }: { readonly budgetMs: number; readonly signal?: AbortSignal },
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Bounded<Value>> {
  const budget = new AbortController();
  const done = new AbortController();
  const inner = signal ? AbortSignal.any([signal, budget.signal]) : budget.signal;
  const running = Promise.resolve()
    .then(() => work(inner))
    .then(
      (value): Bounded<Value> => ({ kind: 'value', value }),
      (error: unknown): Bounded<Value> => ({ kind: 'threw', error }),
    );
  void clock.sleep(budgetMs, done.signal).then(
    () => {
      budget.abort(new Error('budget spent'));
    },
    () => undefined,
  );
  const ended = await Promise.race([running, aborted(inner, done.signal)]);
  const settled = ended ?? (await Promise.race([running, notice(clock, done.signal)]));
  done.abort();
  if (settled?.kind === 'value') return settled;
  if (signal?.aborted === true) return { kind: 'stopped' };
  if (budget.signal.aborted) return { kind: 'timed-out' };
  return settled ?? { kind: 'timed-out' };
}

/** Whoever is done listens no more: the signal of a command outlives its runs, and would keep all that they hold. */
function aborted(signal: AbortSignal, done: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const finish = (): void => {
      resolve(undefined);
    };
    if (signal.aborted) finish();
    else signal.addEventListener('abort', finish, { once: true, signal: done });
  });
}

const notice = (clock: Clock, signal: AbortSignal): Promise<undefined> =>
  clock.sleep(noticeMs, signal).then(
    () => undefined,
    () => undefined,
  );
