// What the engine says: a script, so that every answer is known before it is asked for.

import { isObject, parseObject, textOf, type Json, type JsonObject } from './json.ts';
import { SettingsError } from './settings-error.ts';

export type EngineStep =
  /** `{message}` in a text stands for what was asked. */
  | { readonly kind: 'chunk' | 'thought'; readonly text: string }
  | { readonly kind: 'tool'; readonly data: JsonObject }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'error'; readonly code: string; readonly message: string };

export type EngineScript = {
  /** By the first word of the message; any other message gets `otherwise`. */
  readonly on: ReadonlyMap<string, readonly EngineStep[]>;
  readonly otherwise: readonly EngineStep[];
};

const plain: readonly EngineStep[] = [
  { kind: 'chunk', text: 'You said: ' },
  { kind: 'chunk', text: '{message}' },
];
const delayMaxMs = 60_000;

/** `{"default": [step…], "on": {word: [step…]}}`; a step has one of chunk, thought, tool, delay_ms, error. */
export function readScript(text: string): EngineScript {
  const script = parseObject(text);
  if (script === undefined) throw new SettingsError('SEATRIAL_ENGINE_SCRIPT is no JSON object.');
  const on = isObject(script['on']) ? script['on'] : {};
  return {
    on: new Map(Object.entries(on).map(([word, steps]) => [word, stepsOf(steps)])),
    otherwise: script['default'] === undefined ? plain : stepsOf(script['default']),
  };
}

function stepsOf(value: Json | undefined): readonly EngineStep[] {
  if (!Array.isArray(value)) throw new SettingsError('An engine script is a list of steps.');
  return (value as readonly Json[]).map(stepOf);
}

function stepOf(value: Json): EngineStep {
  const { chunk, thought, tool, delay_ms: delay, error } = isObject(value) ? value : {};
  if (typeof chunk === 'string') return { kind: 'chunk', text: chunk };
  if (typeof thought === 'string') return { kind: 'thought', text: thought };
  if (isObject(tool)) return { kind: 'tool', data: tool };
  if (typeof delay === 'number' && delay >= 0 && delay <= delayMaxMs)
    return { kind: 'delay', ms: delay };
  if (isObject(error))
    return {
      kind: 'error',
      code: textOf(error['code'], 'engine_error'),
      message: textOf(error['message'], 'the engine failed'),
    };
  throw new SettingsError(`An engine script has a step of no kind: ${JSON.stringify(value)}`);
}

export const stepsFor = ({ on, otherwise }: EngineScript, message: string): readonly EngineStep[] =>
  on.get(message.split(/\s/u, 1)[0] ?? '') ?? otherwise;
