// JSON Schema 2020-12 from a registry, and what it says about one place in a file.

import * as z from 'zod';
import type { Json, JsonObject } from '../ports/json.ts';
import type { Path } from './yaml-document.ts';

/** `rules`: conditions between keys that a registry cannot say, in the words of JSON Schema. */
export function jsonSchemaOf(
  schema: z.ZodType,
  title: string,
  rules: readonly JsonObject[] = [],
): JsonObject {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
  }) as JsonObject;
  return {
    ...($schema === undefined ? {} : { $schema }),
    title,
    ...rest,
    ...(rules.length === 0 ? {} : { allOf: rules }),
  };
}

/** What the registry says about the value at a path; undefined when it says nothing. */
export function descriptionAt(schema: JsonObject, path: Path): string | undefined {
  const found = placesAt(schema, path).map((each) => each['description']);
  return found.find((each) => typeof each === 'string');
}

/** Names of the keys that an object at this path may have, sorted. Alternatives are joined. */
export function knownKeysAt(schema: JsonObject, path: Path): readonly string[] {
  const places = path.reduce<readonly JsonObject[]>(
    (at, step) => at.flatMap(alternatives).flatMap((each) => below(each, step)),
    [schema],
  );
  const names = places
    .flatMap(alternatives)
    .flatMap((each) => [
      ...Object.keys(asObject(each['properties'])),
      ...asList(asObject(each['propertyNames'])['enum']).map(String),
    ]);
  return [...new Set(names)].sort();
}

function placesAt(schema: JsonObject, path: Path): readonly JsonObject[] {
  return path.reduce<readonly JsonObject[]>(
    (at, step) => at.flatMap(alternatives).flatMap((each) => below(each, step)),
    [schema],
  );
}

/** A schema and the branches it chooses from. */
export function alternatives(schema: JsonObject): readonly JsonObject[] {
  return [schema, ...asList(schema['anyOf']).map(asObject)];
}

export function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : {};
}

export function asList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function below(schema: JsonObject, step: string | number): readonly JsonObject[] {
  if (typeof step === 'number') return [asObject(schema['items'])];
  const property = asObject(schema['properties'])[step];
  return [asObject(property ?? schema['additionalProperties'])];
}
