// Whether the state that a row is about was really there (V7): for each role its proof, in every
// planned bundle that stages it, and in at least one.

import { once, type AuditIndex } from './audit.ts';
import { chooseBundle } from './choose-bundle.ts';
import { judgeBundle } from './bundle-reasons.ts';
import type { PlannedFixture, PlannedScenario } from './pack.ts';
import { freshInstance, proofs, type ProofAnswer } from './proofs.ts';
import type { Row } from './queue-schema.ts';
import type { Found } from './reason.ts';
import type { BundleSummary } from './summary.ts';

export type Staged = {
  readonly scenario: PlannedScenario;
  readonly summary: BundleSummary;
};

export type RoleAnswer = {
  readonly role: string;
  readonly proof: string;
  readonly staged: readonly {
    readonly scenario: string;
    readonly run: string;
    readonly fixture: string;
    readonly answer: ProofAnswer;
  }[];
};

/** Bundles of these scenarios that are worth asking. */
export function usableBundles(index: AuditIndex, scenarios: readonly string[]): readonly Staged[] {
  return scenarios.flatMap((id) => {
    const scenario = index.pack.scenarios.get(id);
    const candidate = chooseBundle(index, id);
    const { usable } = judgeBundle(index, id, candidate);
    return scenario === undefined || candidate?.summary === undefined || !usable
      ? []
      : [{ scenario, summary: candidate.summary }];
  });
}

export function proveRoles(row: Row, bundles: readonly Staged[]): readonly RoleAnswer[] {
  return row.fixtures.map(({ role, proof }) => ({
    ...{ role, proof },
    staged: bundles.flatMap(({ scenario, summary }) =>
      fixturesOf(scenario, role).map((fixture) => ({
        ...{ scenario: scenario.id, run: summary.run, fixture: fixture.id },
        answer: proofs[proof]({ summary, scenario, fixture, checks: row.planned.checks }),
      })),
    ),
  }));
}

const fixturesOf = (scenario: PlannedScenario, role: string): readonly PlannedFixture[] =>
  scenario.fixtures.filter((fixture) => fixture.role === role);

/** `waiting`: a planned scenario that stages the role has no bundle yet, which is said elsewhere. */
export function roleReasons(
  index: AuditIndex,
  row: Row,
  bundles: readonly Staged[],
  waiting: (role: string) => boolean,
): readonly Found[] {
  const { found, unstaged } = once(index, planOf(row, bundles), () => askRoles(row, bundles));
  const missing = unstaged.filter((role) => !waiting(role));
  return missing.length === 0
    ? found
    : [...found, ...missing.map((role) => neverStaged(role, bundles))];
}

/** All that the answer depends on: many rows ask the same of the same bundles. None of these has a blank. */
const planOf = ({ fixtures, planned }: Row, bundles: readonly Staged[]): string =>
  [
    ...['roles', ...fixtures.map(({ role, proof }) => `${role}=${proof}`)],
    ...['checks', ...planned.checks],
    ...['bundles', ...bundles.map(({ scenario, summary }) => `${scenario.id}=${summary.run}`)],
  ].join(' ');

function askRoles(row: Row, bundles: readonly Staged[]) {
  const answers = proveRoles(row, bundles);
  return {
    found: [...answers.flatMap(failedProofs), ...freshClaims(row, bundles)],
    unstaged: answers.filter(({ staged }) => staged.length === 0).map(({ role }) => role),
  };
}

const failedProofs = ({ role, staged }: RoleAnswer): readonly Found[] =>
  staged.flatMap(({ scenario, run, fixture, answer }): readonly Found[] => {
    if (answer.holds) return [];
    const code = `missing-${role}-fixture` as const;
    const seq = answer.seq === undefined ? {} : { seq: answer.seq };
    return [{ code, scenario, run, fixture, ...seq, message: `${run}: ${answer.absent}.` }];
  });

function neverStaged(role: string, bundles: readonly Staged[]): Found {
  const code = `missing-${role}-fixture` as const;
  const first = bundles[0];
  const message = `No bundle stages the role ${role}.`;
  return first === undefined
    ? { code, message }
    : { code, scenario: first.scenario.id, run: first.summary.run, message };
}

/** A row that starts from something old is not shown by what was new from the beginning. */
function freshClaims(row: Row, bundles: readonly Staged[]): readonly Found[] {
  if (!row.fixtures.some(({ proof }) => proof === 'old-before-new-after')) return [];
  return bundles.flatMap(({ scenario, summary }): readonly Found[] => {
    const fresh = freshInstance(summary);
    if (fresh === undefined) return [];
    const { name, version } = fresh.value;
    const message = `${name} ran the head's build (${version}) from the beginning.`;
    const { run } = summary;
    return [{ code: 'fresh-only-claim', scenario: scenario.id, run, seq: fresh.seq, message }];
  });
}
