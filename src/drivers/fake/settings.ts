import type { JsonObject } from '../../ports/json.ts';

/** The fake driver's part of a manifest, below the key `fake`; all of it may be left out. */
export type FakeSettings = {
  /** Services of the base; default `['app']`. */
  readonly base: readonly string[];
  /** Services of the head; default as the base. */
  readonly head: readonly string[];
  /** Default `['data']`. */
  readonly volumes: readonly string[];
  readonly http: boolean;
  /** Operation → why this app cannot. */
  readonly cannot: Readonly<Record<string, string>>;
};

const names = (value: unknown, otherwise: readonly string[]): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : otherwise;

export function readFakeSettings(settings: JsonObject): FakeSettings {
  const fake = asObject(settings['fake']);
  const base = names(fake['base'], ['app']);
  return {
    base,
    head: names(fake['head'], base),
    volumes: names(fake['volumes'], ['data']),
    http: fake['http'] !== false,
    cannot: Object.fromEntries(
      Object.entries(asObject(fake['cannot'])).map(([key, why]) => [key, asText(why)]),
    ),
  };
}

const asObject = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

export const asText = (value: unknown): string => (typeof value === 'string' ? value : '');
