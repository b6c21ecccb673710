// The signals that the system tells of itself: whether it runs, and how coherent its memory is.

import { durationMs, spokenDuration } from './duration.ts';
import type { SettingsOf } from './watch-schema.ts';
import type { Sample } from './watch-sample.ts';
import type { Report, Signal } from './watch-signal.ts';

type Kernel = NonNullable<Sample['kernel']>;

/**
 * A kernel that does not answer does not run, once it has answered: before that, the address may be
 * wrong, which is no fault of the system.
 */
export function watchKernel(settings: SettingsOf<'kernel'>, report: Report): Signal {
  const notReadyFor = howLong(({ ready }: Kernel) => !ready);
  const limitMs = durationMs(settings.not_ready);
  let [answered, down, seen] = [false, 0, 0];
  const look = (kernel: Kernel, at: string, ms: number): void => {
    seen += 1;
    if (!kernel.running) down += 1;
    if (!kernel.running && down >= settings.not_running)
      report(at, `not running in ${String(down)} samples: ${kernel.said}`);
    const since = notReadyFor(kernel, ms);
    if (since >= limitMs) report(at, `not ready for ${spokenDuration(since)}`);
  };
  return {
    add: ({ kernel, at }, ms) => {
      answered ||= kernel?.answered === true;
      if (kernel !== undefined && answered) look(kernel, at, ms);
    },
    known: () => ({
      seen,
      said: `running in ${String(seen - down)} of ${String(seen)} samples`,
      doubts: answered ? [] : ['it never answered'],
    }),
  };
}

/** How long something has been so without a break; −1 while it is not. */
function howLong<Value>(isSo: (value: Value) => boolean): (value: Value, ms: number) => number {
  let since: number | undefined;
  return (value, ms) => {
    since = isSo(value) ? (since ?? ms) : undefined;
    return since === undefined ? -1 : ms - since;
  };
}

export function watchMemory(settings: SettingsOf<'memory'>, report: Report): Signal {
  const drift = watchDrift(settings, report);
  let [seen, off, lowest] = [0, 0, Infinity];
  return {
    add: ({ memory, at }, ms) => {
      if (memory?.on === false) off += 1;
      const value = memory?.on === false ? undefined : memory?.coherence;
      if (value === undefined) return;
      seen += 1;
      lowest = Math.min(lowest, value);
      if (value < settings.min) report(at, `coherence ${String(value)}`);
      drift(value, at, ms);
    },
    known: () => ({
      seen: seen + off,
      off: off > 0 && seen === 0,
      said: `coherence at least ${String(lowest)}`,
    }),
  };
}

/** The median of a moving span against that of the first one. */
function watchDrift({ over, first, drift }: SettingsOf<'memory'>, report: Report) {
  const [overMs, firstMs] = [durationMs(over), durationMs(first)];
  const recent: { readonly ms: number; readonly value: number }[] = [];
  const earliest: number[] = [];
  let beganMs: number | undefined;
  let reference: number | undefined;
  return (value: number, at: string, ms: number): void => {
    beganMs ??= ms;
    recent.push({ ms, value });
    while ((recent[0]?.ms ?? ms) <= ms - overMs) recent.shift();
    if (ms - beganMs < firstMs) {
      earliest.push(value);
      return;
    }
    reference ??= median(earliest);
    const now = median(recent.map((each) => each.value));
    if (Math.abs(now - reference) > drift)
      report(at, `median ${now.toFixed(3)}, in the beginning ${reference.toFixed(3)}`);
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? 0) + high) / 2;
}
