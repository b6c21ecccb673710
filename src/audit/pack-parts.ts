// The parts of a pack as an audit asks about them.

import type { Canary } from '../scenario/canaries.ts';
import type { Pack } from '../scenario/load-pack.ts';
import type { RegisterEntry } from '../scenario/register.ts';
import { collectorsDigest, planDigestOf, scenarioPlan } from '../scenario/scenario-plan.ts';
import { selfEndingKinds, type Scenario } from '../scenario/scenario-schema.ts';
import type { Expectation } from '../evidence/expectation.ts';
import { failureExpectations } from '../scenario/failure-expectations.ts';
import type { AuditPack, PlannedCanary, PlannedScenario, RegisteredCheck } from './pack.ts';

export function scenarioPlans(
  pack: Pack,
): Pick<AuditPack, 'scenarios' | 'canaries' | 'removed' | 'collectors'> {
  const scenarios = [...pack.scenarios.values()].map(({ path, value }) =>
    plannedScenario(path, value, planDigestOf(scenarioPlan(pack, value.metadata.id))),
  );
  return {
    scenarios: new Map(scenarios.map((each) => [each.id, each])),
    canaries: pack.canaries.map(plannedCanary),
    removed: new Set(pack.removed.map(({ id }) => id)),
    collectors: collectorsDigest(pack),
  };
}

function plannedScenario(file: string, scenario: Scenario, plan: string): PlannedScenario {
  const { metadata, spec } = scenario;
  const { manifest, noManifestReason, expectedFailure } = spec;
  return {
    ...{ id: metadata.id, file, rows: new Set(metadata.rows), plan },
    subjects: spec.environment.product,
    ...(manifest === undefined ? {} : { manifest }),
    ...(noManifestReason === undefined ? {} : { contract: noManifestReason.contract }),
    fixtures: spec.fixtures.map(({ id, kind, role }) => ({
      ...{ id, kind, mutates: !selfEndingKinds.includes(kind) },
      ...(role === undefined ? {} : { role }),
    })),
    actions: spec.runtimeActions.map(({ id, expect }) => ({
      id,
      mustFail: expect !== undefined && expect.exit !== 0,
    })),
    checks: spec.expectedChecks.map(({ id, after, boundary, rows }) => ({
      ...{ id, after, boundary, rows: new Set(rows) },
    })),
    ...(expectedFailure === undefined
      ? {}
      : { expectedFailure: sadPathOf(scenario, expectedFailure) }),
  };
}

const sadPathOf = (
  scenario: Scenario,
  { action, check }: { readonly action: string; readonly check: string },
): NonNullable<PlannedScenario['expectedFailure']> => ({
  ...{ action, check },
  expect: failureExpectations(scenario, check),
});

function plannedCanary({ id, kills, spares, plant }: Canary): PlannedCanary {
  return {
    // A run with a built-in fault is named by the fault.
    ids: [id, ...(plant.builtin === undefined ? [] : [plant.builtin])],
    kills: kills.flatMap((each) => {
      if (typeof each === 'string') return [each];
      return each.verdict === 'failed' ? [each.check] : [];
    }),
    spares,
  };
}

export const registeredOf = (
  register: ReadonlyMap<string, RegisterEntry>,
): ReadonlyMap<string, RegisteredCheck> =>
  new Map(
    [...register].map(([id, { boundary, evidence, generic, revision, collector, expect }]) => [
      id,
      {
        ...{ id, boundary, evidence, generic, revision, collector },
        expect: expect as readonly Expectation[],
      },
    ]),
  );
