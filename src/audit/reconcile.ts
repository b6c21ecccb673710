// Whether everything adds up: rows, legacy subjects, checks, canaries, amendments.

import { daysLeft } from './amendment.ts';
import type { Audit } from './audit.ts';
import type { AuditAnswer } from './check-audit.ts';
import { countedBundles } from './gates-run.ts';
import { plannedChecks } from './gate.ts';

export type Equation = {
  readonly name: string;
  readonly left: number;
  readonly right: readonly (readonly [string, number])[];
  readonly holds: boolean;
};

export type Reconciliation = {
  readonly equations: readonly Equation[];
  readonly subjects: readonly {
    readonly subject: string;
    readonly rows: readonly string[];
    readonly retired?: string;
  }[];
  readonly amendments: readonly {
    readonly id: string;
    readonly row: string;
    readonly days: number;
  }[];
  readonly unusedCanaries: readonly string[];
  readonly unusedChecks: readonly string[];
  /** Phases whose completion gate passed; only for an audit of whole phases. */
  readonly completePhases: readonly number[];
};

export function reconcile(audit: Audit, answer: AuditAnswer): Reconciliation {
  const { pack, at } = audit;
  const { counts } = answer;
  const bySubject = new Map<string, string[]>();
  for (const { id, legacySubject } of pack.rows)
    for (const each of legacySubject) {
      const known = bySubject.get(each);
      if (known === undefined) bySubject.set(each, [id]);
      else known.push(id);
    }
  const retired = pack.inventory.filter((each) => each.retired !== undefined);
  const covered = pack.inventory.filter(
    (each) => each.retired === undefined && bySubject.has(each.subject),
  );
  const planned = new Set(
    [...pack.scenarios.values()].flatMap(({ checks }) => checks.map(({ id }) => id)),
  );
  return {
    equations: [
      equation('rows', counts.rows, [
        ['complete', counts['evidence-complete']],
        ['amended', counts['audit-amended']],
        ['unresolved', counts.unresolved],
      ]),
      equation('inventory', pack.inventory.length, [
        ['covered', covered.length],
        ['retired', retired.length],
      ]),
      checkEquation(answer),
    ],
    subjects: pack.inventory.map(({ subject, retired: why }) => ({
      subject,
      rows: bySubject.get(subject) ?? [],
      ...(why === undefined ? {} : { retired: why }),
    })),
    amendments: pack.amendments.map((each) => ({
      ...{ id: each.id, row: each.row, days: daysLeft(each, at) },
    })),
    unusedCanaries: pack.canaries
      .filter(({ kills }) => !kills.some((id) => planned.has(id) || id.startsWith('fixture.')))
      .map(({ ids }) => ids[0] ?? ''),
    unusedChecks: [...pack.register.keys()].filter((id) => !planned.has(id)).sort(),
    completePhases: completePhases(audit, answer),
  };
}

const equation = (name: string, left: number, right: Equation['right']): Equation => ({
  ...{ name, left, right },
  holds: left === right.reduce((sum, [, count]) => sum + count, 0),
});

const verdicts = ['passed', 'failed', 'error', 'skipped', 'not-run', 'inconclusive'] as const;

/** Of the planned checks in the bundles that speak for the rows. */
function checkEquation({ index, rows }: AuditAnswer): Equation {
  const checks = new Set(plannedChecks(rows));
  const seen = countedBundles({ index, answers: rows }).flatMap(({ scenario, summary }) =>
    (index.pack.scenarios.get(scenario)?.checks ?? [])
      .filter(({ id }) => checks.has(id))
      .map(({ id }) => summary.checks[id]?.verdict ?? 'not-run'),
  );
  return equation(
    'expected',
    seen.length,
    verdicts.map((verdict) => [verdict, seen.filter((each) => each === verdict).length]),
  );
}

function completePhases({ pack }: Audit, { rows, gates }: AuditAnswer): readonly number[] {
  const passed = gates.every(
    ({ gate, verdict }) =>
      verdict === 'passed' || (gate === 'cleanup-gate' && verdict !== 'failed'),
  );
  if (!passed) return [];
  const chosen = new Set(rows.map(({ row }) => row.id));
  const phases = [...new Set(rows.map(({ row }) => row.phase))].sort((a, b) => a - b);
  return phases.filter((phase) =>
    pack.rows.every((row) => row.phase !== phase || chosen.has(row.id)),
  );
}
