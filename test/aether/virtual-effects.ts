// Effects for tests: a clock that jumps to the next timer when nothing else is left to do, and a
// provider whose functions behave as told.

import type {
  CallContext,
  CallResult,
  Effects,
  JsonValue,
  Provider,
} from '../../src/aether/effects.ts';

export type Answer = (
  args: readonly JsonValue[],
  context: CallContext,
  attempt: number,
) => CallResult | Promise<CallResult>;

export type World = {
  readonly effects: Effects;
  /** What reached the provider, in order, with what was undone. */
  readonly log: string[];
  readonly slept: number[];
  aborts: number;
};

type Timer = { readonly at: number; readonly wake: () => void };

export function makeWorld(
  answers: Readonly<Record<string, Answer>> = {},
  provider: Partial<Provider> = {},
): World {
  let now = 0;
  const timers: Timer[] = [];
  const attempts = new Map<string, number>();
  const log: string[] = [];
  const slept: number[] = [];
  const world: World = {
    log,
    slept,
    aborts: 0,
    effects: { now: () => now, timestamp, sleep, provider: { ...base(), ...provider } },
  };

  function timestamp(): string {
    return new Date(now).toISOString();
  }

  async function sleep(ms: number, signal: AbortSignal): Promise<void> {
    slept.push(ms);
    return new Promise((resolve) => {
      const timer = { at: now + ms, wake: resolve };
      timers.push(timer);
      signal.addEventListener('abort', () => {
        timers.splice(timers.indexOf(timer) >>> 0, 1);
        resolve();
      });
      setImmediate(advance);
    });
  }

  function advance(): void {
    const [next] = [...timers].sort((a, b) => a.at - b.at);
    if (next === undefined) return;
    timers.splice(timers.indexOf(next), 1);
    now = Math.max(now, next.at);
    next.wake();
    if (timers.length > 0) setImmediate(advance);
  }

  function base(): Provider {
    return {
      capabilities: new Set(['memory.read', 'storage.write']),
      plugins: new Map([['report_merger', '1.4.0']]),
      isMock: true,
      call: async (name, args, kwargs, context) => {
        const attempt = (attempts.get(name) ?? 0) + 1;
        attempts.set(name, attempt);
        const named = Object.entries(kwargs).map(
          ([key, value]) => `${key}=${JSON.stringify(value)}`,
        );
        log.push(`${name}(${[...args.map((each) => JSON.stringify(each)), ...named].join(', ')})`);
        context.signal.addEventListener('abort', () => (world.aborts += 1));
        const answer = answers[name];
        if (answer !== undefined) return answer(args, context, attempt);
        return Promise.resolve(
          ok(`${name}#${String(attempt)}`, () => log.push(`undo ${name}#${String(attempt)}`)),
        );
      },
    };
  }

  return world;
}

export function ok(value: JsonValue, undone: () => unknown = () => undefined): CallResult {
  return {
    ok: true,
    value,
    undo: async () => {
      undone();
      return Promise.resolve(true);
    },
  };
}

export function failed(kind = 'CallError', message = 'no'): CallResult {
  return { ok: false, kind, message };
}

export const hang: Answer = async () => new Promise(() => undefined);
