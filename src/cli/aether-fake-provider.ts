// A provider in memory, for trying scripts out: it remembers what is stored, sends nothing anywhere,
// and answers equal calls equally. Its clock stands still while anything is left to do, so that
// back-off and timeouts cost no time and two runs leave the same record.

import type { CallResult, Effects, JsonValue, Provider } from '../aether/effects.ts';

export type FakeSettings = {
  /** Version by plugin. */
  readonly plugins: ReadonlyMap<string, string>;
  readonly capabilities: ReadonlySet<string>;
  /** Milliseconds since 1970 at which the run begins. */
  readonly startMs: number;
};

export const fakeCapabilities: readonly string[] = [
  'memory.read',
  'memory.write',
  'storage.read',
  'storage.write',
  'notify.send',
];

export const fakePlugins: ReadonlyMap<string, string> = new Map([['report_merger', '1.2.0']]);

export function makeFakeEffects({ plugins, capabilities, startMs }: FakeSettings): Effects {
  const time = makeVirtualTime(startMs);
  const answer = makeAnswers(plugins);
  const provider: Provider = {
    plugins,
    capabilities,
    isMock: true,
    call: (name, args, kwargs) => Promise.resolve(answer(name, args, kwargs)),
  };
  return { ...time, provider };
}

type Timer = { readonly at: number; readonly wake: () => void };

/** Time goes on to the next timer when nothing else is left to do. */
export function makeVirtualTime(startMs: number): Pick<Effects, 'now' | 'timestamp' | 'sleep'> {
  let now = startMs;
  const timers = new Set<Timer>();
  const advance = (): void => {
    const [next] = [...timers].sort((a, b) => a.at - b.at);
    if (next === undefined) return;
    now = Math.max(now, next.at);
    next.wake();
    if (timers.size > 0) setImmediate(advance);
  };
  return {
    now: () => now,
    timestamp: () => new Date(now).toISOString(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const wake = (): void => {
          timers.delete(timer);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const timer = { at: now + ms, wake };
        timers.add(timer);
        signal.addEventListener('abort', wake, { once: true });
        if (signal.aborted) wake();
        setImmediate(advance);
      }),
  };
}

type Answer = (
  name: string,
  args: readonly JsonValue[],
  kwargs: Readonly<Record<string, JsonValue>>,
) => CallResult;

type Stored = { readonly id: string; readonly data: JsonValue; readonly tag: JsonValue };

function makeAnswers(plugins: ReadonlyMap<string, string>): Answer {
  const stored = new Map<string, Stored>();
  let nextId = 1;
  const list = (): JsonValue => [...stored.values()];
  const simple: Readonly<Record<string, (first: JsonValue) => JsonValue>> = {
    reflect: () => ({ stored: stored.size }),
    summarize: (first) => `${kindOf(first)} of ${String(sizeOf(first))}`,
    load_logs: list,
    detect_anomalies: () => [],
    evaluate_confidence: () => 1,
    check_confidence: (first) => (typeof first === 'string' && plugins.has(first) ? 1 : 0),
    load_feature_index: () => [],
    available_plugins: () => [...plugins.keys()],
    self_heal: () => null,
    escalate_to: () => null,
    narrate: () => null,
    trace: () => null,
    log: () => null,
    metrics: () => null,
  };
  const store = (args: readonly JsonValue[], kwargs: Readonly<Record<string, JsonValue>>) => {
    const id = `memory-${String(nextId)}`;
    nextId += 1;
    stored.set(id, {
      id,
      data: args[0] ?? kwargs['data'] ?? null,
      tag: kwargs['tag'] ?? args[1] ?? null,
    });
    return ok(id, () => stored.delete(id));
  };
  return (name, args, kwargs) => {
    if (name === 'store') return store(args, kwargs);
    if (name === 'run_plugin') return runPlugin(plugins, args[0] ?? kwargs['name'] ?? null, args);
    if (plugins.has(name)) return runPlugin(plugins, name, args);
    const known = Object.hasOwn(simple, name) ? simple[name] : undefined;
    if (known !== undefined) return ok(known(args[0] ?? null));
    return { ok: false, kind: 'ServiceMissing', message: `the fake provider has no '${name}'` };
  };
}

function runPlugin(
  plugins: ReadonlyMap<string, string>,
  plugin: JsonValue,
  args: readonly JsonValue[],
): CallResult {
  const version = typeof plugin === 'string' ? plugins.get(plugin) : undefined;
  if (version !== undefined) return ok({ plugin, version, given: args.length });
  const message = `there is no plugin ${JSON.stringify(plugin)}`;
  return { ok: false, kind: 'ServiceMissing', message };
}

function ok(value: JsonValue, undo: () => unknown = () => undefined): CallResult {
  return {
    ok: true,
    value,
    undo: () => {
      undo();
      return Promise.resolve(true);
    },
  };
}

function kindOf(value: JsonValue): string {
  if (value === null) return 'nothing';
  return Array.isArray(value) ? 'list' : typeof value;
}

function sizeOf(value: JsonValue): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 1;
}
