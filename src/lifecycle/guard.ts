// Everything that can end a run early, gathered into one signal.

import type { Clock } from '../ports/clock.ts';
import type { Lock } from '../ports/locks.ts';
import type { Stop } from './stop.ts';

export type Guard = {
  readonly stop: AbortSignal;
  /** Stops watching; the signal keeps its state. */
  readonly dismiss: () => void;
};

export function watch(
  clock: Clock,
  options: { readonly signal: AbortSignal; readonly maxLifetimeMs: number; readonly lock: Lock },
): Guard {
  const controller = new AbortController();
  const watching = new AbortController();
  const stop = (reason: Stop): void => {
    if (!watching.signal.aborted) controller.abort(reason);
  };
  const onSignal = (): void => {
    if (!watching.signal.aborted) controller.abort(options.signal.reason);
  };
  if (options.signal.aborted) onSignal();
  else options.signal.addEventListener('abort', onSignal, { once: true });
  void clock.sleep(options.maxLifetimeMs, watching.signal).then(
    () => {
      const seconds = String(Math.round(options.maxLifetimeMs / 1000));
      stop({ cause: 'max-lifetime', message: `the run was alive for ${seconds} s` });
    },
    () => undefined,
  );
  void options.lock.lost.then(() => {
    stop({ cause: 'lock-lost', message: `the holder of lock ${options.lock.name} died` });
  });
  return {
    stop: controller.signal,
    dismiss: () => {
      options.signal.removeEventListener('abort', onSignal);
      watching.abort();
    },
  };
}
