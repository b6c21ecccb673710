// A scenario file as this version can run it. What it cannot do yet is refused by name and never left out
// silently: a run that skipped a fixture would prove something else than its file says.

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { ScenarioFound as Found } from './scenario-context.ts';
import {
  budgetMsOf,
  operationOf,
  operationProblems,
  programOf,
  type Programs,
} from './scenario-operations.ts';
import { located } from './scenario-rules.ts';
import type { Scenario, Validation } from './scenario-schema.ts';
import { builtInScenarios, type RunScenario } from './scenarios.ts';
import type { YamlDocument } from './yaml-document.ts';

export type RunScenarioReading = {
  /** Undefined exactly when there is a problem. */
  readonly scenario?: RunScenario;
  /** Codes: SC002, SC003, SC011, SC022, SC099. */
  readonly problems: readonly Diagnostic[];
};

export function readRunScenario(
  document: YamlDocument,
  scenario: Scenario | Validation,
  programs: Programs,
): RunScenarioReading {
  if (scenario.kind === 'Validation') return { problems: located(document, [noValidation]) };
  const found = [
    ...idProblems(scenario),
    ...unsupported(scenario),
    ...operationProblems(scenario.spec.runtimeActions, programs),
    ...releaseProblems(scenario),
  ];
  if (found.length > 0) return { problems: located(document, found) };
  return { scenario: asRun(scenario, programs), problems: [] };
}

function asRun({ metadata, spec }: Scenario, programs: Programs): RunScenario {
  const { runtimeActions: actions, text } = spec;
  const named = actions.map(operationOf);
  const planned = actions.flatMap((action) => {
    const program = programOf(action, programs);
    return program === undefined ? [] : [[operationOf(action), program] as const];
  });
  return {
    id: metadata.id,
    title: metadata.title,
    operations: named.includes('remove') ? named : [...named, 'remove'],
    fromBase: named.includes('upgrade'),
    text,
    budgetsMs: Object.fromEntries(
      actions.map((action) => [operationOf(action), budgetMsOf(action)]),
    ),
    actions: Object.fromEntries(planned),
  };
}

const notRun = (what: string, hint: string, ...path: readonly string[]): Found => ({
  code: 'SC099',
  path: ['spec', ...path],
  message: `${what} not run by this version.`,
  hint,
  onKey: true,
});

const noValidation: Found = {
  code: 'SC099',
  path: ['kind'],
  message: 'A validation is not run by this version.',
  hint: 'Name a file of `kind: Scenario`.',
};

function unsupported({ spec }: Scenario): readonly Found[] {
  return [
    ...(spec.fixtures.length === 0
      ? []
      : [notRun('Fixtures are', 'Remove them, or prepare the state in a hook.', 'fixtures')]),
    ...(spec.expectedFailure === undefined
      ? []
      : [notRun('Expected failures are', 'Remove it.', 'expectedFailure')]),
    ...(spec.noManifestReason === undefined
      ? []
      : [notRun('Scenarios without a manifest are', 'Name a `manifest`.', 'noManifestReason')]),
  ];
}

/** The last green run is looked up by the scenario's id, which must therefore mean one thing. */
function idProblems({ metadata: { id } }: Scenario): readonly Found[] {
  return builtInScenarios.some((each) => each.id === id)
    ? [
        {
          code: 'SC003',
          path: ['metadata', 'id'],
          message: `\`${id}\` is a scenario that every app has.`,
          hint: 'Use another id.',
        },
      ]
    : [];
}

function releaseProblems({ spec: { releases, runtimeActions } }: Scenario): readonly Found[] {
  const upgrades = runtimeActions.some(({ use }) => use === 'upgrade');
  return releases?.base === undefined || upgrades
    ? []
    : [
        {
          code: 'SC022',
          path: ['spec', 'releases', 'base'],
          message: 'A base has no meaning without an upgrade from it.',
          hint: 'Remove it, or add `use: upgrade`.',
        },
      ];
}
