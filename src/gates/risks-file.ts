// risks.yaml: residual risks as data.

import * as z from 'zod';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import type { JsonObject } from '../ports/json.ts';
import { descriptionAt, jsonSchemaOf, knownKeysAt } from '../scenario/json-schema.ts';
import { schemaProblems } from '../scenario/schema-problems.ts';
import { readYamlBytes } from '../scenario/yaml-document.ts';
import { checkId } from './check-schema.ts';
import type { Risk } from './risks.ts';

const day = z.string().regex(/^\d{4}-\d\d-\d\d$/u, 'GT008 Write a day such as 2026-01-31.');

const risksSchema = z.strictObject({
  risks: z.array(
    z.strictObject({
      id: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/u),
      area: z.string().min(1),
      impact: z.string().min(1),
      mitigation: z.string().min(1),
      priority: z.enum(['High', 'Med-High', 'Med', 'Low-Med', 'Low']),
      owner: z.string().nullable().default(null),
      review_by: day,
      status: z.enum(['open', 'mitigated', 'accepted']),
      proof: checkId.optional().describe('check that proves the mitigation in each run'),
      accepted: z
        .strictObject({ by: z.string(), until: day, reason: z.string().min(10) })
        .optional(),
    }),
  ),
});

/** The published JSON Schema 2020-12 of risks.yaml. */
export const renderRisksSchema = (): JsonObject =>
  jsonSchemaOf(risksSchema, 'Seatrial residual risks');

export function loadRisks(
  path: string,
  bytes: Uint8Array,
): {
  readonly source: Source;
  readonly risks?: readonly Risk[];
  readonly problems: readonly Diagnostic[];
} {
  const { source, document, problems } = readYamlBytes(path, bytes, 1024 * 1024);
  if (document === undefined) return { source, problems };
  const parsed = risksSchema.safeParse(document.value);
  if (parsed.success) return { source, risks: parsed.data.risks, problems: [] };
  const schema = renderRisksSchema();
  const voice = {
    missing: 'SC003',
    knownKeys: (at: readonly (string | number)[]) => knownKeysAt(schema, at),
    meaning: (at: readonly (string | number)[]) => descriptionAt(schema, at),
  };
  return { source, problems: schemaProblems(document, parsed.error.issues, voice) };
}
