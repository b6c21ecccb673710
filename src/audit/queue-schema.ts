// The registry of the audit's own files: loaders, JSON Schemas and reference come from it.

import * as z from 'zod';
import { boundaries, checkId, kebab, rowId, sentence } from '../scenario/schema-names.ts';
import { distinct, reason } from '../scenario/schema-parts.ts';

export const proofNames = [
  ...(['old-before-new-after', 'staged-not-observed', 'endpoint-reached'] as const),
  ...(['built-then-reused', 'refused', 'bites', 'restored'] as const),
] as const;
export type ProofName = (typeof proofNames)[number];

const phase = z.int().min(0).max(9999);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'A digest has 64 hexadecimal digits.');
const instant = z.iso
  .datetime({ offset: false, message: 'A moment is written like `2026-11-21T10:00:00Z`.' })
  .describe('UTC');

const planned = z.strictObject({
  scenarios: distinct(kebab).min(1).describe('scenarios whose bundles cover the row'),
  checks: distinct(checkId).min(1).describe('checks that must have passed in them'),
  also: distinct(kebab)
    .optional()
    .describe('scenarios that may add evidence: absent they are no reason, failing they are'),
});

const fixtureRole = z.strictObject({
  role: kebab.describe('role that a fixture of a planned scenario plays'),
  proof: z.enum(proofNames).describe('rule over records that shows it was in place'),
});

export const rowSchema = z.strictObject({
  id: rowId.describe('id of the row, like `AQ-050`'),
  phase: phase.describe('phase of the audit'),
  legacySubject: distinct(sentence).min(1).describe('what it replaces, by inventory entry'),
  coverage: sentence.describe('the claim, in one sentence'),
  boundary: distinct(z.enum(boundaries)).min(1).describe('surfaces that its checks touch'),
  planned: planned.describe('what will show it'),
  fixtures: z.array(fixtureRole).describe('state that must really have been in place'),
  manifest: z
    .enum(['required', 'forbidden', 'either'])
    .describe('whether its scenarios are about an instance'),
  owner: z.string().describe('name or team'),
});

export const queueSchema = z.array(rowSchema).describe('audit rows, sorted by id');

export const inventorySchema = z
  .array(
    z.strictObject({
      subject: sentence.describe('name of a legacy subject'),
      retired: reason('why no row covers it').optional(),
    }),
  )
  .describe('legacy subjects and what became of each');

/** What an amendment must be beyond its shape is judged with its row, so that it is told there. */
const amendment = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'An id has letters, digits, `.-_`.'),
  row: rowId.describe('the one row that it is about'),
  rationale: z.string().describe('why the row does not need evidence'),
  owner: z.string().describe('who answers for it'),
  approvedBy: z.string().describe('who agreed; somebody else'),
  created: instant.describe('when it was decided'),
  expires: instant.describe('when it ends; at most 180 days later'),
  link: z.string().describe('URL of the decision'),
  acknowledges: z
    .array(z.string().regex(/^[a-z][a-z0-9.-]{0,200}$/, 'Name a reason or a finding.'))
    .describe('reasons or findings that it knows of'),
});

export const amendmentsSchema = z
  .array(amendment)
  .describe('decisions that a row does not need evidence');

export const claimSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'An id has letters, digits, `.-_`.'),
  row: rowId.describe('row that is said to be covered'),
  by: sentence.describe('who says so'),
  statement: sentence.describe('what is said'),
  bundles: z
    .array(z.union([sha256, z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'Name a run.')]))
    .min(1)
    .describe('run ids, chain heads, or scenarios, of which the newest run is meant'),
  at: instant.describe('when it was said'),
});

export type Row = z.output<typeof rowSchema>;
export type InventoryEntry = z.output<typeof inventorySchema>[number];
export type Amendment = z.output<typeof amendment>;
export type Claim = z.output<typeof claimSchema>;

/** Whether a name says who owns something. */
export const isOwner = (name: string): boolean =>
  !/^\s*(?:tbd|todo|none|unassigned|nobody|n\/a|\?|-)?\s*$/i.test(name);
