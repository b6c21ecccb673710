// What `gates coverage record` keeps for a commit, for later runs to be held against.

import * as z from 'zod';
import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import type { Json } from '../ports/json.ts';
import type { Fraction } from './coverage.ts';
import { parseJson } from './match.ts';

const count = z.int().min(0);
const fraction = z.strictObject({ covered: count, total: count });
const shape = z.strictObject({
  schema: z.literal('urn:seatrial:schema:coverage:1'),
  commit: z.string().regex(/^[0-9a-f]{40,64}$/u),
  at: z.iso.datetime(),
  files: z.record(z.string(), fraction),
  digest: z.string(),
});
export type RecordedCoverage = z.infer<typeof shape>;

export const recordedPath = (folder: string, commit: string): string => `${folder}/${commit}.json`;

const digestOf = (recorded: Omit<RecordedCoverage, 'digest'>): string =>
  sha256Hex(canonicalJson(JSON.parse(JSON.stringify(recorded)) as Json));

export function renderRecorded(
  commit: string,
  at: string,
  files: Readonly<Record<string, Fraction>>,
): string {
  const recorded = { schema: 'urn:seatrial:schema:coverage:1', commit, at, files } as const;
  return `${JSON.stringify({ ...recorded, digest: digestOf(recorded) }, null, 2)}\n`;
}

/** The record of that commit, or in words why it is none. */
export function readRecorded(
  text: string,
  commit: string,
): RecordedCoverage | { readonly fault: string } {
  const parsed = shape.safeParse(parseJson(text));
  if (!parsed.success) return { fault: 'it is no recorded coverage' };
  const { digest, ...rest } = parsed.data;
  if (digestOf(rest) !== digest) return { fault: 'it was changed after it was recorded' };
  if (rest.commit !== commit) return { fault: `it is of commit ${rest.commit.slice(0, 12)}` };
  return Object.values(rest.files).some(({ covered, total }) => covered > total)
    ? { fault: 'it claims more lines covered than there are' }
    : parsed.data;
}
