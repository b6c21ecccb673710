// How every file of an audit is read: total, all problems collected, each at its place.

import type * as z from 'zod';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import type { JsonObject } from '../ports/json.ts';
import { descriptionAt, jsonSchemaOf, knownKeysAt } from '../scenario/json-schema.ts';
import { schemaProblems, unknownKeyIn } from '../scenario/schema-problems.ts';
import { readYaml, type Path, type YamlDocument } from '../scenario/yaml-document.ts';

/** About the largest queue that YAML can still be read for within a minute; beyond it, `queue.jsonl`. */
export const auditFileMaxBytes = 32 * 1024 * 1024;

export type LoadedFile<Value> = {
  /** Absent exactly when a problem is an error. */
  readonly value?: Value;
  readonly document?: YamlDocument;
  readonly problems: readonly Diagnostic[];
};

/** What nobody may write, because it is worked out (Q2). */
const derived: ReadonlySet<string> = new Set(['status', 'done', 'evidence']);

/** Codes: SC001 to SC003, MF011, and AU002 for a status that somebody wrote. */
export function loadAuditFile<Schema extends z.ZodType>(
  source: Source,
  schema: Schema,
  title: string,
): LoadedFile<z.output<Schema>> {
  const { document, problems } = readYaml(source, auditFileMaxBytes);
  return document === undefined ? { problems } : judgeDocument(document, schema, title);
}

export function judgeDocument<Schema extends z.ZodType>(
  document: YamlDocument,
  schema: Schema,
  title: string,
): LoadedFile<z.output<Schema>> {
  const parsed = schema.safeParse(document.value);
  if (parsed.success) return { value: parsed.data, document, problems: [] };
  return { problems: schemaProblems(document, parsed.error.issues, voiceOf(schema, title)) };
}

function voiceOf(schema: z.ZodType, title: string) {
  const known: JsonObject = jsonSchemaOf(schema, title);
  const voice = {
    missing: 'SC003',
    knownKeys: (path: Path) => knownKeysAt(known, path),
    meaning: (path: Path) => descriptionAt(known, path),
  };
  const unknown = unknownKeyIn(voice);
  return {
    ...voice,
    unknownKey: (path: Path, key: string) =>
      derived.has(key)
        ? {
            code: 'AU002',
            message: `\`${key}\` cannot be written: a row's status is derived from evidence.`,
            hint: 'Remove it; `seatrial audit status` tells the status.',
          }
        : unknown(path, key),
  };
}
