// audit/runs.yaml: the runs that rows plan in a pack whose apps are deployed by manifests.

import * as z from 'zod';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import type { JsonObject } from '../ports/json.ts';
import { checkId, kebab, sentence } from '../scenario/schema-names.ts';
import { distinct, exactlyOne, filePath, reason } from '../scenario/schema-parts.ts';
import { jsonSchemaOf } from '../scenario/json-schema.ts';
import { loadAuditFile, type LoadedFile } from './audit-file.ts';

const release = z.string().min(1).max(1024);

const outcome = z.strictObject({
  check: checkId.describe('check'),
  verdict: z.enum(['failed', 'skipped']).describe('how it must end'),
  left: z
    .enum(['structural', 'declared'])
    .default('structural')
    .describe('of `skipped`: the app has no such thing, or its owner said so'),
  says: sentence.describe('part of its message'),
});

const run = exactlyOne(['manifest', 'waits'], {
  id: kebab.describe('what rows name under `scenarios`'),
  manifest: filePath.optional().describe('manifest whose whole life is run, relative to the pack'),
  waits: reason('why nobody can make it yet', 20).optional(),
  life: z.enum(['lifecycle', 'fresh']).default('lifecycle').describe('built-in scenario'),
  head: release.optional().describe('release under test, as it is named to `seatrial run`'),
  base: release.optional().describe('release to start from, as it is named to `seatrial run`'),
  from: release.optional().describe('release that it must turn out to have started from'),
  checks: distinct(checkId).min(1).describe('checks that must pass in it, for rows that plan them'),
  outcomes: z.array(outcome).default([]).describe('checks that must end otherwise, and how'),
});

export const runsSchema = z.array(run).describe('planned runs of manifests');
export type PlannedRunEntry = z.output<typeof runsSchema>[number];

const title = 'Seatrial audit runs';

export const renderRunsSchema = (): JsonObject => jsonSchemaOf(runsSchema, title);

export function loadRuns(source: Source): LoadedFile<readonly PlannedRunEntry[]> {
  const { value, document, problems } = loadAuditFile(source, runsSchema, title);
  if (value === undefined || document === undefined) return { problems };
  const seen = new Set<string>();
  const twice = value.flatMap(({ id }, index): readonly Diagnostic[] => {
    if (seen.size !== seen.add(id).size) return [];
    const message = `The run ${id} is here twice.`;
    const span = document.spanOf([index, 'id']);
    return [{ code: 'AU001', severity: 'error', span, message, hint: 'Give one another id.' }];
  });
  return twice.length > 0 ? { problems: twice } : { value, document, problems };
}
