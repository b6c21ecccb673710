// A small file of a pack: YAML text, a registry, and the problems in between.

import * as z from 'zod';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { JsonObject } from '../ports/json.ts';
import { descriptionAt, jsonSchemaOf, knownKeysAt } from './json-schema.ts';
import { schemaProblems } from './schema-problems.ts';
import type { Path, YamlDocument, YamlReading } from './yaml-document.ts';

export type ReadFile<Value> = {
  /** Undefined when the registry refuses the file; rules may find more. */
  readonly value?: Value;
  readonly document?: YamlDocument;
  /** In the order of the file. */
  readonly problems: readonly Diagnostic[];
};

export type Registry<Schema extends z.ZodType> = {
  readonly schema: Schema;
  readonly render: () => JsonObject;
};

/** `rules`: conditions between keys that the registry checks itself and cannot say in JSON Schema. */
export function registryOf<Schema extends z.ZodType>(
  schema: Schema,
  title: string,
  rules: readonly JsonObject[] = [],
): Registry<Schema> {
  return { schema, render: () => jsonSchemaOf(schema, title, rules) };
}

export function readBySchema<Schema extends z.ZodType>(
  { document, problems }: YamlReading,
  { schema, render }: Registry<Schema>,
): ReadFile<z.output<Schema>> {
  if (document === undefined) return { problems };
  const parsed = schema.safeParse(document.value);
  if (parsed.success) return { value: parsed.data, document, problems: [] };
  const json = render();
  const voice = {
    missing: 'SC003',
    knownKeys: (path: Path) => knownKeysAt(json, path),
    meaning: (path: Path) => descriptionAt(json, path),
  };
  return {
    document,
    problems: inFileOrder(schemaProblems(document, parsed.error.issues, voice)),
  };
}

export function inFileOrder(problems: readonly Diagnostic[]): readonly Diagnostic[] {
  return problems.toSorted((a, b) => a.span.start - b.span.start || (a.code < b.code ? -1 : 1));
}
