// The shape of `report --format json`. One definition gives the type, the check and the JSON Schema.

import * as z from 'zod';

const verdict = z.enum(['passed', 'skipped', 'inconclusive', 'not-run', 'error', 'failed']);
const time = z.string().describe('RFC 3339, UTC');
const text = z.string();
const milliseconds = z.number().nonnegative();
const digest = z.string().describe('SHA-256, hex');
const whole = z.int().nonnegative();

const skip = z.strictObject({
  kind: z.enum(['structural', 'declared', 'not-asked']),
  reason: text,
});

const object = z.strictObject({ path: text, sha256: digest, bytes: whole, mediaType: text });

const release = z.strictObject({
  origin: text,
  ref: text,
  version: text.optional(),
  commit: text.optional(),
  integrity: text.optional(),
  digest: text,
});

const operation = z.strictObject({
  name: text,
  outcome: z.enum([
    'done',
    'failed',
    'error',
    'timed-out',
    'interrupted',
    'skipped',
    'not-run',
    'unfinished',
  ]),
  skip: skip.optional(),
  stage: text.optional(),
  startedAt: time.optional(),
  endedAt: time.optional(),
  durationMs: milliseconds.optional(),
  cause: text.optional(),
  message: text.optional(),
  observations: z.array(z.strictObject({ what: text, stage: text.optional(), seq: whole, object })),
});

const check = z.strictObject({
  id: text,
  after: text.describe('The operation it follows, or `run`'),
  title: text,
  boundary: text,
  source: z.enum(['floor', 'overlay', 'scenario', 'run']),
  verdict,
  message: text,
  skip: skip.optional(),
  touched: z.array(text),
  evidence: z.array(object),
  startedAt: time.optional(),
  endedAt: time.optional(),
  durationMs: milliseconds.optional(),
  seq: whole.optional().describe('Sequence number of its end record'),
  unexpected: z.literal(true).optional(),
});

const reportFormat = 'seatrial.report/v1';

const report = z.strictObject({
  format: z.literal(reportFormat),
  run: text,
  job: text,
  attempt: whole,
  app: text,
  instance: text,
  scenario: text,
  selection: z.enum(['full', 'partial']),
  canary: text.optional().describe('Id of the planted fault of a canary run'),
  verdict,
  exitCode: whole,
  reasons: z.array(text).describe('Why the verdict is not passed, worst first'),
  outcome: text.optional().describe('How the run ended; absent when its end is not recorded'),
  startedAt: time,
  endedAt: time.optional(),
  durationMs: milliseconds,
  tool: z.strictObject({ name: text, version: text }),
  host: z.strictObject({
    os: text,
    arch: text,
    kernel: text,
    node: text,
    bootId: text,
    name: text,
  }),
  driver: z.strictObject({ kind: text, version: text, fake: z.boolean() }),
  base: z.union([release, z.strictObject({ skipped: text })]),
  head: release,
  plan: z.strictObject({ digest: text, object }),
  chain: z.strictObject({ records: whole, head: text }),
  deployments: whole,
  counts: z.record(verdict, whole),
  operations: z.array(operation),
  checks: z.array(check),
  undos: z.array(
    z.strictObject({
      undo: text,
      kind: text,
      target: text,
      outcome: z.enum(['restored', 'failed', 'timed-out', 'open']),
      message: text.optional(),
    }),
  ),
  leftovers: z
    .array(z.strictObject({ kind: text, name: text, state: z.enum(['intended', 'created']) }))
    .describe('Resources that are not surely gone'),
  notes: z.array(
    z.strictObject({
      at: time,
      seq: whole,
      severity: z.enum(['info', 'warning', 'error']),
      code: text,
      message: text,
    }),
  ),
  dropped: whole.optional().describe('Notes and observations too many to be listed'),
  notProven: z.array(text).describe('What a reader might believe although nothing here shows so'),
});

export type Report = z.infer<typeof report>;

/** JSON Schema 2020-12 of the report. */
export const reportSchema = z.toJSONSchema(report, { target: 'draft-2020-12' });
