// Every signal that can be watched, by its name in watch.yaml.

import { watchAlerts, watchDlq, watchHmr } from './watch-logs.ts';
import type { SignalName, WatchSettings } from './watch-schema.ts';
import { withIncidents } from './watch-signal.ts';
import { watchKernel, watchMemory } from './watch-system.ts';

export const signalIds: Readonly<Record<SignalName, string>> = {
  kernel: 'watch.kernel.running',
  memory: 'watch.memory.coherence',
  alerts: 'watch.security.alerts',
  dlq: 'watch.kernel.dlq',
  hmr_audit: 'watch.hmr.audit',
};

export const signalTitles: Readonly<Record<SignalName, string>> = {
  kernel: 'It runs and is ready',
  memory: 'Memory stays coherent',
  alerts: 'No security alert that matters',
  dlq: 'Few tasks expire or are dropped',
  hmr_audit: 'Reloads end, and their log is rotated',
};

type Made = ReturnType<typeof withIncidents>;

/** Those that are watched, in their order. */
export function makeSignals(settings: WatchSettings): ReadonlyMap<SignalName, Made> {
  const { kernel, memory, alerts, dlq, hmr_audit: hmr } = settings;
  const made: [SignalName, Made | false][] = [
    ['kernel', kernel && withIncidents((report) => watchKernel(kernel, report))],
    ['memory', memory && withIncidents((report) => watchMemory(memory, report))],
    ['alerts', alerts && withIncidents((report) => watchAlerts(alerts, report))],
    ['dlq', dlq && withIncidents((report) => watchDlq(dlq, report))],
    ['hmr_audit', hmr && withIncidents((report) => watchHmr(hmr, report))],
  ];
  return new Map(made.flatMap(([name, each]) => (each === false ? [] : [[name, each]])));
}
