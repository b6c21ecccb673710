// watch.yaml from its bytes: total, every problem collected, each with a place and a hint.

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import type { JsonObject } from '../ports/json.ts';
import { descriptionAt, jsonSchemaOf, knownKeysAt } from '../scenario/json-schema.ts';
import { schemaProblems } from '../scenario/schema-problems.ts';
import { readYamlBytes } from '../scenario/yaml-document.ts';
import { signalNames, watchSchema, type WatchSettings } from './watch-schema.ts';

export const watchFileMaxBytes = 256 * 1024;

/** The published JSON Schema 2020-12 of watch.yaml. */
export const renderWatchSchema = (): JsonObject => jsonSchemaOf(watchSchema, 'Seatrial watch');

export function loadWatch(
  path: string,
  bytes: Uint8Array,
): {
  readonly source: Source;
  /** Undefined exactly when there is a problem. */
  readonly settings?: WatchSettings;
  readonly problems: readonly Diagnostic[];
} {
  const { source, document, problems } = readYamlBytes(path, bytes, watchFileMaxBytes);
  if (document === undefined) return { source, problems };
  const parsed = watchSchema.safeParse(document.value);
  if (!parsed.success) {
    const schema = renderWatchSchema();
    const found = schemaProblems(document, parsed.error.issues, {
      missing: 'SC003',
      knownKeys: (at) => knownKeysAt(schema, at),
      meaning: (at) => descriptionAt(schema, at),
    });
    return { source, problems: found };
  }
  if (signalNames.some((name) => parsed.data[name] !== false))
    return { source, settings: parsed.data, problems: [] };
  const nothing: Diagnostic = {
    code: 'GT006',
    severity: 'error',
    span: document.spanOf([]),
    message: 'Nothing is watched; without a signal there is no answer.',
    hint: `Leave out \`false\` at one of ${signalNames.join(', ')}.`,
  };
  return { source, problems: [nothing] };
}
