// The shape of `workflow_failures.json`. The first keys of a workflow and of the summary, and their
// order, are those of the source document; what follows them is Seatrial's.

import * as z from 'zod';
import { causesMax } from './causes.ts';
import { inputKinds } from './finding.ts';
import { limitedSchema } from './subjects-file.ts';
import { suppressionCodes } from './suppression-warnings.ts';

const text = z.string();
const count = z.int().nonnegative();
const line = z.int().positive();
const fingerprint = z.string().regex(/^[0-9a-f]{16}$/);
export const countsSchema = z.record(text, z.int().positive()).describe('By class, in code order');

export const classifiedFindingSchema = z.strictObject({
  rule: text,
  line: line.nullable(),
  column: line.nullable(),
  class: text,
  message: text,
  fingerprint,
  suppressed: z.boolean(),
  reason: text.exactOptional().describe('Why it is set aside'),
});

const workflow = z.strictObject({
  path: text,
  ok: z.boolean(),
  category: text,
  error: text.nullable(),
  signature_verified: z.boolean().nullable(),
  risk_score: z.number().nullable(),
  code: count,
  code_name: text,
  phase: text,
  line: line.nullable(),
  fingerprint: fingerprint.nullable(),
  suppressed: z.boolean().describe('Every finding of it is set aside'),
  column: line.nullable(),
  rule: text.nullable(),
  dialect: text.nullable(),
  fingerprint_reference: fingerprint.nullable(),
  fingerprint_documented: fingerprint.nullable(),
  digest: text.nullable().describe('SHA-256 of the content, hex'),
  source: z.enum(inputKinds),
  findings: z.array(classifiedFindingSchema),
});

const warning = z.strictObject({
  code: z.enum(suppressionCodes),
  message: text,
  fingerprint: text.exactOptional(),
  file: text.exactOptional(),
  line: line.exactOptional(),
});

const cause = z.strictObject({
  class: text,
  rule: text,
  message: text.describe('Normalised, as it goes into fingerprints'),
  findings: z.int().positive(),
  suppressed: count,
  subjects: z.int().positive(),
  examples: z.array(text).min(1).max(5),
});

const summary = z.strictObject({
  total: count,
  failed: count.describe('Suppressed ones too'),
  failure_rate: z.number().min(0).max(1).describe('Four decimals'),
  suppressed_failures: count,
  categories: z.record(
    text,
    z.strictObject({ count: z.int().positive(), examples: z.array(text).min(1).max(5) }),
  ),
  timestamp: z.iso.datetime(),
  unsuppressed_failures: count,
  by_code: countsSchema,
  by_dialect: z.record(text, z.int().positive()),
  checker: z.enum(['seatrial', 'reference']),
  schema: z.literal('seatrial.classification/v1'),
  inputs: z.array(z.enum(inputKinds)),
  findings: count,
  causes: z
    .array(cause)
    .max(causesMax)
    .describe('Findings of one class, rule and message, whatever the subject; the most frequent'),
  suppressed_findings: count,
  waived: count.describe('Findings that an input itself marks as suppressed; they count'),
  flaky: z.array(z.strictObject({ path: text, message: text })),
  suppressions: z.array(warning).describe('What is odd about the suppressions in use'),
  limited: limitedSchema.exactOptional(),
});

export const classificationSchema = z.strictObject({ workflows: z.array(workflow), summary });

export type Classification = Readonly<z.infer<typeof classificationSchema>>;
export type Workflow = Classification['workflows'][number];
export type ClassifiedFinding = Workflow['findings'][number];

/** JSON Schema 2020-12. */
export const classificationJsonSchema = z.toJSONSchema(classificationSchema, {
  target: 'draft-2020-12',
});
