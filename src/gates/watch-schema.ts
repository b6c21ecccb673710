// watch.yaml: what a running system is watched for. The one source for its loader, its published
// JSON Schema and its types. Every default is the specification's.

import * as z from 'zod';
import { duration } from './duration.ts';
import { matcher, pointer } from './matcher-schema.ts';

const path = z.string().regex(/^\//u, 'GT008 Write a path from /.');
const logFile = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))/u, 'GT008 Write a path that stays inside --data.')
  .describe('a file below --data');
const words = z.array(z.string().min(1).max(80));
/** Where the status says that the feature is on: anything but absent, null, false and empty. */
const feature = pointer.describe('where the status of the kernel says that this is on');

const kernel = z
  .strictObject({
    get: path.default('/api/kernel/status'),
    running: pointer.default('/running'),
    readiness: pointer.default('/readiness'),
    ready: matcher.default({ one_of: [true, 'ready'] }).describe('what readiness says when it is'),
    not_running: z.int().min(1).default(2).describe('samples without a running kernel: no-go'),
    not_ready: duration.default('5m').describe('so long without readiness: no-go'),
  })
  .describe('whether it runs and is ready');

const memory = z
  .strictObject({
    get: path.default('/api/memory/status'),
    coherence: pointer.default('/coherence'),
    on: pointer.default('/enabled').describe('where it says that memory is on'),
    min: z.number().default(0.5),
    drift: z.number().positive().default(0.05).describe('of the median, from the first one'),
    over: duration.default('15m').describe('span of the median'),
    first: duration.default('1h').describe('span of the median that it is held against'),
  })
  .describe('coherence, and whether it drifts');

const alerts = z
  .strictObject({
    file: logFile.default('.aetherra/security/alerts.jsonl'),
    on: feature.default('/security/alerts_path'),
    severity: pointer.default('/severity'),
    never: words.default(['high', 'critical']).describe('severities of which none may come'),
    some: words.default(['medium']).describe('severities of which a few may come'),
    harmless: words.default(['low', 'info']),
    max: z.int().min(0).default(5).describe('of `some`, within the time of `within`'),
    within: duration.default('24h'),
  })
  .describe('security alerts');

const dlq = z
  .strictObject({
    file: logFile.default('.aetherra/kernel_dlq.jsonl'),
    on: feature.default('/dlq_count'),
    reason: pointer.default('/reason'),
    lost: words
      .default(['expired', 'queue_full', 'drain'])
      .describe('reasons that count; what follows a colon is not looked at'),
    tasks: pointer.default('/metrics/tasks_total').describe('in the status: all tasks so far'),
    max: z.int().min(0).default(10),
    max_share: z.number().min(0).max(1).default(0.01).describe('of the tasks of that time'),
    within: duration.default('1h'),
  })
  .describe('tasks that expired or were dropped');

const hmrAudit = z
  .strictObject({
    file: logFile.default('.aetherra/hmr_audit.jsonl'),
    on: feature.default('/hmr'),
    event: pointer.default('/event'),
    target: pointer.default('/target'),
    begins: words.default(['HMR_PREPARE']),
    ends: words.default(['HMR_SWAP', 'HMR_ROLLBACK']),
    open: duration.default('60s').describe('so long between begin and end: no-go'),
    max_bytes: z
      .int()
      .positive()
      .default(5 * 1024 * 1024)
      .describe('of each file, one record more allowed'),
    backups: z.int().min(0).default(3).describe('rotated files beside the log'),
  })
  .describe('reloads, and the rotation of their log');

const watched = <Shape extends z.ZodType>(shape: Shape) =>
  z.union([z.literal(false), shape]).describe('false: not watched');

export const watchSchema = z.strictObject({
  version: z.literal(1),
  kernel: watched(kernel).prefault({}),
  memory: watched(memory).prefault({}),
  alerts: watched(alerts).prefault({}),
  dlq: watched(dlq).prefault({}),
  hmr_audit: watched(hmrAudit).prefault({}),
  coverage: z
    .strictObject({
      taken: z.number().min(0).max(100).default(95).describe('per cent of the samples'),
      gap: duration.default('10m').describe('the longest time without one'),
    })
    .prefault({})
    .describe('how much must have been seen for an answer'),
});

export type WatchSettings = z.infer<typeof watchSchema>;
export type SignalName = Exclude<keyof WatchSettings, 'version' | 'coverage'>;
export type SettingsOf<Name extends SignalName> = Exclude<WatchSettings[Name], false>;

export const signalNames = ['kernel', 'memory', 'alerts', 'dlq', 'hmr_audit'] as const;
export const fileSignals = ['alerts', 'dlq', 'hmr_audit'] as const;
export type FileSignal = (typeof fileSignals)[number];
