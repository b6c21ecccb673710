// gates.yaml from its bytes: total, every problem collected, each with a place and a hint.

import type * as z from 'zod';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { hasErrors } from '../diagnostics/file-problems.ts';
import { nearest } from '../diagnostics/nearest.ts';
import type { Source } from '../diagnostics/source.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import { asObject, descriptionAt, jsonSchemaOf, knownKeysAt } from '../scenario/json-schema.ts';
import { schemaProblems, type Voice } from '../scenario/schema-problems.ts';
import { readYamlBytes, type Path, type YamlDocument } from '../scenario/yaml-document.ts';
import { checkKinds, checkOf, type CheckKind } from './check-schema.ts';
import { gateRules } from './gate-rules.ts';
import { gateKinds, gatesSchema, writtenGatesSchema, type GatesFile } from './gate-schema.ts';

export const gatesFileMaxBytes = 1024 * 1024;

export type LoadedGates = {
  readonly source: Source;
  /** Undefined exactly when a problem is an error. */
  readonly gates?: GatesFile;
  readonly problems: readonly Diagnostic[];
};

/**
 * Codes: SC001 to SC003, GT001 unknown kind, GT002 no canary, GT003 name, GT004 id twice, GT005
 * unknown check, GT006 nothing to ask, GT007 unknown placeholder, GT008 a value.
 */
export function loadGates(path: string, bytes: Uint8Array): LoadedGates {
  const { source, document, problems } = readYamlBytes(path, bytes, gatesFileMaxBytes);
  if (document === undefined) return { source, problems };
  const kinds = unknownKinds(document);
  const { value, unknown } = withKinds(document.value);
  const parsed = gatesSchema.safeParse(value);
  const found = parsed.success
    ? gateRules(document, parsed.data)
    : schemaProblems(document, aboutKnown(parsed.error.issues, unknown), voiceOf(value));
  const all = [...kinds, ...found].toSorted(
    (a, b) => a.span.start - b.span.start || (a.code < b.code ? -1 : 1),
  );
  return parsed.success && !hasErrors(all)
    ? { source, gates: parsed.data, problems: all }
    : { source, problems: all };
}

/** The published JSON Schema 2020-12 of gates.yaml. */
export const renderGatesSchema = (): JsonObject =>
  jsonSchemaOf(writtenGatesSchema, 'Seatrial gates');

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A check without a kind is of its gate's. A gate whose kind is unknown has checks of no kind. */
function withKinds(value: Json): { readonly value: Json; readonly unknown: ReadonlySet<string> } {
  const unknown = new Set<string>();
  if (!isObject(value) || !isObject(value['gates'])) return { value, unknown };
  const gates = Object.entries(value['gates']).map(([name, gate]): [string, Json] => {
    if (!isObject(gate) || !Array.isArray(gate['checks'])) return [name, gate];
    const checks = (gate['checks'] as readonly Json[]).map((check, index) => {
      if (!isObject(check)) return check;
      const kind = check['kind'] ?? gate['kind'] ?? null;
      if (!isCheckKind(kind)) unknown.add(pathKey(['gates', name, 'checks', index]));
      return { ...check, kind };
    });
    return [name, { ...gate, checks }];
  });
  return { value: { ...value, gates: Object.fromEntries(gates) }, unknown };
}

const pathKey = (path: readonly PropertyKey[]): string => path.map(String).join('\0');
const isCheckKind = (kind: Json): kind is CheckKind =>
  (checkKinds as readonly Json[]).includes(kind);

/** What a check of an unknown kind may hold nobody can say; its kind alone is told of. */
function aboutKnown(
  issues: readonly z.core.$ZodIssue[],
  unknown: ReadonlySet<string>,
): readonly z.core.$ZodIssue[] {
  return issues.filter(({ path }) => {
    if (path[0] !== 'gates') return true;
    if (path.length === 3 && path[2] === 'kind') return false;
    return !unknown.has(pathKey(path.slice(0, 4)));
  });
}

function unknownKinds(document: YamlDocument): readonly Diagnostic[] {
  const gates = asObject(asObject(document.value)['gates']);
  return Object.entries(gates).flatMap(([name, gate]) => {
    if (!isObject(gate)) return [];
    const checks = Array.isArray(gate['checks']) ? (gate['checks'] as readonly Json[]) : [];
    return [
      ...kindProblems(document, ['gates', name], gate, gateKinds),
      ...checks.flatMap((check, index) =>
        isObject(check) && check['kind'] !== undefined
          ? kindProblems(document, ['gates', name, 'checks', index], check, checkKinds)
          : [],
      ),
    ];
  });
}

function kindProblems(
  document: YamlDocument,
  path: Path,
  { kind }: JsonObject,
  known: readonly string[],
): readonly Diagnostic[] {
  if (typeof kind === 'string' && known.includes(kind)) return [];
  const meant = typeof kind === 'string' ? nearest(kind, known) : undefined;
  const span = document.spanOf([...path, 'kind']);
  const message = kind === undefined ? '`kind` is required.' : 'This kind is unknown.';
  const hint = meant === undefined ? `Known kinds: ${known.join(', ')}.` : `Did you mean ${meant}?`;
  return [{ code: 'GT001', severity: 'error', span, message, hint }];
}

/** Hints about keys of a check come from its own kind, not from all kinds at once. */
function voiceOf(value: Json): Voice {
  const schema = renderGatesSchema();
  const kindSchemas = new Map<string, JsonObject>();
  const ofCheck = (path: Path): { readonly schema: JsonObject; readonly path: Path } => {
    const [, name, , index] = path;
    const gate = asObject(asObject(asObject(value)['gates'])[String(name)]);
    const check = Array.isArray(gate['checks']) ? (gate['checks'] as Json[])[Number(index)] : null;
    const kind = asObject(check)['kind'] ?? null;
    if (!isCheckKind(kind)) return { schema, path };
    const known = kindSchemas.get(kind) ?? jsonSchemaOf(checkOf[kind], kind);
    kindSchemas.set(kind, known);
    return { schema: known, path: path.slice(4) };
  };
  const at = (path: Path) => (path[2] === 'checks' && path.length >= 4 ? ofCheck(path) : undefined);
  return {
    missing: 'SC003',
    knownKeys: (path) => {
      const place = at(path) ?? { schema, path };
      return knownKeysAt(place.schema, place.path);
    },
    meaning: (path) => {
      const place = at(path) ?? { schema, path };
      return descriptionAt(place.schema, place.path);
    },
  };
}
