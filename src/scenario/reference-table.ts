// The reference page of a kind of file, from the same registry that the loader reads by.

import type { Json, JsonObject } from '../ports/json.ts';
import { alternatives, asList, asObject } from './json-schema.ts';
import { renderManifestSchema } from './manifest-json-schema.ts';

/** All keys of `seatrial.yaml` as a Markdown table: key, type, default, meaning. */
export function manifestReference(): string {
  return referenceTable(renderManifestSchema());
}

export function referenceTable(schema: JsonObject): string {
  const rows = keyRows(schema, '');
  return ['| key | type | default | meaning |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function keyRows(schema: JsonObject, prefix: string): readonly string[] {
  return alternatives(schema).flatMap((each) => [
    ...Object.entries(asObject(each['properties'])).flatMap(([key, value]) => {
      const required = asList(each['required']).includes(key);
      return rowsOf(asObject(value), `${prefix}${key}`, required);
    }),
    ...namedRows(each, prefix),
  ]);
}

/** Maps from names to values, and lists: their own rows, then those of what they hold. */
function namedRows(schema: JsonObject, prefix: string): readonly string[] {
  const { additionalProperties: named, items } = schema;
  return [
    ...(named === undefined ? [] : keyRows(asObject(named), `${prefix}<name>.`)),
    ...(items === undefined ? [] : keyRows(asObject(items), `${prefix.slice(0, -1)}[].`)),
  ];
}

function rowsOf(schema: JsonObject, key: string, required: boolean): readonly string[] {
  const cells = [
    `\`${key}\``,
    typeOf(schema),
    required ? 'required' : defaultOf(schema['default']),
    textOf(schema['description']),
  ];
  const row = `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [row, ...keyRows(schema, `${key}.`)];
}

function defaultOf(value: Json | undefined): string {
  return value === undefined ? '' : `\`${JSON.stringify(value)}\``;
}

function typeOf(schema: JsonObject): string {
  const branches = asList(schema['anyOf']).map(asObject);
  if (branches.length > 0) return branches.map(typeOf).join(' or ');
  if (schema['const'] !== undefined) return `\`${JSON.stringify(schema['const'])}\``;
  const choices = asList(schema['enum']);
  if (choices.length > 0) return choices.map((each) => `\`${textOf(each)}\``).join(', ');
  return plainType(schema) + rangeOf(schema);
}

function plainType(schema: JsonObject): string {
  const type = textOf(schema['type'] ?? 'any value');
  if (type !== 'array') return { object: 'mapping', string: 'text' }[type] ?? type;
  const item = asObject(schema['items']);
  return `list of ${item['type'] === undefined ? 'values' : typeOf(item)}`;
}

function rangeOf({ minimum, maximum }: JsonObject): string {
  if (minimum === undefined && maximum === undefined) return '';
  return ` ${textOf(minimum)}–${textOf(maximum)}`;
}

function textOf(value: Json | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
