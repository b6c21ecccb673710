// The shape of `parse_baseline.json`. Keys of the source document keep their names; a baseline without
// `schema` is one that the source document's own script wrote.

import * as z from 'zod';
import { countsSchema } from './classification-schema.ts';
import { inputKinds } from './finding.ts';

export const baselineSchemaId = 'seatrial.baseline/v1';

const text = z.string();
const line = z.int().positive();
const fingerprint = z.string().regex(/^[0-9a-f]{16}$/);

const baselineFinding = z.object({
  class: text,
  rule: text,
  line: line.nullable(),
  column: line.nullable(),
  message: text,
  fingerprint,
});

export const baselineFileSchema = z.object({
  path: text,
  ok: z.boolean(),
  code: z.int().nonnegative(),
  code_name: text,
  line: line.nullable(),
  message: text,
  rule: text.nullable(),
  column: line.nullable(),
  fingerprint: fingerprint.nullable(),
  fingerprint_reference: fingerprint.nullable(),
  phase: text,
  digest: text.nullable().describe('SHA-256 of the content, hex'),
  findings: z.array(baselineFinding),
});

const counts = {
  timestamp: z.iso.datetime({ offset: true }),
  total: z.int().nonnegative(),
  by_code: countsSchema,
  failure_rate: z.number().min(0).max(1).describe('Four decimals'),
};

const head = {
  ...counts,
  schema: z.literal(baselineSchemaId),
  checker: z.enum(['seatrial', 'reference']),
  inputs: z.array(z.enum(inputKinds)),
  root_digest: z.string().describe('SHA-256 over paths and content, hex'),
};

/** All but the files. */
export const baselineHeadSchema = z.object(head);

export const baselineSchema = z.object({
  ...head,
  files: z.array(baselineFileSchema).describe('Sorted by path, each path once'),
});

/** What the source document's script writes, as far as it is needed. */
export const foreignBaselineSchema = z.object({
  total: counts.total,
  by_code: z.record(text, z.int().nonnegative()),
  files: z.array(
    z.object({
      path: text,
      code_name: text,
      line: z.int().nonnegative().nullable().optional(),
      message: text.nullable().optional(),
    }),
  ),
});

export type Baseline = Readonly<z.infer<typeof baselineSchema>>;
export type BaselineFile = Baseline['files'][number];
export type BaselineFinding = BaselineFile['findings'][number];

/** JSON Schema 2020-12. */
export const baselineJsonSchema = z.toJSONSchema(baselineSchema, { target: 'draft-2020-12' });
