// A finding set aside: by whom, why, and until when.

import * as z from 'zod';
import { fingerprintPattern } from './fingerprint.ts';

export const reasonLengthMin = 10;
export const daysMax = 180;
/** In UTF-16 units. A longer file is a sign of something else than a list that people keep. */
export const sizeMax = 4 << 20;
const dayPattern = /^\d{4}-\d\d-\d\d$/;
const dayMs = 86_400_000;

const day = z.string().regex(dayPattern).describe('YYYY-MM-DD, UTC; the day itself is included');

/** One record of `seatrial.suppressions.yaml`. */
export const suppressionSchema = z.strictObject({
  fingerprint: z.string().regex(fingerprintPattern).describe('Which finding'),
  rule: z.string().min(1).exactOptional().describe('Only findings of this rule'),
  reason: z
    .string()
    .min(reasonLengthMin)
    .regex(/^(?!TODO\b)/)
    .describe('Why it may wait'),
  owner: z
    .string()
    .min(1)
    .regex(/^(?!TODO\b)/)
    .describe('Who sees to it'),
  created: day,
  expires: day.describe('The last day on which it counts; at most 180 days after created'),
  issue: z.string().min(1).exactOptional().describe('Where it is worked on'),
  paths: z
    .array(z.string().min(1))
    .min(1)
    .exactOptional()
    .describe('Only subjects that fit one of these globs'),
});

export type Suppression = Readonly<z.infer<typeof suppressionSchema>>;

/** JSON Schema 2020-12 of `seatrial.suppressions.yaml`. */
export const suppressionsSchema = z.toJSONSchema(
  z.array(suppressionSchema).describe('Findings set aside, sorted by fingerprint'),
  { target: 'draft-2020-12' },
);

/** An entry of either form, as it is applied. */
export type Entry = {
  readonly fingerprint: string;
  /** Shown in reports; of an entry of the list form its comment. */
  readonly reason: string;
  readonly record?: Suppression;
  /** Path of the file, and the line, from 1. */
  readonly file: string;
  readonly line: number;
};

/** Days from 1970, or undefined for a day that no calendar has. */
export function dayNumber(text: string): number | undefined {
  if (!dayPattern.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  // `Date.parse` refuses or rolls over impossible days, depending on the day.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text) return undefined;
  return time / dayMs;
}

/** The day of an instant, UTC. */
export const dayOf = (instant: Date): string => instant.toISOString().slice(0, 10);

export const addDays = (day: string, days: number): string =>
  dayOf(new Date(((dayNumber(day) ?? 0) + days) * dayMs));

export const daysBetween = (from: string, to: string): number =>
  (dayNumber(to) ?? 0) - (dayNumber(from) ?? 0);

export const isExpired = ({ record }: Entry, today: string): boolean =>
  record !== undefined && daysBetween(today, record.expires) < 0;
