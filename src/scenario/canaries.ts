// A pack's canaries: planted faults, and the checks that must go red for each.

import * as z from 'zod';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import type { JsonObject } from '../ports/json.ts';
import { descriptionAt, jsonSchemaOf, knownKeysAt } from './json-schema.ts';
import { filePath } from './schema-parts.ts';
import { schemaProblems } from './schema-problems.ts';
import { readYaml } from './yaml-document.ts';

const checkId = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*){2}$/);

const kill = z.union([
  checkId,
  z.strictObject({ check: checkId, verdict: z.enum(['failed', 'error']) }),
]);

const plant = z
  .strictObject({
    fake: z.array(z.string()).min(1).optional().describe('faults of the fake driver'),
    env: z
      .record(z.string(), z.string())
      .optional()
      .describe('variables that switch a fault of the app on'),
    head: z.string().optional().describe('a head that holds the fault'),
    builtin: z.string().optional().describe('writer-bypassed, check-dropped, or form-off:<form>'),
  })
  .refine((value) => Object.keys(value).length === 1, 'plant exactly one fault');

const canary = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  scenario: z
    .union([z.enum(['lifecycle', 'fresh']), filePath.regex(/\.ya?ml$/, 'Name a scenario file.')])
    .default('lifecycle')
    .describe('lifecycle, fresh, or a scenario file of the pack'),
  manifest: filePath,
  plant,
  kills: z.array(kill).min(1).describe('checks that must go red'),
  spares: z.array(checkId).default([]).describe('checks that must stay green'),
});

export const canariesSchema = z.strictObject({ canaries: z.array(canary).min(1) });

/** The published JSON Schema 2020-12. */
export const renderCanariesSchema = (): JsonObject =>
  jsonSchemaOf(canariesSchema, 'Seatrial canaries');

export type Canary = z.infer<typeof canary>;

const sizeMax = 1024 * 1024;

export function loadCanaries(source: Source): {
  readonly canaries?: readonly Canary[];
  readonly problems: readonly Diagnostic[];
} {
  const { document, problems } = readYaml(source, sizeMax);
  if (document === undefined) return { problems };
  const parsed = canariesSchema.safeParse(document.value);
  if (parsed.success) return { canaries: parsed.data.canaries, problems: [] };
  const schema = renderCanariesSchema();
  const voice = {
    missing: 'SC003',
    knownKeys: (path: readonly (string | number)[]) => knownKeysAt(schema, path),
    meaning: (path: readonly (string | number)[]) => descriptionAt(schema, path),
  };
  return { problems: schemaProblems(document, parsed.error.issues, voice) };
}

/** What a canary wants of a check: its id and the verdict that counts as red. */
export const wantedRed = (
  kills: Canary['kills'],
): readonly { readonly check: string; readonly verdict: 'failed' | 'error' }[] =>
  kills.map((each) => (typeof each === 'string' ? { check: each, verdict: 'failed' } : each));
