// A person's assertion that bundles cover a row. It changes nothing: it is judged like the row is, on
// its bundles alone, and against newer runs of the whole store.

import { indexAudit, isMutant, type Audit, type AuditIndex } from './audit.ts';
import { reasonsFor } from './derive.ts';
import { newerReasons } from './newer-runs.ts';
import type { Claim, Row } from './queue-schema.ts';
import { reasonOf, sortReasons, type Found, type Reason } from './reason.ts';

export type ClaimAnswer = {
  readonly claim: Claim;
  readonly outcome: 'validated' | 'rejected';
  readonly reasons: readonly Reason[];
};

export function judgeClaim(audit: Audit, claim: Claim): ClaimAnswer {
  const row = audit.pack.rows.find(({ id }) => id === claim.row);
  if (row === undefined) {
    const message = `The queue has no row ${claim.row}.`;
    const unknown = reasonOf(claim.row, { code: 'unplanned-scenario', message });
    return { claim, outcome: 'rejected', reasons: [unknown] };
  }
  const { runs, missing } = claimedRuns(audit, claim);
  // The audited head is that of the whole store, not the one that the claim would like.
  const { auditedHead } = indexAudit(audit);
  const index = indexAudit({
    ...audit,
    ...(auditedHead === undefined ? {} : { head: auditedHead }),
    only: new Set(runs),
  });
  const planned = row.planned.scenarios;
  const runsOf = (id: string) => (index.candidates.get(id) ?? []).map(({ run }) => run);
  const covering = new Set(planned.flatMap(runsOf));
  // A run of a manifest may speak for several planned runs of it.
  const others = [...index.candidates.keys()].filter(
    (id) => !planned.includes(id) && !runsOf(id).every((run) => covering.has(run)),
  );
  const found: readonly Found[] = [
    ...missing.map((name): Found => ({
      code: 'no-bundle',
      message: `There is no bundle ${name}.`,
    })),
    ...others.map((scenario) => unplanned(index, row, scenario)),
    ...planned.flatMap((scenario) => newerReasons(index, row, scenario)),
  ];
  const reasons = sortReasons([
    ...reasonsFor(index, { row, scenarios: [...planned, ...others], claimed: true }),
    ...found.map((each) => reasonOf(row.id, each)),
  ]);
  return { claim, outcome: reasons.length === 0 ? 'validated' : 'rejected', reasons };
}

/** A claim that a pack keeps cannot know a run: it names a scenario, and means its newest run. */
function claimedRuns(audit: Audit, { bundles }: Claim) {
  const { view } = audit;
  const listed = new Set(view.runs.map(({ run }) => run));
  const byHead = new Map([...view.bundles.values()].map(({ head, run }) => [head, run]));
  const { candidates } = indexAudit(audit);
  const newest = (scenario: string): string | undefined =>
    candidates.get(scenario)?.find(({ summary }) => summary === undefined || !isMutant(summary))
      ?.run;
  const named = bundles.map((name) => ({
    name,
    run: listed.has(name) ? name : (byHead.get(name) ?? newest(name) ?? ''),
  }));
  return {
    runs: named.map(({ run }) => run).filter((run) => run !== ''),
    missing: named.filter(({ run }) => run === '').map(({ name }) => name),
  };
}

function unplanned(index: AuditIndex, row: Row, scenario: string): Found {
  const run = index.candidates.get(scenario)?.[0]?.run;
  return {
    code: 'unplanned-scenario',
    scenario,
    ...(run === undefined ? {} : { run }),
    message: `${row.id} does not plan ${scenario}.`,
  };
}
