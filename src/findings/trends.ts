// How counts went from snapshot to snapshot, and what came back.

import * as z from 'zod';
import type { Classification } from './classification-schema.ts';
import { countByClass } from './classes.ts';
import { conflictMarkerLine } from './conflict-markers.ts';
import { compareSnapshots, trendsMax } from './history.ts';
import { parseJson } from './json-input.ts';
import type { MergeAnswer, ThreeTexts } from './merge-baseline.ts';
import { compareText } from './order.ts';

const count = z.int().nonnegative();
const trend = z.strictObject({
  file: z.string().regex(/^[^/\\]+$/),
  timestamp: z.iso.datetime({ offset: true }),
  failed: count,
  total: count,
  suppressed_failures: count,
  by_code: z.record(z.string(), count),
  checker: z.enum(['seatrial', 'reference']),
});

export const trendsSchema = z.array(trend).max(trendsMax).describe('Oldest first');
export type Trend = Readonly<z.infer<typeof trend>>;

/** JSON Schema 2020-12 of `trends.json`. */
export const trendsJsonSchema = z.toJSONSchema(trendsSchema, { target: 'draft-2020-12' });

export const trendOf = (file: string, { summary }: Classification): Trend => ({
  file,
  timestamp: summary.timestamp,
  failed: summary.failed,
  total: summary.total,
  suppressed_failures: summary.suppressed_failures,
  by_code: summary.by_code,
  checker: summary.checker,
});

/** Undefined when it is corrupt; the snapshots then tell it anew. */
export function readTrends(text: string): readonly Trend[] | undefined {
  if (conflictMarkerLine(text) !== undefined) return undefined;
  const parsed = parseJson(text);
  const shaped = 'problem' in parsed ? undefined : trendsSchema.safeParse(parsed.value);
  return shaped?.success === true ? shaped.data : undefined;
}

/** The last ones, oldest first, each file once. */
export function latestTrends(trends: readonly Trend[]): readonly Trend[] {
  const byFile = new Map(trends.map((each) => [each.file, each]));
  return [...byFile.values()]
    .sort((a, b) => compareText(a.timestamp, b.timestamp) || compareSnapshots(a.file, b.file))
    .slice(-trendsMax);
}

/** One record a line. */
export const renderTrends = (trends: readonly Trend[]): string =>
  trends.length === 0
    ? '[]\n'
    : `[\n${trends.map((each) => JSON.stringify(each)).join(',\n')}\n]\n`;

/** Snapshots are only ever added, so both sides' are kept. */
export function mergeTrends({ ours, theirs }: ThreeTexts): MergeAnswer {
  const [one, other] = [readTrends(ours), readTrends(theirs)];
  if (one === undefined || other === undefined) return { problems: ['a side is no trends file'] };
  return { text: renderTrends(latestTrends([...one, ...other])), conflicts: [], notes: [] };
}

const change = z.strictObject({ code: z.string(), first: count, previous: count, last: count });
const comeback = z.strictObject({
  fingerprint: z.string(),
  subjects: z.array(z.string()),
  last_seen: z.string().describe('Snapshot in which it was there before'),
});

export const trendReportSchema = z.strictObject({
  snapshots: z.array(trend),
  changes: z.array(change).describe('In code order'),
  came_back: z.array(comeback).describe('In the last snapshot, not in the one before, but earlier'),
  unreadable: z.array(z.string()).describe('Snapshots that could not be looked into'),
});
export type TrendReport = Readonly<z.infer<typeof trendReportSchema>>;

/** JSON Schema 2020-12 of `findings trends --json`. */
export const trendReportJsonSchema = z.toJSONSchema(trendReportSchema, { target: 'draft-2020-12' });

/** `snapshots`: by file, undefined where one could not be read. */
export function reportTrends(
  trends: readonly Trend[],
  snapshots: ReadonlyMap<string, Classification | undefined>,
): TrendReport {
  const [first, last] = [trends[0], trends.at(-1)];
  const previous = trends.at(-2) ?? last;
  const codes = Object.keys(countByClass(trends.flatMap(({ by_code }) => Object.keys(by_code))));
  return {
    snapshots: [...trends],
    changes: codes.map((code) => ({
      code,
      first: first?.by_code[code] ?? 0,
      previous: previous?.by_code[code] ?? 0,
      last: last?.by_code[code] ?? 0,
    })),
    came_back: cameBack(trends, snapshots),
    unreadable: trends
      .filter(({ file }) => snapshots.get(file) === undefined)
      .map(({ file }) => file),
  };
}

function cameBack(
  trends: readonly Trend[],
  snapshots: ReadonlyMap<string, Classification | undefined>,
): TrendReport['came_back'] {
  const prints = trends.map(({ file }) => subjectsByPrint(snapshots.get(file)));
  const [now, before] = [prints.at(-1), prints.at(-2)];
  if (now === undefined || before === undefined) return [];
  return [...now]
    .filter(([fingerprint]) => !before.has(fingerprint))
    .flatMap(([fingerprint, subjects]) => {
      const at = prints.slice(0, -2).findLastIndex((each) => each.has(fingerprint));
      const lastSeen = trends[at]?.file;
      return lastSeen === undefined
        ? []
        : [{ fingerprint, subjects: [...subjects], last_seen: lastSeen }];
    })
    .sort((a, b) => compareText(a.fingerprint, b.fingerprint));
}

function subjectsByPrint(
  snapshot: Classification | undefined,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { path, findings } of snapshot?.workflows ?? [])
    for (const { fingerprint } of findings) {
      const subjects = found.get(fingerprint) ?? [];
      if (!subjects.includes(path)) subjects.push(path);
      found.set(fingerprint, subjects);
    }
  return found;
}
