// The engine: says what its script says, step by step, and counts what it said in each call alone.

import { setTimeout as sleep } from 'node:timers/promises';
import { stepsFor, type EngineStep } from './engine-script.ts';
import type { HotTarget } from './hot-target.ts';
import type { JsonObject } from './json.ts';
import type { Settings } from './read-settings.ts';

export type EngineEvent =
  | { readonly type: 'chunk' | 'thought'; readonly text: string }
  | { readonly type: 'tool'; readonly data: JsonObject };

export type Usage = {
  readonly tokens_in: number;
  readonly tokens_out: number;
  readonly chars_in: number;
  readonly chars_out: number;
};

export type EngineResult = {
  readonly response: string;
  readonly usage: Usage;
  readonly engine: { readonly version: string; readonly handled: number };
  readonly error?: { readonly code: string; readonly message: string };
};

export type Engine = {
  readonly run: (
    message: string,
    emit: (event: EngineEvent) => void,
    signal?: AbortSignal,
  ) => Promise<EngineResult>;
  readonly calls: () => number;
};

const wordsIn = (text: string): number => text.match(/\S+/gu)?.length ?? 0;
const charactersIn = (text: string): number => Array.from(text).length;

export function makeEngine({ ai, faults }: Settings, target: HotTarget): Engine {
  let calls = 0;
  const total = { tokens_in: 0, tokens_out: 0, chars_in: 0, chars_out: 0 };
  const usageOf = (message: string, response: string): Usage => {
    const own = {
      tokens_in: wordsIn(message),
      tokens_out: wordsIn(response),
      chars_in: charactersIn(message),
      chars_out: charactersIn(response),
    };
    for (const name of ['tokens_in', 'tokens_out', 'chars_in', 'chars_out'] as const)
      total[name] += own[name];
    return faults.has('chat.usage-global') ? { ...total } : own;
  };
  return {
    calls: () => calls,
    run: async (message, emit, signal) => {
      calls += 1;
      const use = await target.enter();
      if (use === undefined) return refused(usageOf(message, ''));
      const signals = [use.signal, ...(signal === undefined ? [] : [signal])];
      const limit = faults.has('policy.lies-max') ? Infinity : ai.maxTokens;
      const speaker = makeSpeaker({ message, limit, emit, isDeaf: isDeaf(faults) });
      try {
        const error = await follow(stepsFor(ai.script, message), speaker, AbortSignal.any(signals));
        const engine = { version: use.module.version, handled: use.module.handle() };
        const response = speaker.said();
        const result = { response, usage: usageOf(message, response), engine };
        return error === undefined ? result : { ...result, error };
      } finally {
        use.leave();
      }
    },
  };
}

const refused = (usage: Usage): EngineResult => ({
  response: '',
  usage,
  engine: { version: 'none', handled: 0 },
  error: { code: 'reloading', message: 'the engine is being replaced' },
});

const isDeaf = (faults: Settings['faults']): boolean =>
  faults.has('launcher.service-mock') || faults.has('launcher.service-deaf');

type Speaker = { readonly say: (event: EngineEvent) => void; readonly said: () => string };

/** Answers hold at most so many words, whatever the script says. */
function makeSpeaker({
  message,
  limit,
  emit,
  isDeaf: hearsNothing,
}: {
  readonly message: string;
  readonly limit: number;
  readonly emit: (event: EngineEvent) => void;
  readonly isDeaf: boolean;
}): Speaker {
  let said = '';
  return {
    say: (event) => {
      if (event.type !== 'chunk') {
        emit(event);
        return;
      }
      const text = event.text.replaceAll('{message}', hearsNothing ? 'something' : message);
      const allowed = withinWords(said, text, limit);
      if (allowed === '') return;
      said += allowed;
      emit({ type: 'chunk', text: allowed });
    },
    said: () => said,
  };
}

/** As much of the text as keeps the whole within so many words. */
function withinWords(before: string, text: string, limit: number): string {
  if (wordsIn(before + text) <= limit) return text;
  let kept = '';
  for (const part of text.split(/(?<=\s)/u)) {
    if (wordsIn(before + kept + part) > limit) break;
    kept += part;
  }
  return kept;
}

/** The error of the script, or that somebody took the engine away. */
async function follow(
  steps: readonly EngineStep[],
  { say }: Speaker,
  signal: AbortSignal,
): Promise<EngineResult['error']> {
  for (const step of steps) {
    if (signal.aborted) return { code: 'aborted', message: 'the engine was taken away' };
    if (step.kind === 'error') return { code: step.code, message: step.message };
    if (step.kind === 'delay') await sleep(step.ms, undefined, { signal }).catch(() => undefined);
    else if (step.kind === 'tool') say({ type: 'tool', data: step.data });
    else say({ type: step.kind, text: step.text });
  }
  return signal.aborted ? { code: 'aborted', message: 'the engine was taken away' } : undefined;
}
