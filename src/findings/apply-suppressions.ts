// Which findings are set aside. An entry names one fingerprint in full; prefixes never count. Expired
// entries, and list entries where owners are required, set nothing aside.

import { matchesGlob } from './glob.ts';
import { isExpired, type Entry } from './suppression.ts';

export type Candidate = {
  readonly fingerprint: string;
  /** Of its subject; absent where no reference verdict is known. */
  readonly referenceFingerprint?: string | undefined;
  readonly rule: string;
  readonly subject: string;
};

export type Use = {
  readonly entry: Entry;
  readonly state: 'active' | 'expired' | 'powerless' | 'ambiguous' | 'overruled';
  /** How many findings it set aside. */
  readonly findings: number;
  /** Of an ambiguous entry: the fingerprints that it would cover. */
  readonly strangers: readonly string[];
};

export type Applied = {
  readonly entryFor: (candidate: Candidate) => Entry | undefined;
  /** Call after `entryFor` was asked for every finding. One use for each entry. */
  readonly uses: () => readonly Use[];
};

export type ApplyOptions = {
  /** YYYY-MM-DD. */
  readonly today: string;
  /** Entries without an owner set nothing aside. */
  readonly requireOwner: boolean;
};

type Ready = {
  readonly entry: Entry;
  readonly fits: (candidate: Candidate) => boolean;
  readonly use: { state: Use['state']; findings: number; strangers: readonly string[] };
};

/**
 * `candidates`: every finding of the input. An entry that is no fingerprint of it but the reference's
 * counts only where that one covers a single fingerprint.
 */
export function applySuppressions(
  entries: readonly Entry[],
  candidates: Iterable<Candidate>,
  options: ApplyOptions,
): Applied {
  const all = entries.map((entry) => makeReady(entry, options));
  const active = chosen(all);
  const direct = new Set<string>();
  const covered = new Map<string, Set<string>>();
  if (active.size > 0)
    for (const { fingerprint, referenceFingerprint } of candidates) {
      if (active.has(fingerprint)) direct.add(fingerprint);
      if (referenceFingerprint !== undefined && active.has(referenceFingerprint))
        remember(covered, referenceFingerprint, fingerprint);
    }
  for (const [fingerprint, { use }] of active) {
    const strangers = direct.has(fingerprint) ? [] : [...(covered.get(fingerprint) ?? [])].sort();
    if (strangers.length > 1) Object.assign(use, { state: 'ambiguous', strangers });
  }
  const entryFor: Applied['entryFor'] = (candidate) => {
    const ready = active.get(candidate.fingerprint) ?? byReference(active, direct, candidate);
    if (ready?.use.state !== 'active' || !ready.fits(candidate)) return undefined;
    ready.use.findings += 1;
    return ready.entry;
  };
  return { entryFor, uses: () => all.map(({ entry, use }) => ({ entry, ...use })) };
}

function makeReady(entry: Entry, { today, requireOwner }: ApplyOptions): Ready {
  const { rule, paths } = entry.record ?? {};
  const globs = paths?.map(matchesGlob);
  const state = isExpired(entry, today) ? 'expired' : 'active';
  const powerless = entry.record === undefined && requireOwner;
  return {
    entry,
    fits: (candidate) =>
      (rule === undefined || rule === candidate.rule) &&
      (globs === undefined || globs.some((matches) => matches(candidate.subject))),
    use: { state: powerless ? 'powerless' : state, findings: 0, strangers: [] },
  };
}

/** The entry that counts for a fingerprint: a record before a list entry, then the first. */
function chosen(all: readonly Ready[]): ReadonlyMap<string, Ready> {
  const byFingerprint = new Map<string, Ready>();
  const recordsFirst = [
    ...all.filter(({ entry }) => entry.record !== undefined),
    ...all.filter(({ entry }) => entry.record === undefined),
  ];
  for (const ready of recordsFirst) {
    // An expired record also silences a list entry of its fingerprint.
    if (!byFingerprint.has(ready.entry.fingerprint))
      byFingerprint.set(ready.entry.fingerprint, ready);
    else ready.use.state = 'overruled';
  }
  return byFingerprint;
}

function byReference(
  active: ReadonlyMap<string, Ready>,
  direct: ReadonlySet<string>,
  { referenceFingerprint = '' }: Candidate,
): Ready | undefined {
  return direct.has(referenceFingerprint) ? undefined : active.get(referenceFingerprint);
}

function remember(covered: Map<string, Set<string>>, key: string, fingerprint: string): void {
  const known = covered.get(key);
  if (known === undefined) covered.set(key, new Set([fingerprint]));
  else known.add(fingerprint);
}
