// What `findings regress` answers. Keys up to `regressions` are those of the source document.

import * as z from 'zod';

const text = z.string();
const count = z.int().nonnegative();
const line = z.int().positive().nullable();
const counts = z.record(text, count);

const regression = z.strictObject({
  code: text,
  old: count,
  new: count,
  delta: z.int(),
  relative_increase: z.number().describe('Four decimals; 1 when there was none before'),
});

const occurrence = z.strictObject({
  fingerprint: text,
  class: text,
  rule: text,
  path: text,
  line,
  message: text,
});

const move = z.strictObject({
  fingerprint: text,
  from: z.strictObject({ path: text, line }),
  to: z.strictObject({ path: text, line }),
});

export const regressResultSchema = z.strictObject({
  ok: z.boolean(),
  timestamp: z.iso.datetime(),
  new_counts: counts,
  ref_counts: counts,
  abs_threshold: z.number().nonnegative(),
  rel_threshold: z.number().nonnegative(),
  regressions: z.array(regression).describe('In code order'),
  mode: text.describe(
    '`thresholds`, then `ratchet` and `per-fingerprint` where asked for, joined by +',
  ),
  new: z.array(occurrence),
  fixed: z.array(occurrence),
  moved: z.array(move).describe('The same fingerprint at another path or line; never a failure'),
  hard: z
    .array(regression)
    .describe('More files with INTERNAL_ERROR: fails whatever the thresholds'),
});

export type RegressResult = Readonly<z.infer<typeof regressResultSchema>>;
export type Regression = RegressResult['regressions'][number];
export type Occurrence = RegressResult['new'][number];
export type Move = RegressResult['moved'][number];

/** JSON Schema 2020-12. */
export const regressJsonSchema = z.toJSONSchema(regressResultSchema, { target: 'draft-2020-12' });
