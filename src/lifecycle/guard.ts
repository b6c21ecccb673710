// Everything that can end a run early, gathered into one signal.

import type { Clock } from '../ports/clock.ts';
import type { Lock } from '../ports/locks.ts';
import type { Stop } from './stop.ts';

export type Guard = {
  readonly stop: AbortSignal;
  /** Stops the run as well once that much more time is over. */
  readonly limit: (milliseconds: number, message: string) => void;
  /** From here on no time stops it; signals and the lock still do. */
  readonly endLimits: () => void;
  /** Stops watching; the signal keeps its state. */
  readonly dismiss: () => void;
};

export function watch(
  clock: Clock,
  options: { readonly signal: AbortSignal; readonly maxLifetimeMs: number; readonly lock: Lock },
): Guard {
  const controller = new AbortController();
  const watching = new AbortController();
  const timing = new AbortController();
  const stop = (reason: Stop): void => {
    if (!watching.signal.aborted) controller.abort(reason);
  };
  const onSignal = (): void => {
    if (!watching.signal.aborted) controller.abort(options.signal.reason);
  };
  if (options.signal.aborted) onSignal();
  else options.signal.addEventListener('abort', onSignal, { once: true });
  const limit: Guard['limit'] = (milliseconds, message) => {
    void clock.sleep(milliseconds, timing.signal).then(
      () => {
        if (!timing.signal.aborted) stop({ cause: 'max-lifetime', message });
      },
      () => undefined,
    );
  };
  const { maxLifetimeMs } = options;
  limit(maxLifetimeMs, `the run was alive for ${secondsOf(maxLifetimeMs)} s`);
  void options.lock.lost.then(() => {
    stop({ cause: 'lock-lost', message: `the holder of lock ${options.lock.name} died` });
  });
  return {
    stop: controller.signal,
    limit,
    endLimits: () => {
      timing.abort();
    },
    dismiss: () => {
      timing.abort();
      options.signal.removeEventListener('abort', onSignal);
      watching.abort();
    },
  };
}

export const secondsOf = (milliseconds: number): string => String(Math.round(milliseconds / 1000));
