// seatrial.functions.yaml: which functions scripts may call, and what they take and do.

import * as z from 'zod';
import {
  builtInRegistry,
  type FunctionSpec,
  type Parameter,
  type Registry,
} from '../aether/registry.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import type { JsonObject } from '../ports/json.ts';
import { descriptionAt, jsonSchemaOf, knownKeysAt } from '../scenario/json-schema.ts';
import { schemaProblems } from '../scenario/schema-problems.ts';
import { readYamlBytes } from '../scenario/yaml-document.ts';

const name = z
  .string()
  .regex(/^[\p{XID_Start}_][\p{XID_Continue}]*$/u, 'Write a name of the language.');
const path = z
  .string()
  .regex(
    /^[\p{XID_Start}_][\p{XID_Continue}]*(\.[\p{XID_Start}_][\p{XID_Continue}]*)*$/u,
    'Write a name of the language, or several joined by dots.',
  );

const parameter = z.union([
  name,
  z.strictObject({
    name,
    type: z.string().optional().describe('for people: String, Number, List …'),
    optional: z.boolean().default(false).describe('may be left out'),
  }),
]);

const spec = z.strictObject({
  params: z.array(parameter).default([]).describe('in the order of their positions'),
  positions: z.enum(['closed', 'open']).default('closed').describe('open: takes any number more'),
  keywords: z.enum(['closed', 'open']).default('closed').describe('open: takes any keyword'),
  effect: z.enum(['read', 'write', 'notify', 'pure']).describe('what a call does outside'),
  undo: z.boolean().default(false).describe('a write that can be undone in a transaction'),
  deterministic: z.boolean().default(true).describe('equal arguments give equal answers'),
});

const functionsSchema = z.strictObject({
  extends: z
    .enum(['aether-1.1', 'reference', 'none'])
    .default('aether-1.1')
    .describe('the built-in functions that these are added to'),
  names: z.array(name).default([]).describe('names that can be read without an assignment'),
  functions: z.record(path, spec).default({}).describe('functions by name'),
});

/** The published JSON Schema 2020-12. */
export const renderFunctionsSchema = (): JsonObject =>
  jsonSchemaOf(functionsSchema, 'Functions of .aether scripts');

export const functionsSizeMax = 1024 * 1024;

export type LoadedFunctions = {
  readonly source: Source;
  /** Undefined exactly when there is a problem. */
  readonly registry?: Registry;
  readonly problems: readonly Diagnostic[];
};

/** Total: any bytes give a registry or problems with codes SC001 to SC003. */
export function loadFunctions(file: string, bytes: Uint8Array): LoadedFunctions {
  const { source, document, problems } = readYamlBytes(file, bytes, functionsSizeMax);
  if (document === undefined) return { source, problems };
  const parsed = functionsSchema.safeParse(document.value);
  if (parsed.success) return { source, registry: makeRegistry(parsed.data), problems: [] };
  const schema = renderFunctionsSchema();
  const voice = {
    missing: 'SC003',
    knownKeys: (at: readonly (string | number)[]) => knownKeysAt(schema, at),
    meaning: (at: readonly (string | number)[]) => descriptionAt(schema, at),
  };
  return { source, problems: schemaProblems(document, parsed.error.issues, voice) };
}

function makeRegistry(read: z.infer<typeof functionsSchema>): Registry {
  const base = builtInRegistry(read.extends);
  const added = Object.entries(read.functions).map(
    ([key, value]) => [key.normalize('NFC'), makeSpec(key, value)] as const,
  );
  return {
    functions: new Map([...base.functions, ...added]),
    names: new Set([...base.names, ...read.names.map((each) => each.normalize('NFC'))]),
  };
}

function makeSpec(key: string, value: z.infer<typeof spec>): FunctionSpec {
  const { params, positions, keywords, effect, undo, deterministic } = value;
  return {
    name: key.normalize('NFC'),
    params: params.map(makeParameter),
    variadic: positions === 'open',
    openKeywords: keywords === 'open',
    effect,
    undo,
    deterministic,
  };
}

function makeParameter(read: z.infer<typeof parameter>): Parameter {
  if (typeof read === 'string') return { name: read, optional: false };
  const { type, ...rest } = read;
  return type === undefined ? rest : { ...rest, type };
}
