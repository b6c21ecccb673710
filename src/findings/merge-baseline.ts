// Merging two baselines file by file. Counts and digests are computed anew, so that they fit whatever
// git would have made of the lines.

import { judgedFile, renderBaseline, sealBaseline } from './baseline.ts';
import {
  baselineSchema,
  type Baseline,
  type BaselineFile,
  type BaselineFinding,
} from './baseline-schema.ts';
import { conflictMarkerLine } from './conflict-markers.ts';
import type { InputProblem } from './finding.ts';
import { parseJson } from './json-input.ts';
import { compareText } from './order.ts';
import { mergeCounts, mergeValue } from './three-way.ts';

export type Merged = {
  readonly text: string;
  /** What people must settle; there are conflict markers at each. */
  readonly conflicts: readonly string[];
  readonly notes: readonly string[];
};
export type MergeAnswer = Merged | { readonly problems: readonly string[] };
export type ThreeTexts = { readonly base: string; readonly ours: string; readonly theirs: string };

/** Never conflicts: a record that both sides changed has the findings of both changes. */
export function mergeBaselines({ base, ours, theirs }: ThreeTexts): MergeAnswer {
  // A file that both sides added has an empty base.
  const read = [
    base.trim() === '' ? undefined : parse('base', base),
    parse('ours', ours),
    parse('theirs', theirs),
  ] as const;
  const problems = read.flatMap((each) => (typeof each === 'string' ? [each] : []));
  const [from, one, other] = read;
  if (typeof from === 'string' || typeof one === 'string' || typeof other === 'string')
    return { problems };
  if (one.checker !== other.checker || one.inputs.join() !== other.inputs.join())
    return { problems: ['the two sides are of different checkers or inputs'] };
  const notes: string[] = [];
  const files = mergeFiles(
    { base: from?.files ?? [], ours: one.files, theirs: other.files },
    notes,
  );
  const timestamp = one.timestamp > other.timestamp ? one.timestamp : other.timestamp;
  const merged = sealBaseline({ timestamp, checker: one.checker, inputs: one.inputs }, files);
  return { text: renderBaseline(merged), conflicts: [], notes };
}

/** Counts are not looked at: they are what a merge gets wrong. */
function parse(side: string, text: string): Baseline | string {
  const marker = conflictMarkerLine(text);
  if (marker !== undefined) return `${side}: line ${String(marker)} is a conflict marker`;
  const parsed = parseJson(text);
  if ('problem' in parsed) return `${side}: ${describe(parsed.problem)}`;
  const shaped = baselineSchema.safeParse(parsed.value);
  return shaped.success ? shaped.data : `${side}: it is no baseline of Seatrial`;
}

function describe({ message, place }: InputProblem): string {
  if (place === undefined) return message;
  return `line ${String(place.line)}, column ${String(place.column ?? 1)}: ${message}`;
}

type Sides<Value> = { readonly base: Value; readonly ours: Value; readonly theirs: Value };
type Files = readonly BaselineFile[];

function mergeFiles({ base, ours, theirs }: Sides<Files>, notes: string[]): Files {
  const [from, one, other] = [base, ours, theirs].map(
    (files) => new Map(files.map((file) => [file.path, file])),
  ) as [Map<string, BaselineFile>, Map<string, BaselineFile>, Map<string, BaselineFile>];
  return [...new Set([...one.keys(), ...other.keys()])].sort(compareText).flatMap((path) => {
    const merged = mergeFile(
      { base: from.get(path), ours: one.get(path), theirs: other.get(path) },
      notes,
    );
    return merged === undefined ? [] : [merged];
  });
}

function mergeFile(
  sides: Sides<BaselineFile | undefined>,
  notes: string[],
): BaselineFile | undefined {
  const { base, ours, theirs } = sides;
  const merged = mergeValue(base, ours, theirs);
  if (merged !== 'conflict') return merged.value;
  if (ours !== undefined && theirs !== undefined) {
    notes.push(`${ours.path} was changed on both sides; check it again`);
    return mergeRecord(base, ours, theirs);
  }
  const kept = ours ?? theirs;
  notes.push(`${kept?.path ?? ''} was removed on one side and changed on the other; it is kept`);
  return kept;
}

function mergeRecord(
  base: BaselineFile | undefined,
  ours: BaselineFile,
  theirs: BaselineFile,
): BaselineFile {
  const digest = mergeValue(base?.digest ?? null, ours.digest, theirs.digest);
  const findings = mergeFindings(base?.findings ?? [], ours.findings, theirs.findings);
  const sound = ours.phase === 'parse' ? 'parse ok' : 'ok';
  // Content that both sides changed is known to neither.
  return judgedFile(
    { ...ours, digest: digest === 'conflict' ? null : digest.value },
    findings,
    sound,
  );
}

type Findings = readonly BaselineFinding[];

/** By fingerprint, as often as both changes together say; those of ours first. */
function mergeFindings(base: Findings, ours: Findings, theirs: Findings): Findings {
  const counts = new Map(mergeCounts(countPrints(base), countPrints(ours), countPrints(theirs)));
  const merged = [...ours, ...theirs].filter(({ fingerprint }) => {
    const left = counts.get(fingerprint) ?? 0;
    counts.set(fingerprint, left - 1);
    return left > 0;
  });
  return merged.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

function countPrints(findings: Findings): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { fingerprint } of findings)
    counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + 1);
  return counts;
}
