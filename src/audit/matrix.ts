// Rows × planned checks, with what each check showed: what every export is a rendering of.

import { chooseBundle } from './choose-bundle.ts';
import type { AuditIndex } from './audit.ts';
import { objectPath } from '../evidence/bundle-paths.ts';
import type { ObjectRef } from '../evidence/record.ts';
import { killOf } from './canary-reasons.ts';
import type { RowAnswer } from './derive.ts';
import type { BundleSummary } from './summary.ts';

export type MatrixCell = {
  readonly check: string;
  readonly scenario: string;
  readonly verdict: string;
  readonly boundary: string;
  /** Relative to the store; absent without evidence. */
  readonly evidence?: string;
  /** The planted fault that made it red; absent when none did. */
  readonly canary?: string;
};

export type MatrixRow = {
  readonly answer: RowAnswer;
  /** Manifests and contracts of the planned scenarios. */
  readonly about: readonly string[];
  readonly environment: readonly string[];
  readonly fixtures: readonly string[];
  readonly actions: readonly string[];
  readonly cells: readonly MatrixCell[];
};

export function matrixRow(index: AuditIndex, answer: RowAnswer): MatrixRow {
  const { row } = answer;
  const scenarios = row.planned.scenarios.flatMap((id) => index.pack.scenarios.get(id) ?? []);
  return {
    answer,
    about: distinct(scenarios.flatMap(({ manifest, contract }) => manifest ?? contract ?? [])),
    environment: distinct(scenarios.flatMap(({ subjects }) => subjects)),
    fixtures: distinct(scenarios.flatMap(({ fixtures }) => fixtures.map(({ id }) => id))),
    actions: distinct(scenarios.flatMap(({ actions }) => actions.map(({ id }) => id))),
    cells: row.planned.checks.flatMap((check) => cellsOf(index, row.planned.scenarios, check)),
  };
}

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)];

function cellsOf(
  index: AuditIndex,
  scenarios: readonly string[],
  check: string,
): readonly MatrixCell[] {
  const kill = killOf(index, check, scenarios);
  const canary = kill.state === 'killed' ? { canary: kill.by.canary } : {};
  const expecting = scenarios.filter((id) =>
    index.pack.scenarios.get(id)?.checks.some((each) => each.id === check),
  );
  const registered = index.pack.register.get(check)?.boundary ?? '';
  return expecting.map((scenario) => {
    const summary = chooseBundle(index, scenario)?.summary;
    const seen = summary?.checks[check];
    if (summary === undefined || seen === undefined)
      return { check, scenario, boundary: registered, verdict: 'not-run', ...canary };
    const { boundary, verdict, evidence } = seen;
    return { check, scenario, boundary, verdict, ...canary, ...linkTo(summary, evidence[0]) };
  });
}

const linkTo = (
  { run }: BundleSummary,
  ref: ObjectRef | undefined,
): Pick<MatrixCell, 'evidence'> =>
  ref === undefined ? {} : { evidence: `runs/${run}/${objectPath(ref.sha256)}` };
