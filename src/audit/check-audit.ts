// The whole answer of an audit over the chosen rows, and the exit code that it has.

import { indexAudit, type Audit, type AuditIndex } from './audit.ts';
import { judgeClaim, type ClaimAnswer } from './claim.ts';
import { deriveRow, type RowAnswer, type RowStatus } from './derive.ts';
import { judgeGate, type GateAnswer } from './gate.ts';
import { crossPhaseGates } from './gates-file.ts';
import { askedOf, packGate } from './pack-rules.ts';
import type { Claim, Row } from './queue-schema.ts';
import type { ReasonClass } from './reason.ts';

export type Selection = {
  /** Ids, in any order; absent: every row. */
  readonly rows?: ReadonlySet<string>;
  readonly phase?: number;
};

export type AuditAnswer = {
  readonly index: AuditIndex;
  readonly rows: readonly RowAnswer[];
  readonly gates: readonly GateAnswer[];
  readonly claims: readonly ClaimAnswer[];
  readonly counts: Readonly<Record<RowStatus | 'rows', number>>;
  /** 0 complete and gates pass, 1 a reason of class no, 3 only what nobody can tell yet. */
  readonly exit: 0 | 1 | 3;
};

export function checkAudit(
  audit: Audit,
  selection: Selection,
  claims: readonly Claim[] = [],
): AuditAnswer {
  const index = indexAudit(audit);
  const chosen = chooseRows(audit.pack.rows, selection);
  const rows = chosen.map((row) => deriveRow(index, row));
  const phases = new Set(chosen.map(({ phase }) => phase));
  const question = { index, answers: rows };
  // A rule about other rows has nothing to say of these, which is not the same as that it does not hold.
  const own = audit.pack.rules.filter(
    (written) => phases.has(written.phase) && askedOf(written, question).length > 0,
  );
  const rules = [...crossPhaseGates, ...own.map(packGate)];
  const gates = rules.map((rule) => judgeGate(rule, question));
  const judged = claims.map((claim) => judgeClaim(audit, claim));
  const exit = worst([
    ...rows.map(classOfRow),
    ...gates.map(classOfGate),
    ...judged.map(classOfClaim),
    ...(chosen.length === 0 ? (['unknown'] as const) : []),
  ]);
  return { index, rows, gates, claims: judged, counts: countRows(rows), exit };
}

export const chooseRows = (rows: readonly Row[], { rows: ids, phase }: Selection): readonly Row[] =>
  rows.filter(
    (row) => (ids === undefined || ids.has(row.id)) && (phase === undefined || row.phase === phase),
  );

export function countRows(rows: readonly RowAnswer[]): AuditAnswer['counts'] {
  const counts = { rows: rows.length, 'evidence-complete': 0, 'audit-amended': 0, unresolved: 0 };
  for (const { status } of rows) counts[status] += 1;
  return counts;
}

type Weight = ReasonClass | undefined;

const classesOf = (classes: readonly ReasonClass[]): Weight =>
  classes.includes('no') ? 'no' : classes[0];

const classOfRow = ({ status, reasons }: RowAnswer): Weight =>
  status === 'unresolved' ? classesOf(reasons.map((each) => each.class)) : undefined;

/** A gate with nothing to evaluate proves nothing; that fixtures need no cleanup is no shortcoming. */
function classOfGate({ gate, verdict, findings }: GateAnswer): Weight {
  if (verdict === 'passed') return undefined;
  if (verdict === 'inconclusive') return gate === 'cleanup-gate' ? undefined : 'unknown';
  return classesOf(findings.map((each) => each.class));
}

const classOfClaim = ({ outcome, reasons }: ClaimAnswer): Weight =>
  outcome === 'validated' ? undefined : classesOf(reasons.map((each) => each.class));

function worst(classes: readonly Weight[]): 0 | 1 | 3 {
  if (classes.includes('no')) return 1;
  return classes.includes('unknown') ? 3 : 0;
}
