import type { JsonObject } from '../ports/json.ts';
import { jsonSchemaOf } from './json-schema.ts';
import { origins, settleS } from './manifest-rules.ts';
import { driverKinds, manifestSchema } from './manifest-schema.ts';

/** The published JSON Schema 2020-12 of `seatrial.yaml`, from the registry that the loader reads by. */
export function renderManifestSchema(): JsonObject {
  return jsonSchemaOf(manifestSchema, 'Seatrial manifest', conditions);
}

const has = (...keys: readonly string[]): JsonObject => ({ required: keys });
const inside = (key: string, schema: JsonObject): JsonObject => ({ properties: { [key]: schema } });
const needs = (key: string, other: string): JsonObject =>
  inside('backup', { dependentRequired: { [key]: [other] } });

/** What manifest-rules.ts says between keys, as far as JSON Schema has words for it. */
const conditions: readonly JsonObject[] = [
  ...driverKinds
    .filter((driver) => settleS[driver].minimum > 0)
    .map((driver) => ({
      // The default driver is meant when none is named.
      if: {
        properties: { driver: { const: driver } },
        ...(driver === 'swarm' ? {} : has('driver')),
      },
      then: inside('timeouts', inside('settle', { minimum: settleS[driver].minimum })),
    })),
  {
    if: { properties: { driver: { const: 'process' } }, required: ['driver'] },
    then: has('process'),
  },
  inside('source', {
    not: {
      anyOf: origins.flatMap((one, index) =>
        origins.slice(index + 1).map((other) => has(one, other)),
      ),
    },
  }),
  inside('source', { dependentRequired: { overrides: ['npm'] } }),
  {
    if: { properties: { health: has('none') }, required: ['health'] },
    then: {
      properties: { health: { maxProperties: 1 }, probes: { minItems: 1 } },
      required: ['probes'],
    },
  },
  inside('base', { not: has('release', 'skip') }),
  needs('quiesce', 'resume'),
  needs('resume', 'quiesce'),
  needs('command', 'restoreCommand'),
  needs('restoreCommand', 'command'),
  inside('backup', {
    if: { properties: { how: { const: 'live' } }, required: ['how'] },
    then: { anyOf: [has('quiesce'), has('command')] },
  }),
];
