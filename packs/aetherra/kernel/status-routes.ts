// What the kernel says about itself; every value is read when it is asked for.

import type { Chat } from './chat.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Engine } from './engine.ts';
import type { Hmr } from './hmr.ts';
import type { HmrAudit } from './hmr-audit.ts';
import type { HotTarget } from './hot-target.ts';
import type { Route } from './http-route.ts';
import type { KernelTasks } from './kernel-tasks.ts';
import type { Memory } from './memory.ts';
import { renderMetrics } from './metrics.ts';
import type { Settings } from './read-settings.ts';
import type { Registry } from './registry.ts';

export type Parts = {
  readonly settings: Settings;
  readonly version: string;
  readonly registry: Registry;
  readonly chat: Chat;
  readonly engine: Engine;
  readonly memory: Memory;
  readonly tasks: KernelTasks;
  readonly letters: DeadLetters;
  readonly hmr: Hmr;
  readonly audit: HmrAudit;
  readonly targets: ReadonlyMap<string, HotTarget>;
  readonly scrapes: { count: number };
};

export const statusRoutes = (parts: Parts): readonly Route[] => [
  {
    method: 'GET',
    path: '/api/kernel/status',
    answer: async () => {
      if (parts.settings.faults.has('chat.blocks-others')) await parts.chat.quiet();
      return { status: 200, json: kernelStatus(parts) };
    },
  },
  {
    method: 'GET',
    path: '/api/kernel/metrics',
    answer: () => ({
      status: 200,
      json: { hub_ts: Date.now() / 1000, kernel: kernelStatus(parts), hmr: parts.hmr.status() },
    }),
  },
  { method: 'GET', path: '/api/registry/status', answer: () => registryStatus(parts) },
  { method: 'GET', path: '/metrics', answer: () => ({ status: 200, text: metrics(parts) }) },
];

function registryStatus({ registry, tasks }: Parts) {
  const services = registry.services();
  const healthy = services.filter(({ status }) => status === 'healthy').length;
  const json = {
    ok: healthy === services.length && tasks.running(),
    boot_ms: Math.round(bootMs),
    phases: registry.phases(),
    services,
    counts: { services: services.length, healthy },
  };
  return { status: 200, json };
}

let bootMs = 0;
export function bootEnded(): void {
  bootMs = performance.now();
}

const inflightOf = (targets: Parts['targets']): readonly (readonly [string, number])[] =>
  [...targets].map(([name, target]) => [name, target.inflight()]);

function kernelStatus({ settings, version, tasks, letters, hmr, targets, engine }: Parts) {
  return {
    ok: true,
    version,
    running: tasks.running(),
    paused: false,
    readiness: tasks.running() ? 'ready' : 'not-ready',
    uptime: process.uptime(),
    cycle_count: tasks.cycles(),
    metrics: { engine_calls: engine.calls(), tasks_total: tasks.total() },
    queue_sizes: tasks.sizes(),
    queue_limits: settings.queues,
    dlq_count: letters.count(),
    inflight: Object.fromEntries(inflightOf(targets)),
    hmr: hmr.status(),
    security: { alerts_path: settings.alertsPath },
    faults: settings.faults.names,
  };
}

const labelled = (
  label: string,
  values: readonly (readonly [string, number])[],
): readonly (readonly [string, number])[] =>
  values.map(([name, value]) => [`${label}="${name}"`, value]);

const auditEvents = ['HMR_DENIED', 'HMR_FAILED', 'HMR_PREPARE', 'HMR_SWAP', 'HMR_ROLLBACK'];

function metrics({ settings, chat, engine, memory, tasks, targets, audit, scrapes }: Parts) {
  const { counts } = chat;
  const events = audit.counts();
  const counter = (name: string, help: string, values: readonly (readonly [string, number])[]) =>
    ({ name: `aetherra_${name}`, type: 'counter', help, values }) as const;
  const gauge = (name: string, help: string, values: readonly (readonly [string, number])[]) =>
    ({ name: `aetherra_${name}`, type: 'gauge', help, values }) as const;
  if (settings.faults.has('metrics.counts-scrapes')) scrapes.count += 1;
  const requests = counts.requests + scrapes.count;
  const audited = auditEvents.map((event) => [event, events[event] ?? 0] as const);
  return renderMetrics([
    counter('chat_requests_total', 'Chat requests.', [['', requests]]),
    gauge('chat_streams_current', 'Streams that a client reads.', [['', counts.streams]]),
    counter('chat_engine_calls_total', 'Calls of the engine.', [['', engine.calls()]]),
    counter('chat_resumes_total', 'Streams resumed.', [['', counts.resumes]]),
    counter('chat_resume_gaps_total', 'Resumes beyond the log.', [['', counts.resumeGaps]]),
    gauge('kernel_uptime_seconds', 'Since the start.', [['', process.uptime()]]),
    gauge(
      'kernel_queue_size',
      'Tasks that wait.',
      labelled('queue', Object.entries(tasks.sizes())),
    ),
    gauge('kernel_inflight_current', 'Users of a target.', labelled('target', inflightOf(targets))),
    counter('hmr_audit_total', 'Audit lines.', labelled('event', audited)),
    counter('hmr_denied_total', 'Reloads denied.', [['', events['HMR_DENIED'] ?? 0]]),
    gauge('memory_coherence_score', 'Share of intact nodes.', [['', memory.coherence()]]),
    gauge('memory_branches_total', 'Branches of memory.', [['', memory.branches()]]),
  ]);
}
