// One look at a system under watch, as its record holds it: enough to judge the whole watch from
// records alone, and to go on reading its logs where the last look ended.

import * as z from 'zod';
import type { Entry } from '../evidence/record.ts';
import type { RunState } from '../evidence/run-state.ts';
import type { Json } from '../ports/json.ts';

export const sampleCode = 'watch-sample';

const count = z.int().min(0);
const part = z.object({
  name: z.string(),
  device: z.number(),
  inode: z.number(),
  bytes: count,
  /** Up to here it was read; always the beginning of a line. */
  offset: count,
  /** Its first bytes, since the number of a file is used again after it was removed. */
  head: z.object({ bytes: count, sha256: z.string() }),
  /** Length of its last whole line, of files that are larger than they may be. */
  last: count.optional(),
});
export type FollowedPart = z.infer<typeof part>;

const file = z.object({
  parts: z.array(part).readonly(),
  /** Some lines were rotated or cut away before they could be read. */
  lost: z.boolean(),
  /** More lines wait for the next look. */
  behind: z.boolean(),
  /** Lines that are no records. */
  unreadable: count,
  /** Records by severity or reason. */
  counts: z.record(z.string(), count).default({}),
  /** Begins and ends of reloads, in their order. */
  events: z.array(z.object({ event: z.string(), target: z.string() })).default([]),
  /** A few lines as they stood there, cut. */
  shown: z.array(z.string()).default([]),
  /** Why it could not be looked at; nothing else here counts then. */
  error: z.string().optional(),
});
export type FileSample = z.infer<typeof file>;

const sample = z.object({
  schema: z.literal('seatrial.watch-sample/v1'),
  /** Which of the planned looks, from 0. */
  slot: count,
  at: z.iso.datetime(),
  kernel: z
    .object({
      answered: z.boolean(),
      said: z.string(),
      running: z.boolean(),
      ready: z.boolean(),
      tasks: z.number().optional(),
      on: z.record(z.string(), z.boolean()),
    })
    .optional(),
  memory: z
    .object({
      said: z.string(),
      on: z.boolean().optional(),
      coherence: z.number().optional(),
    })
    .optional(),
  files: z.object({
    alerts: file.optional(),
    dlq: file.optional(),
    hmr_audit: file.optional(),
  }),
});
export type Sample = z.infer<typeof sample>;

export const sampleNote = (taken: Sample): Entry => ({
  type: 'note',
  data: {
    code: sampleCode,
    severity: 'info',
    message: `Sample ${String(taken.slot)} of ${taken.at}.`,
    details: JSON.parse(JSON.stringify(taken)) as Record<string, Json>,
  },
});

/** In the order of the records. One that is none is left out, and is missed as one not taken. */
export function samplesOf({ notes }: Pick<RunState, 'notes'>): readonly Sample[] {
  return notes.flatMap(({ code, details }) => {
    if (code !== sampleCode) return [];
    const parsed = sample.safeParse(details);
    return parsed.success ? [parsed.data] : [];
  });
}
