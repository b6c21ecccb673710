// The derivation of one row as a tree: each rule, and the records and digests that it rests on.

import type { AuditIndex } from './audit.ts';
import { judgeBundle } from './bundle-reasons.ts';
import { killOf } from './canary-reasons.ts';
import { judgeCheck } from './check-reasons.ts';
import { chooseBundle } from './choose-bundle.ts';
import type { RowAnswer } from './derive.ts';
import type { Found, Reason } from './reason.ts';
import { proveRoles, usableBundles } from './role-reasons.ts';
import type { CheckSummary } from './summary.ts';

export type Step = {
  /** As the specification numbers it. */
  readonly rule: string;
  readonly holds: boolean;
  readonly text: string;
  readonly run?: string;
  readonly seq?: number;
  readonly digest?: string;
  readonly below: readonly Step[];
};

type Told = Pick<Found, 'code' | 'message' | 'run' | 'seq'>;

const against = (rule: string, { code, message, run, seq }: Told): Step => ({
  ...{ rule, holds: false, text: `${code}: ${message}`, below: [] },
  ...(run === undefined ? {} : { run }),
  ...(seq === undefined ? {} : { seq }),
});

export function explainRow(index: AuditIndex, answer: RowAnswer): Step {
  const { row, status, reasons, amendment } = answer;
  const steps = [
    ...row.planned.scenarios.map((id) => explainScenario(index, answer, id)),
    ...explainRoles(index, answer),
    ...row.planned.checks.map((check) => explainCanary(index, answer, check)),
  ];
  const told = new Set(steps.flatMap((step) => [...textsIn(step)]));
  const rest = reasons
    .filter(({ code, message }) => !told.has(`${code}: ${message}`))
    .map((each) => against(each.code.startsWith('amendment') ? 'V1' : 'V9', each));
  const decided: readonly Step[] =
    amendment === undefined
      ? []
      : [{ rule: 'V1', holds: true, text: `${amendment.id}: ${amendment.rationale}`, below: [] }];
  return {
    ...{ rule: 'V9', holds: status !== 'unresolved', text: `${row.id}: ${status}` },
    below: [...decided, ...steps, ...rest],
  };
}

function* textsIn(step: Step): Generator<string> {
  yield step.text;
  for (const each of step.below) yield* textsIn(each);
}

function explainScenario(index: AuditIndex, { row }: RowAnswer, scenario: string): Step {
  const candidate = chooseBundle(index, scenario);
  const { found, usable } = judgeBundle(index, scenario, candidate);
  const summary = candidate?.summary;
  const checks =
    summary === undefined || !usable
      ? []
      : (index.pack.scenarios.get(scenario)?.checks ?? [])
          .filter(({ id, rows }) => row.planned.checks.includes(id) && rows.has(row.id))
          .map(({ id }) => explainCheck(index, scenario, id));
  const below = [...found.map((each) => against(ruleOf(each), each)), ...checks];
  const counted = candidate === undefined ? 'no run' : `run ${candidate.run}`;
  return {
    rule: 'V2',
    holds: below.every(({ holds }) => holds) && usable,
    text: `${scenario}: ${counted}`,
    ...(candidate === undefined ? {} : { run: candidate.run }),
    ...(summary === undefined ? {} : { digest: summary.head }),
    below,
  };
}

const rules: Readonly<Record<string, string>> = {
  'bundle-broken': 'V3',
  'stale-evidence': 'V5',
  'plan-mismatch': 'V5',
  'fixture-not-restored': 'V7',
  'undo-timed-out': 'V7',
  'secret-found': 'V7',
  // Of checks that must not have passed.
  'check-failed': 'V6',
  skipped: 'V6',
  inconclusive: 'V6',
  'testbed-error': 'V6',
  'no-bundle': 'V11',
  'not-run': 'V10',
};

const ruleOf = ({ code }: Found): string => rules[code] ?? 'V4';

function explainCheck(index: AuditIndex, scenario: string, id: string): Step {
  const summary = chooseBundle(index, scenario)?.summary;
  if (summary === undefined)
    return { rule: 'V6', holds: false, text: `${id}: no bundle`, below: [] };
  const found = judgeCheck({ index, scenario, summary }, id);
  const check = summary.checks[id];
  return {
    rule: 'V6',
    holds: found.length === 0,
    text: `${id}: ${check?.verdict ?? 'not-run'}, touched ${check?.touched.join(', ') ?? 'nothing'}`,
    run: summary.run,
    ...(check === undefined ? {} : placeOf(check)),
    below: found.map((each) => against('V6', each)),
  };
}

function placeOf({ seq, evidence: [first] }: CheckSummary): Pick<Step, 'seq' | 'digest'> {
  return {
    ...(seq === undefined ? {} : { seq }),
    ...(first === undefined ? {} : { digest: first.sha256 }),
  };
}

function explainRoles(index: AuditIndex, { row, reasons }: RowAnswer): readonly Step[] {
  const bundles = usableBundles(index, row.planned.scenarios);
  return proveRoles(row, bundles).map(({ role, proof, staged }) => {
    const missing = reasons.filter(({ code }) => code === `missing-${role}-fixture`);
    const proven = staged.flatMap(({ answer, run, fixture }): readonly Step[] =>
      answer.holds
        ? answer.records.map((seq) => ({
            ...{ rule: 'V7', holds: true, text: `${fixture}: shown by a record`, run, seq },
            below: [],
          }))
        : [],
    );
    return {
      rule: 'V7',
      holds: missing.length === 0 && staged.length > 0,
      text: `${role}: ${proof}`,
      below: [...proven, ...missing.map((each: Reason) => against('V7', each))],
    };
  });
}

function explainCanary(index: AuditIndex, { row, reasons }: RowAnswer, check: string): Step {
  const answer = killOf(index, check, row.planned.scenarios);
  const found = reasons.filter(
    (each) =>
      each.check === check && (each.code === 'canary-never-red' || each.code === 'canary-stale'),
  );
  if (answer.state !== 'killed')
    return {
      ...{ rule: 'V8', holds: false, text: `${check}: never seen red` },
      below: found.map((each) => against('V8', each)),
    };
  const { canary, run, seq } = answer.by;
  return {
    ...{ rule: 'V8', holds: true, text: `${check}: red under ${canary}`, run, below: [] },
    ...(seq === undefined ? {} : { seq }),
  };
}
