// A pack's canaries: planted faults, and the checks that must go red for each.

import * as z from 'zod';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import { readBySchema, registryOf } from './read-by-schema.ts';
import { checkId, kebab } from './schema-names.ts';
import { filePath } from './schema-parts.ts';
import { readYaml } from './yaml-document.ts';

const kill = z.union([
  checkId,
  z.strictObject({ check: checkId, verdict: z.enum(['failed', 'error']) }),
]);

const inputs = z.record(z.string(), z.json());

const plant = z
  .strictObject({
    fake: z.array(z.string()).min(1).optional().describe('faults of the fake driver'),
    env: z
      .record(z.string(), z.string())
      .optional()
      .describe('variables that switch a fault of the app on'),
    head: z.string().optional().describe('a head that holds the fault'),
    driver: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('ways in which the driver of containers disobeys'),
    mutant: z
      .string()
      .regex(/^[a-z0-9]+(?:[.-][a-z0-9]+){0,20}$/, 'A name of small letters, digits, `.` and `-`.')
      .optional()
      .describe('fault that the product itself can switch on'),
    inputs: z
      .strictObject({
        fixtures: z.record(kebab, inputs).default({}).describe('by fixture'),
        actions: z.record(kebab, inputs).default({}).describe('by action'),
      })
      .optional()
      .describe('inputs that are changed'),
    builtin: z
      .string()
      .optional()
      .describe(
        'writer-bypassed, check-dropped, form-off:<form>, apply-skipped:<fixture>, undo-skipped:<fixture>',
      ),
  })
  .refine((value) => Object.keys(value).length === 1, 'plant exactly one fault');

const canary = z.strictObject({
  id: z
    .string()
    .regex(
      /^[a-z0-9]+(?:[.:-][a-z0-9]+){0,20}$/,
      'A name of small letters, digits, `.`, `:`, `-`.',
    ),
  scenario: z
    .union([kebab, filePath.regex(/\.ya?ml$/, 'Name a scenario file.')])
    .default('lifecycle')
    .describe('lifecycle, fresh, or a scenario of the pack by file or id'),
  manifest: filePath.optional().describe('manifest; a scenario of a pack names its own'),
  ops: z.string().optional().describe('only these operations and what they need'),
  base: z.string().optional().describe('release to upgrade from'),
  plant,
  kills: z.array(kill).min(1).describe('checks that must go red'),
  spares: z.array(checkId).default([]).describe('checks that must stay green'),
});

const canariesSchema = z.strictObject({ canaries: z.array(canary).min(1) });
export const canariesRegistry = registryOf(canariesSchema, 'Seatrial canaries');

export type Canary = z.infer<typeof canary>;

const sizeMax = 1024 * 1024;

export function loadCanaries(source: Source): {
  readonly canaries?: readonly Canary[];
  readonly problems: readonly Diagnostic[];
} {
  const { value, problems } = readBySchema(readYaml(source, sizeMax), canariesRegistry);
  return value === undefined ? { problems } : { canaries: value.canaries, problems };
}

/** What a canary wants of a check: its id and the verdict that counts as red. */
export const wantedRed = (
  kills: Canary['kills'],
): readonly { readonly check: string; readonly verdict: 'failed' | 'error' }[] =>
  kills.map((each) => (typeof each === 'string' ? { check: each, verdict: 'failed' } : each));
