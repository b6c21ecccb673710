// What got worse against a reference, and only that. Two baselines that cannot be compared are refused
// before anything is counted.

import { applySuppressions, type Candidate } from './apply-suppressions.ts';
import type { BaselineFile } from './baseline-schema.ts';
import { compareClasses, hardClass, rateOf, success } from './classes.ts';
import { wholePhase } from './finding.ts';
import { matchOccurrences, occurrencesOf, type Matched } from './match-occurrences.ts';
import type { Reference } from './read-baseline.ts';
import type { Occurrence, Regression, RegressResult } from './regress-schema.ts';
import type { Entry } from './suppression.ts';

export type RegressOptions = {
  readonly timestamp: string;
  /** YYYY-MM-DD; expired suppressions count no more. */
  readonly today: string;
  readonly absThreshold: number;
  readonly relThreshold: number;
  /** Either threshold is enough. */
  readonly any: boolean;
  /** Default: PARSE_ERROR and VALIDATION_ERROR for `.aether` files, every failing class for others. */
  readonly codes?: readonly string[];
  readonly ratchet: boolean;
  readonly perFingerprint: boolean;
  readonly allowShrink: number;
  readonly suppressions: readonly Entry[];
  readonly requireOwner: boolean;
};

export const regressDefaults = { absThreshold: 5, relThreshold: 0.1, allowShrink: 0 } as const;
const sourceCodes: readonly string[] = ['PARSE_ERROR', 'VALIDATION_ERROR'];

export type Regressed =
  { readonly result: RegressResult } | { readonly problems: readonly string[] };

export function regress(now: Reference, before: Reference, options: RegressOptions): Regressed {
  const problems = whyNotComparable(now, before, options);
  if (problems.length > 0) return { problems };
  const counts = [countsOf(now), countsOf(before)] as const;
  const isAether = [...now.inputs, ...before.inputs].every((kind) => kind === 'aether');
  const codes = codesOf(counts, isAether, options);
  const regressions = codes
    .map((code) => change(code, ...counts))
    .filter((each) => isWorse(each, options));
  const hard = [change(hardClass, ...counts)].filter(({ delta }) => delta > 0);
  const matched = compareFingerprints(now, before, options);
  const isOk =
    regressions.length === 0 &&
    hard.length === 0 &&
    (!options.perFingerprint || matched.new.length === 0);
  const picked = (all: Counts) => Object.fromEntries(codes.map((code) => [code, all[code] ?? 0]));
  return {
    result: {
      ok: isOk,
      timestamp: options.timestamp,
      new_counts: picked(counts[0]),
      ref_counts: picked(counts[1]),
      abs_threshold: options.absThreshold,
      rel_threshold: options.relThreshold,
      regressions,
      mode: modeOf(options),
      new: [...matched.new],
      fixed: [...matched.fixed],
      moved: [...matched.moved],
      hard,
    },
  };
}

type Counts = Readonly<Record<string, number>>;

/** That they fit the files was made sure of when the baseline was read. */
const countsOf = ({ by_code }: Reference): Counts => by_code;

function codesOf(
  counts: readonly Counts[],
  isAether: boolean,
  { codes, ratchet }: RegressOptions,
): readonly string[] {
  const failing = counts.flatMap((each) => Object.keys(each)).filter((name) => name !== success);
  const chosen = codes ?? (isAether ? sourceCodes : failing);
  return [...new Set([...chosen, ...(ratchet ? failing : [])])].sort(compareClasses);
}

function change(code: string, now: Counts, before: Counts): Regression {
  const [old, fresh] = [before[code] ?? 0, now[code] ?? 0];
  const delta = fresh - old;
  const none = delta > 0 ? 1 : 0;
  return { code, old, new: fresh, delta, relative_increase: old === 0 ? none : rateOf(delta, old) };
}

function isWorse(each: Regression, options: RegressOptions): boolean {
  const { absThreshold, relThreshold, any, ratchet } = options;
  if (each.delta <= 0) return false;
  if (ratchet) return true;
  const relative = each.old === 0 ? 1 : each.delta / each.old;
  const over = [each.delta > absThreshold, relative > relThreshold];
  return any ? over.some(Boolean) : over.every(Boolean);
}

const modeOf = ({ ratchet, perFingerprint }: RegressOptions): string =>
  [
    'thresholds',
    ...(ratchet ? ['ratchet'] : []),
    ...(perFingerprint ? ['per-fingerprint'] : []),
  ].join('+');

/** Without fingerprints on both sides there is nothing to pair. */
function compareFingerprints(now: Reference, before: Reference, options: RegressOptions): Matched {
  if (!now.fingerprinted || !before.fingerprinted) return { new: [], fixed: [], moved: [] };
  return matchOccurrences(unsuppressed(now, options), unsuppressed(before, options));
}

function unsuppressed({ files }: Reference, options: RegressOptions): readonly Occurrence[] {
  if (options.suppressions.length === 0) return files.flatMap(occurrencesOf);
  const candidates = files.flatMap((file) =>
    occurrencesOf(file).map((occurrence) => ({
      occurrence,
      candidate: candidateOf(file, occurrence),
    })),
  );
  const { entryFor } = applySuppressions(
    options.suppressions,
    candidates.map(({ candidate }) => candidate),
    options,
  );
  return candidates
    .filter(({ candidate }) => entryFor(candidate) === undefined)
    .map(({ occurrence }) => occurrence);
}

const candidateOf = (file: BaselineFile, { fingerprint, rule }: Occurrence): Candidate => ({
  ...{ fingerprint, rule, subject: file.path },
  ...(file.fingerprint_reference === null
    ? {}
    : { referenceFingerprint: file.fingerprint_reference }),
});

const listedMax = 20;

function whyNotComparable(
  now: Reference,
  before: Reference,
  options: RegressOptions,
): readonly string[] {
  const problems: string[] = [];
  if (now.checker !== before.checker)
    problems.push(`the new one is by checker ${now.checker}, the reference by ${before.checker}`);
  if (now.inputs.join() !== before.inputs.join())
    problems.push(
      `the new one is of ${now.inputs.join(', ')}, the reference of ${before.inputs.join(', ')}`,
    );
  if (options.perFingerprint && !(now.fingerprinted && before.fingerprinted))
    problems.push('a baseline without fingerprints cannot be compared by them');
  if (problems.length > 0) return problems;
  const missing = missingPaths(now, before);
  const shrunk = shrinkage(now, before, missing);
  if (shrunk <= options.allowShrink) return [];
  const more = missing.length - listedMax;
  return [
    `${String(shrunk)} fewer than in the reference, more than --allow-shrink ${String(options.allowShrink)}; missing:`,
    ...missing.slice(0, listedMax),
    ...(more > 0 ? [`… and ${String(more)} more`] : []),
  ];
}

/** Suites, plans and scans come and go. A log that names failures alone loses a file when it is mended. */
function missingPaths(now: Reference, before: Reference): readonly string[] {
  const there = new Set(now.files.map(({ path }) => path));
  const namesFailures = before.inputs.includes('sarif');
  return before.files
    .filter(
      ({ path, phase, ok }) => !there.has(path) && phase !== wholePhase && (ok || !namesFailures),
    )
    .map(({ path }) => path);
}

function shrinkage(now: Reference, before: Reference, missing: readonly string[]): number {
  if (before.inputs.includes('sarif')) return missing.length;
  const judged = ({ files }: Reference) => files.filter(({ phase }) => phase !== wholePhase).length;
  return judged(before) - judged(now);
}

/** Whether the new baseline may take the reference's place: in no class, and no finding, is it worse. */
export function mayLower(now: Reference, before: Reference, result: RegressResult): boolean {
  const [fresh, old] = [countsOf(now), countsOf(before)];
  const rises = Object.keys(fresh).some(
    (code) => code !== success && (fresh[code] ?? 0) > (old[code] ?? 0),
  );
  return (
    result.ok && !rises && (!result.mode.includes('per-fingerprint') || result.new.length === 0)
  );
}
