// What is asked of an audit, and the lookups that every row shares, so that a hundred thousand rows
// cost little more than the bundles they are about.

import { speaksFor } from './asked-run.ts';
import type { AuditPack } from './pack.ts';
import type { BundleSummary } from './summary.ts';
import type { ListedRun, StoreView } from './view.ts';

export type Audit = {
  readonly pack: AuditPack;
  readonly view: StoreView;
  readonly subject: string;
  /** Digest of the audited head of the subject; absent: the pack's own, or that of the newest run. */
  readonly head?: string;
  /** RFC 3339, UTC: the moment for which everything is derived. */
  readonly at: string;
  /** How old the end of a run may be. */
  readonly maxAgeMs?: number;
  readonly requireSignature?: boolean;
  /** These runs alone, as a claim names them. */
  readonly only?: ReadonlySet<string>;
};

/** Of a stored object, which no record can be altered by. */
export const objectFaults: ReadonlySet<string> = new Set([
  ...['object-missing', 'object-digest', 'object-size'],
]);

/** A started run and what is left of it. */
export type Candidate = ListedRun & { readonly summary?: BundleSummary };

export type AuditIndex = Audit & {
  readonly auditedHead: string | undefined;
  /** Of each scenario, newest first; runs that still go on are left out. */
  readonly candidates: ReadonlyMap<string, readonly Candidate[]>;
  /** The same of the whole store, whatever `only` says. */
  readonly everyCandidate: ReadonlyMap<string, readonly Candidate[]>;
  /** Bundles with a planted fault, by canary. */
  readonly mutants: ReadonlyMap<string, readonly BundleSummary[]>;
  readonly memo: Map<string, unknown>;
};

export function indexAudit(audit: Audit): AuditIndex {
  const { view, only } = audit;
  const started = view.runs.filter(({ run }) => !view.alive.has(run));
  const every = started.map((listed) => candidateOf(listed, view));
  const chosen = only === undefined ? every : every.filter(({ run }) => only.has(run));
  const mutants = new Map<string, BundleSummary[]>();
  for (const { summary } of every) {
    const canary = summary?.started?.canary;
    if (summary !== undefined && canary !== undefined)
      mutants.set(canary, [...(mutants.get(canary) ?? []), summary]);
  }
  return {
    ...audit,
    // Of the whole store: whoever names older runs does not choose what they are compared with.
    auditedHead: audit.head ?? audit.pack.reference ?? newestHead(every, audit.subject),
    candidates: byScenario(chosen, audit.pack),
    everyCandidate: byScenario(every, audit.pack),
    mutants,
    memo: new Map(),
  };
}

function candidateOf(listed: ListedRun, { bundles }: StoreView): Candidate {
  const summary = bundles.get(listed.run);
  return { ...listed, ...(summary === undefined ? {} : { summary }) };
}

function byScenario(candidates: readonly Candidate[], pack: AuditPack): AuditIndex['candidates'] {
  const found = new Map<string, Candidate[]>();
  for (const candidate of candidates)
    // By the list, whose lines are chained: one altered letter in a journal would take a red run away
    // from where it is asked for.
    for (const scenario of speaksFor(pack, candidate)) {
      const known = found.get(scenario);
      if (known === undefined) found.set(scenario, [candidate]);
      else known.push(candidate);
    }
  for (const each of found.values()) each.sort((a, b) => b.order - a.order);
  return found;
}

/** Whether what the journal says of itself can be believed: an altered record may say anything. */
export const isWhole = ({ faults }: BundleSummary): boolean =>
  faults.every(({ code }) => objectFaults.has(code));

function newestHead(candidates: readonly Candidate[], subject: string): string | undefined {
  const about = candidates.filter(
    ({ summary }) =>
      summary !== undefined && isWhole(summary) && summary.started?.bound?.subject.name === subject,
  );
  // Runs with a planted fault tell only where there is no other: canaries are often run first.
  const sound = about.filter(({ summary }) => summary !== undefined && !isMutant(summary));
  const newest = (sound.length > 0 ? sound : about).reduce<Candidate | undefined>(
    (latest, each) => (latest === undefined || each.order > latest.order ? each : latest),
    undefined,
  );
  return newest?.summary?.started?.bound?.subject.digest;
}

/** By the plan, or by what the product's own programs say of themselves. */
export const isMutant = ({ started, observations }: BundleSummary): boolean =>
  started?.canary !== undefined ||
  observations.some(
    ({ value }) => value.schema === 'seatrial.mutants/v1' && value.mutants.length > 0,
  );

/** Worked out once for a key, since many rows plan the same scenarios and checks. */
export function once<Value>(index: AuditIndex, key: string, make: () => Value): Value {
  if (index.memo.has(key)) return index.memo.get(key) as Value;
  const made = make();
  index.memo.set(key, made);
  return made;
}
