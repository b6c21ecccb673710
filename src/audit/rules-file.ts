// The file of a pack's own rules, audit/rules.yaml.

import * as z from 'zod';
import type { Source } from '../diagnostics/source.ts';
import type { JsonObject } from '../ports/json.ts';
import { checkId, kebab, pointer, rowId, sentence } from '../scenario/schema-names.ts';
import { distinct } from '../scenario/schema-parts.ts';
import { jsonSchemaOf } from '../scenario/json-schema.ts';
import { loadAuditFile, type LoadedFile } from './audit-file.ts';

const shared = {
  id: kebab.describe('id of the gate'),
  title: sentence.describe('what it demands'),
  phase: z.int().min(0).describe('phase that it belongs to'),
};

const rule = z.discriminatedUnion('kind', [
  z.strictObject({
    ...shared,
    kind: z.literal('roles-proven').describe('the roles of these rows have their proofs'),
    rows: distinct(rowId).min(1).describe('rows'),
    roles: distinct(kebab).min(1).describe('roles that must be proven in each row that has them'),
  }),
  z.strictObject({
    ...shared,
    kind: z.literal('same-set').describe('checks of one bundle observed one and the same value'),
    scenarios: distinct(kebab).min(1).describe('scenarios whose bundles are asked'),
    places: z
      .array(
        z.strictObject({
          check: checkId.describe('check'),
          at: pointer.describe('JSON Pointer into what it observed, at most two steps'),
        }),
      )
      .min(2)
      .describe('where the value stands'),
    passed: distinct(checkId)
      .default([])
      .describe('other checks of the bundle that must have passed'),
  }),
  z.strictObject({
    ...shared,
    kind: z.literal('no-manifest').describe('these scenarios are about no instance'),
    scenarios: distinct(kebab).min(1).describe('scenarios'),
  }),
]);

export const rulesSchema = z.array(rule).describe('gates of the pack’s own, by phase');
export type PackRule = z.output<typeof rule>;

const title = 'Seatrial audit rules';

export const renderRulesSchema = (): JsonObject => jsonSchemaOf(rulesSchema, title);
export const loadRules = (source: Source): LoadedFile<readonly PackRule[]> =>
  loadAuditFile(source, rulesSchema, title);
