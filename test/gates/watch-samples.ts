// Samples of a watch as tests write them: two healthy days, and what is different in some of them.

import { watchSchema } from '../../src/gates/watch-schema.ts';
import type { WatchPlan } from '../../src/gates/watch-judge.ts';
import type { FileSample, Sample } from '../../src/gates/watch-sample.ts';

export const minutes = 60_000;
export const hours = 60 * minutes;
export const begins = '2026-03-01T00:00:00.000Z';
export const atMs = (ms: number): string => new Date(Date.parse(begins) + ms).toISOString();

export const planOf = (changes: Partial<WatchPlan> = {}): WatchPlan => ({
  schema: 'seatrial.watch-plan/v1',
  begins,
  for_ms: 48 * hours,
  interval_ms: minutes,
  settings: watchSchema.parse({ version: 1 }),
  settings_file: 'defaults',
  target: 'http://127.0.0.1:1',
  data: '/data',
  continues: [],
  ...changes,
});

export const quiet: FileSample = {
  parts: [
    { name: 'log', device: 1, inode: 2, bytes: 0, offset: 0, head: { bytes: 0, sha256: '' } },
  ],
  ...{ lost: false, behind: false, unreadable: 0, counts: {}, events: [], shown: [] },
};

export const healthyKernel: NonNullable<Sample['kernel']> = {
  ...{ answered: true, said: 'status 200', running: true, ready: true },
  on: { alerts: true, dlq: true, hmr_audit: true },
};

export const healthy = (slot: number): Sample => ({
  schema: 'seatrial.watch-sample/v1',
  slot,
  at: atMs(slot * minutes),
  // Ten tasks a minute.
  kernel: { ...healthyKernel, tasks: slot * 10 },
  memory: { said: 'status 200', on: true, coherence: 0.9 },
  files: { alerts: quiet, dlq: quiet, hmr_audit: quiet },
});
