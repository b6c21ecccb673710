// Variables that change the agent's configuration for one start. What they replaced is kept, and a
// start without the variable puts it back: an override is no edit of the owner's configuration.

import { Failure } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';

type Json = Record<string, unknown>;

type Provider = { api?: unknown; models?: Json[] };

export type Config = {
  agents?: { defaults?: { model?: { primary?: unknown } } };
  models?: { providers?: Record<string, Provider> };
  gateway?: { controlUi?: { allowedOrigins?: string[] } };
};

type Override = {
  readonly variable: string;
  readonly isValid: (value: string) => boolean;
  /** Every place that the variable sets: how it is read and written there. */
  readonly places: (config: Config) => readonly Place[];
  readonly put: (value: string, before: unknown) => unknown;
};

type Place = { readonly get: () => unknown; readonly set: (value: unknown) => void };

const place = (holder: Json | undefined, key: string): readonly Place[] =>
  holder === undefined
    ? []
    : [
        {
          get: () => holder[key],
          set: (value) => {
            if (value === undefined) Reflect.deleteProperty(holder, key);
            else holder[key] = value;
          },
        },
      ];

const providers = (config: Config): readonly Provider[] =>
  Object.values(config.models?.providers ?? {});

const firstModels = (config: Config, key: string): readonly Place[] =>
  providers(config).flatMap(({ models }) => place(models?.[0], key));

const printable = /^[\x20-\x7e]{1,256}$/;
const origin = /^https?:\/\/[a-z0-9.-]+(?::\d{1,5})?$/i;

function isPositive(value: string): boolean {
  if (mutant('override.accept-zero')) return /^\d{1,9}$/.test(value);
  return /^[1-9]\d{0,8}$/.test(value);
}

function isPrintable(value: string): boolean {
  return mutant('override.accept-control') ? value.length <= 256 : printable.test(value);
}

export const overrides: readonly Override[] = [
  {
    variable: 'NEMOCLAW_MODEL_OVERRIDE',
    isValid: isPrintable,
    places: ({ agents }) => place(agents?.defaults?.model, 'primary'),
    put: (value) => value,
  },
  {
    variable: 'NEMOCLAW_INFERENCE_API_OVERRIDE',
    isValid: (value) => ['openai-completions', 'anthropic-messages'].includes(value),
    places: (config) => providers(config).flatMap((each) => place(each as Json, 'api')),
    put: (value) => value,
  },
  {
    variable: 'NEMOCLAW_CONTEXT_WINDOW',
    isValid: isPositive,
    places: (config) => firstModels(config, 'contextWindow'),
    put: Number,
  },
  {
    variable: 'NEMOCLAW_MAX_TOKENS',
    isValid: (value) => /^[1-9]\d{0,8}$/.test(value),
    places: (config) => firstModels(config, 'maxTokens'),
    put: Number,
  },
  {
    variable: 'NEMOCLAW_REASONING',
    isValid: (value) => value === 'true' || value === 'false',
    places: (config) => firstModels(config, 'reasoning'),
    put: (value) => value === 'true',
  },
  {
    variable: 'NEMOCLAW_CORS_ORIGIN',
    isValid: (value) => value.length <= 256 && origin.test(value),
    places: ({ gateway }) => place(gateway?.controlUi, 'allowedOrigins'),
    put: (value, before) => [...(Array.isArray(before) ? (before as unknown[]) : []), value],
  },
];

export const overrideNames: readonly string[] = overrides.map(({ variable }) => variable);

/** By variable, the values that stood at its places before it was applied. */
export type Replaced = Readonly<Record<string, readonly unknown[]>>;

export type Applied = { readonly config: Config; readonly replaced: Replaced };

/** Throws exit 12 naming the variable before anything is changed. */
export function applyOverrides(
  before: Config,
  kept: Replaced,
  env: Readonly<Record<string, string | undefined>>,
): Applied {
  const asked = overrides.filter(({ variable }) => (env[variable] ?? '') !== '');
  const bad = asked.filter(({ variable, isValid }) => !isValid(env[variable] ?? ''));
  const [first] = bad;
  const isPartial = mutant('override.partial');
  if (first !== undefined && !isPartial)
    throw new Failure(12, `${first.variable} is refused: its value is not valid`);
  const config = structuredClone(before);
  if (!mutant('override.sticky')) putBack(config, kept);
  const replaced: Record<string, readonly unknown[]> = {};
  for (const override of chosen(asked.filter((each) => !bad.includes(each)))) {
    const value = env[override.variable] ?? '';
    const places = override.places(config);
    replaced[override.variable] = places.map(({ get }) => get() ?? null);
    for (const { get, set } of places) set(override.put(value, get()));
  }
  return { config, replaced };
}

function chosen(asked: readonly Override[]): readonly Override[] {
  if (mutant('override.ignore-one'))
    return asked.filter(({ variable }) => variable !== 'NEMOCLAW_MAX_TOKENS');
  return mutant('override.last-wins') ? asked.slice(-1) : asked;
}

function putBack(config: Config, kept: Replaced): void {
  for (const { variable, places } of overrides) {
    const values = kept[variable];
    if (values === undefined) continue;
    for (const [index, { set }] of places(config).entries()) set(values[index] ?? undefined);
  }
}
