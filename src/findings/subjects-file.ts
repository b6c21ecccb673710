// What `findings import` writes: a header and one subject a line, sorted, so that two of them can be
// compared line by line. The header counts what follows, so that a file that was cut off is noticed.

import * as z from 'zod';
import { inputKinds, type Intake } from './finding.ts';

export const subjectsSchemaId = 'seatrial.subjects/v1';

const count = z.int().nonnegative();
const text = z.string();
const kind = z.enum(inputKinds);

export const limitedSchema = z
  .union([
    z.strictObject({ limit: z.int().positive() }),
    z.strictObject({ sample: z.int().positive(), seed: z.int() }),
  ])
  .describe('Present when only a part of the input was looked at');

export const headerSchema = z.strictObject({
  schema: z.literal(subjectsSchemaId),
  kinds: z.array(kind),
  checker: z.enum(['seatrial', 'reference']),
  subjects: count.describe('Lines with a subject that follow'),
  flaky: count.describe('Lines with a flaky test that follow'),
  waived: count.describe('Findings that the input itself marks as suppressed; they count'),
  limited: limitedSchema.exactOptional(),
});

const finding = z.strictObject({
  class: text,
  rule: text,
  message: text,
  subject: text,
  place: z
    .strictObject({ line: z.int().positive(), column: z.int().positive().exactOptional() })
    .exactOptional(),
  context: text,
  source: kind,
  attempt: z.int().positive().exactOptional(),
});

export const subjectSchema = z.strictObject({
  path: text,
  source: kind,
  phase: text,
  digest: text.exactOptional(),
  dialect: text.exactOptional(),
  signatureVerified: z.boolean().exactOptional(),
  riskScore: z.number().nonnegative().exactOptional(),
  reference: z
    .strictObject({ class: text, line: z.int().positive().exactOptional(), message: text })
    .exactOptional(),
  findings: z.array(finding),
});

export const flakySchema = z.strictObject({ flaky: z.strictObject({ path: text, message: text }) });

const line = z.union([headerSchema, subjectSchema, flakySchema]).describe('One line of the file');

/** JSON Schema 2020-12 of one line. */
export const subjectsLineSchema = z.toJSONSchema(line, { target: 'draft-2020-12' });

export function renderSubjects(intake: Intake): string {
  const { kinds, checker, subjects, waived, limited } = intake;
  const head = {
    schema: subjectsSchemaId,
    kinds,
    checker,
    subjects: subjects.length,
    flaky: intake.flaky.length,
    waived,
    ...(limited === undefined ? {} : { limited }),
  };
  const lines = [head, ...subjects, ...intake.flaky.map((each) => ({ flaky: each }))];
  return lines.map((each) => `${JSON.stringify(each)}\n`).join('');
}
