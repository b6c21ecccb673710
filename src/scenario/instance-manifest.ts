// An instance manifest of a pack: the envelope is the same everywhere, the pack says what `spec` is.

import * as z from 'zod';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Json } from '../ports/json.ts';
import { forbiddenProblems, testKeyProblems } from './manifest-forbidden.ts';
import { inFileOrder, readBySchema, registryOf, type ReadFile } from './read-by-schema.ts';
import { kebab } from './schema-names.ts';
import type { YamlReading } from './yaml-document.ts';

/** Base of instance names; with the run's suffix of nine characters it is still a name everywhere. */
const baseName = kebab.regex(
  /^.{1,40}$/,
  'At most 40 characters: names of instances are made of it.',
);

export const instanceSchema = z.strictObject({
  apiVersion: z.string().min(1).describe('format, as the pack says'),
  kind: z.string().min(1).describe('kind, as the pack says'),
  metadata: z
    .strictObject({ name: baseName.describe('base of instance names') })
    .describe('what it is called'),
  spec: z.record(z.string(), z.json()).describe('the instance, as the pack says'),
});

export const instanceRegistry = registryOf(instanceSchema, 'Seatrial instance manifest');
export type InstanceManifest = z.output<typeof instanceSchema>;

export type InstanceContext = {
  readonly apiVersion?: string;
  readonly kind?: string;
  /** Of `spec`. */
  readonly spec?: z.ZodType;
  readonly layers?: readonly string[];
  /** Check ids of the register, ids of scenarios. */
  readonly ids?: ReadonlySet<string>;
};

/** Codes: SC001–SC003, MF001 ids and keys of tests, MF002 secrets. */
export function loadInstance(
  reading: YamlReading,
  context: InstanceContext,
): ReadFile<InstanceManifest> {
  const { document, problems } = reading;
  if (document === undefined) return { problems };
  const read = readBySchema(reading, specRegistry(context));
  const forbidden = forbiddenProblems(document, {
    ...(context.ids === undefined ? {} : { checkIds: context.ids }),
    layers: context.layers ?? [],
    hint: 'Name it in `credentialRefs` and take it `from: env` or `from: placeholder`.',
  });
  const found: readonly Diagnostic[] = inFileOrder([
    ...read.problems,
    ...forbidden,
    ...testKeyProblems(document),
  ]);
  return found.length === 0 ? read : { document, problems: found };
}

function specRegistry({ apiVersion, kind, spec }: InstanceContext): typeof instanceRegistry {
  if (spec === undefined && apiVersion === undefined && kind === undefined) return instanceRegistry;
  const shape = {
    ...instanceSchema.shape,
    ...(apiVersion === undefined ? {} : { apiVersion: z.literal(apiVersion) }),
    ...(kind === undefined ? {} : { kind: z.literal(kind) }),
    ...(spec === undefined ? {} : { spec }),
  };
  return registryOf(
    z.strictObject(shape) as unknown as typeof instanceSchema,
    'Seatrial instance manifest',
  );
}

/** What a pack's JSON Schema asks; undefined when it is none, or uses words that are not understood. */
export function readSpecSchema(schema: Json): z.ZodType | undefined {
  try {
    return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  } catch {
    return undefined;
  }
}
