// Merging suppressions record by record and field by field. Where both sides end a record on different
// days the earlier one counts; other fields that both sides changed are for people to settle.

import type { Json, JsonObject } from '../ports/json.ts';
import type { MergeAnswer, ThreeTexts } from './merge-baseline.ts';
import { listedFingerprint } from './read-suppression-list.ts';
import {
  blockOf,
  readRecords,
  renderRecords,
  type SuppressionFile,
  type SuppressionRecord,
} from './suppression-records.ts';
import { mergeLines, mergeValue } from './three-way.ts';

type Sides<Value> = { readonly base: Value; readonly ours: Value; readonly theirs: Value };

const empty: SuppressionFile = { head: [], records: [], foot: [] };

export function mergeSuppressions({ base, ours, theirs }: ThreeTexts): MergeAnswer {
  const read = {
    base: base.trim() === '' ? empty : readRecords(base),
    ours: readRecords(ours),
    theirs: readRecords(theirs),
  };
  const problems = Object.entries(read).flatMap(([side, each]) =>
    typeof each === 'string' ? [`${side}: ${each}`] : [],
  );
  if (problems.length > 0) return { problems };
  const files = read as Sides<SuppressionFile>;
  const lines = (of: (file: SuppressionFile) => readonly string[]) =>
    mergeLines(of(files.base), of(files.ours), of(files.theirs));
  const { records, disputed, notes } = mergeRecords(files);
  const text = renderRecords(
    { head: lines(({ head }) => head), records, foot: lines(({ foot }) => foot) },
    (record) => disputed.get(record.fingerprint) ?? blockOf(record),
  );
  return { text, conflicts: [...disputed.keys()], notes };
}

type MergedRecords = {
  /** What was settled without asking people. */
  readonly notes: readonly string[];
  readonly records: readonly SuppressionRecord[];
  /** Lines with conflict markers, by fingerprint. */
  readonly disputed: ReadonlyMap<string, readonly string[]>;
};

function mergeRecords(files: Sides<SuppressionFile>): MergedRecords {
  const byPrint = ({ records }: SuppressionFile) =>
    new Map(records.map((each) => [each.fingerprint, each]));
  const [base, ours, theirs] = [byPrint(files.base), byPrint(files.ours), byPrint(files.theirs)];
  const records: SuppressionRecord[] = [];
  const disputed = new Map<string, readonly string[]>();
  const notes: string[] = [];
  for (const fingerprint of new Set([...ours.keys(), ...theirs.keys()])) {
    const sides = {
      base: base.get(fingerprint),
      ours: ours.get(fingerprint),
      theirs: theirs.get(fingerprint),
    };
    const merged = mergeRecord(sides);
    const shown = sides.ours ?? sides.theirs;
    if (merged !== 'conflict' && bothMoved(sides))
      notes.push(`${fingerprint}: both sides changed when it ends; the earlier day counts`);
    if (merged !== 'conflict' && merged !== undefined) records.push(merged);
    if (merged !== 'conflict' || shown === undefined) continue;
    records.push(shown);
    disputed.set(fingerprint, conflictLines(sides));
  }
  return { records, disputed, notes };
}

function bothMoved({ base, ours, theirs }: Sides<SuppressionRecord | undefined>): boolean {
  if (ours === undefined || theirs === undefined) return false;
  const [from, one, other] = [base, ours, theirs].map((each) => each?.fields['expires']);
  return one !== other && one !== from && other !== from;
}

function mergeRecord({
  base,
  ours,
  theirs,
}: Sides<SuppressionRecord | undefined>): SuppressionRecord | 'conflict' | undefined {
  if (ours !== undefined && theirs !== undefined)
    return mergeBoth(base ?? { fields: {}, comments: [] }, ours, theirs);
  // Removed on one side: that counts unless the other side changed it.
  const kept = mergeValue(base?.fields, ours?.fields, theirs?.fields);
  if (kept === 'conflict') return 'conflict';
  return kept.value === undefined ? undefined : (ours ?? theirs);
}

function mergeBoth(
  base: Pick<SuppressionRecord, 'fields' | 'comments'>,
  ours: SuppressionRecord,
  theirs: SuppressionRecord,
): SuppressionRecord | 'conflict' {
  const fields = mergeFields({ base: base.fields, ours: ours.fields, theirs: theirs.fields });
  if (fields === 'conflict') return 'conflict';
  const comments = mergeLines(base.comments, ours.comments, theirs.comments);
  return { fingerprint: ours.fingerprint, fields, comments };
}

function mergeFields({ base, ours, theirs }: Sides<JsonObject>): JsonObject | 'conflict' {
  const fields: Record<string, Json> = {};
  for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const merged = mergeValue<Json | undefined>(base[key], ours[key], theirs[key]);
    const settled = merged === 'conflict' ? earlier(key, ours[key], theirs[key]) : merged.value;
    if (merged === 'conflict' && settled === undefined) return 'conflict';
    if (settled !== undefined) fields[key] = settled;
  }
  return fields;
}

/** The shorter promise is the safer one. Days are written so that text order is their order. */
function earlier(key: string, one: Json | undefined, other: Json | undefined): string | undefined {
  if (key !== 'expires' && key !== 'created') return undefined;
  if (typeof one !== 'string' || typeof other !== 'string') return undefined;
  return one < other ? one : other;
}

const conflictLines = ({
  ours,
  theirs,
}: Sides<SuppressionRecord | undefined>): readonly string[] => [
  '<<<<<<< ours',
  ...(ours === undefined ? [] : blockOf(ours)),
  '=======',
  ...(theirs === undefined ? [] : blockOf(theirs)),
  '>>>>>>> theirs',
];

/**
 * The list form line by line: an entry is its fingerprint, whatever its comment. Entries of one
 * fingerprint that both sides commented differently keep both comments.
 */
export function mergeSuppressionLists({ base, ours, theirs }: ThreeTexts): MergeAnswer {
  const [from, one, other] = [base, ours, theirs].map((text) =>
    text.replaceAll('\r\n', '\n').replace(/\n$/u, '').split('\n'),
  ) as [string[], string[], string[]];
  const known = entryLines(from);
  const [mine, yours] = [entryLines(one), entryLines(other)];
  const kept = one.flatMap((line) => keptLine(line, { known, mine, yours, from, other }));
  const seen = new Set([...from, ...one]);
  const added = other.filter((line) => {
    const fingerprint = listedFingerprint(line);
    if (fingerprint === undefined) return line.trim() !== '' && !seen.has(line);
    return !mine.has(fingerprint) && known.get(fingerprint) !== line;
  });
  const lines = [...kept, ...added];
  return { text: lines.length === 0 ? '' : `${lines.join('\n')}\n`, conflicts: [], notes: [] };
}

type Lists = {
  readonly known: ReadonlyMap<string, string>;
  readonly mine: ReadonlyMap<string, string>;
  readonly yours: ReadonlyMap<string, string>;
  readonly from: readonly string[];
  readonly other: readonly string[];
};

function entryLines(lines: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    lines.flatMap((line) => {
      const fingerprint = listedFingerprint(line);
      return fingerprint === undefined ? [] : [[fingerprint, line] as const];
    }),
  );
}

/** A line of ours in the merge: gone where theirs took it away, changed where only theirs changed it. */
function keptLine(line: string, { known, yours, from, other }: Lists): readonly string[] {
  const fingerprint = listedFingerprint(line);
  if (fingerprint === undefined) {
    const removed = line.trim() !== '' && from.includes(line) && !other.includes(line);
    return removed ? [] : [line];
  }
  const merged = mergeValue(known.get(fingerprint), line, yours.get(fingerprint));
  if (merged !== 'conflict') return merged.value === undefined ? [] : [merged.value];
  const theirs = yours.get(fingerprint);
  if (theirs === undefined) return [line];
  const more = theirs.trimStart().slice(fingerprint.length).trim().replace(/^#\s*/u, '');
  return [more === '' || line.includes(more) ? line : `${line.trimEnd()} / ${more}`];
}
