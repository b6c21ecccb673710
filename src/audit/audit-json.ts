// The complete derivation as data. Same inputs, same value.

import * as z from 'zod';
import type { Json, JsonObject } from '../ports/json.ts';
import type { Audit } from './audit.ts';
import type { AuditAnswer } from './check-audit.ts';
import type { RowAnswer } from './derive.ts';
import type { Reason } from './reason.ts';

const reason = z.strictObject({
  code: z.string().regex(/^[a-z0-9-]+$/),
  class: z.enum(['no', 'unknown']),
  row: z.string(),
  scenario: z.string().optional(),
  check: z.string().optional(),
  fixture: z.string().optional(),
  run: z.string().optional(),
  seq: z.int().optional().describe('record of the run'),
  part: z.string().optional().describe('which part, boundary, file or need'),
  message: z.string(),
  advice: z.string().describe('one sentence that says what to do'),
});

const row = z.strictObject({
  id: z.string(),
  phase: z.int(),
  status: z.enum(['evidence-complete', 'audit-amended', 'unresolved']),
  coverage: z.string(),
  owner: z.string(),
  reasons: z.array(reason),
  amendment: z.strictObject({ id: z.string(), expires: z.string() }).optional(),
  warnings: z.array(z.string()),
  runs: z.array(z.strictObject({ scenario: z.string(), run: z.string(), head: z.string() })),
});

const gate = z.strictObject({
  gate: z.string(),
  title: z.string(),
  verdict: z.enum(['passed', 'failed', 'inconclusive']),
  items: z.int(),
  failed: z.int(),
  findings: z.array(
    z.strictObject({
      code: z.string().regex(/^AU\d{3}$/),
      class: z.enum(['no', 'unknown']),
      item: z.string(),
      message: z.string(),
      reasons: z.array(z.string()),
      run: z.string().optional(),
      seq: z.int().optional(),
    }),
  ),
});

const claim = z.strictObject({
  id: z.string(),
  row: z.string(),
  by: z.string(),
  outcome: z.enum(['validated', 'rejected']),
  reasons: z.array(reason),
});

const auditSchema = z.strictObject({
  schema: z.literal('urn:seatrial:schema:audit:1'),
  pack: z.string(),
  subject: z.string(),
  head: z.string().nullable().describe('digest of the audited head of the subject'),
  at: z.string(),
  runsHead: z.string().describe('head of the store’s list of runs'),
  exit: z.union([z.literal(0), z.literal(1), z.literal(3)]),
  counts: z.record(z.string(), z.int()),
  rows: z.array(row),
  gates: z.array(gate),
  claims: z.array(claim),
});

/** The published JSON Schema 2020-12. */
export const renderAuditSchema = (): JsonObject =>
  z.toJSONSchema(auditSchema, { target: 'draft-2020-12' }) as JsonObject;

/** What does not grow with the rows. */
export function auditHead(audit: Audit, { index, counts, exit }: AuditAnswer): JsonObject {
  return {
    schema: 'urn:seatrial:schema:audit:1',
    ...{ pack: audit.pack.id, subject: audit.subject, head: index.auditedHead ?? null },
    ...{ at: audit.at, runsHead: audit.view.listHead, exit, counts },
  };
}

export const auditJson = (audit: Audit, answer: AuditAnswer): JsonObject => ({
  ...auditHead(audit, answer),
  rows: answer.rows.map(rowJson),
  gates: plain(answer.gates),
  claims: answer.claims.map(({ claim: { id, row: about, by }, outcome, reasons }) => ({
    ...{ id, row: about, by, outcome },
    reasons: reasons.map(reasonJson),
  })),
});

export const rowJson = ({
  row: about,
  status,
  reasons,
  amendment,
  warnings,
  runs,
}: RowAnswer): JsonObject => ({
  ...{ id: about.id, phase: about.phase, status, coverage: about.coverage, owner: about.owner },
  reasons: reasons.map(reasonJson),
  ...(amendment === undefined
    ? {}
    : { amendment: { id: amendment.id, expires: amendment.expires } }),
  warnings: [...warnings],
  runs: plain(runs),
});

const reasonJson = (each: Reason): Json => plain(each);

/** Values without members that are undefined. */
const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;
