// What one part of a scenario file says about another, and about the pack it belongs to.

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { fixtureRule } from './fixture-rules.ts';
import { leadsOut } from './manifest-references.ts';
import { scenarioCheckRules } from './scenario-check-rules.ts';
import {
  hintAmong,
  repeated,
  type ScenarioContext,
  type ScenarioFound as Found,
  type ScenarioRule as Rule,
} from './scenario-context.ts';
import type { Scenario, Validation } from './scenario-schema.ts';
import { validationCheckOf, validationChecks } from './validation-checks.ts';
import type { Path, YamlDocument } from './yaml-document.ts';

export function scenarioRuleProblems(
  document: YamlDocument,
  scenario: Scenario,
  context: ScenarioContext,
): readonly Diagnostic[] {
  return located(
    document,
    rules.flatMap((rule) => rule(scenario, context)),
  );
}

export function validationRuleProblems(
  document: YamlDocument,
  validation: Validation,
  context: ScenarioContext,
): readonly Diagnostic[] {
  const { spec } = validation;
  const claims = spec.claims.flatMap((file, index) =>
    fileProblem(['spec', 'claims', index], file, context),
  );
  const rows = Object.keys(spec.expectAudit.rows)
    .filter((row) => row !== '*' && !spec.rows.includes(row))
    .map((row) => ({
      code: 'SC032',
      path: ['spec', 'expectAudit', 'rows', row],
      message: `The row \`${row}\` is not among \`rows\`.`,
      hint: 'Add it there, or remove it here.',
      onKey: true as const,
    }));
  return located(document, [
    ...claims,
    ...rows,
    ...unknownAuditChecks(validation),
    ...unguarded(validation),
  ]);
}

/** SC030: what is asked of an audit is known to the harness alone. */
function unknownAuditChecks({ metadata: { phase }, spec }: Validation): readonly Found[] {
  const known = Object.keys(validationChecks).map((name) => `audit.phase${String(phase)}.${name}`);
  return spec.expectedChecks.flatMap((id, index) =>
    validationCheckOf(id, phase) === undefined
      ? [
          {
            code: 'SC030',
            path: ['spec', 'expectedChecks', index],
            message: `No validation of phase ${String(phase)} can ask \`${id}\`.`,
            hint: hintAmong(id, known),
          },
        ]
      : [],
  );
}

/** SC040: a refusal that changes something would be no refusal. */
function unguarded({ spec }: Validation): readonly Found[] {
  if (spec.path === 'happy' || spec.forbidden.length > 0) return [];
  return [
    {
      code: 'SC040',
      path: ['spec', 'forbidden'],
      message: 'A refusal must say which effects are forbidden.',
      hint: 'Write `forbidden: [row-status-changed, pack-file-changed, write-outside-store]`.',
    },
  ];
}

export function located(document: YamlDocument, found: readonly Found[]): readonly Diagnostic[] {
  return found.map(({ code, path, message, hint, onKey }) => ({
    code,
    severity: 'error',
    message,
    hint,
    span: onKey === true ? document.keySpanOf(path) : document.spanOf(path),
  }));
}

const manifestRule: Rule = ({ spec }, context) => {
  const { manifest, noManifestReason } = spec;
  const { contracts } = context;
  const contract = noManifestReason?.contract;
  return [
    ...(manifest === undefined ? [] : fileProblem(['spec', 'manifest'], manifest, context)),
    ...(contract !== undefined && contracts !== undefined && !contracts.has(contract)
      ? [
          {
            code: 'SC012',
            path: ['spec', 'noManifestReason', 'contract'],
            message: `The contract \`${contract}\` is unknown.`,
            hint: hintAmong(contract, [...contracts.keys()]),
          },
        ]
      : []),
  ];
};

/** SC012: what a contract rules out, a scenario under it cannot declare. */
const contractRule: Rule = ({ spec }, { contracts }) => {
  const contract = spec.noManifestReason?.contract;
  const forbids = contract === undefined ? undefined : contracts?.get(contract)?.forbids;
  if (forbids?.includes('releases') !== true || spec.releases === undefined) return [];
  return [
    {
      code: 'SC012',
      path: ['spec', 'releases'],
      message: `The contract \`${String(contract)}\` forbids releases.`,
      hint: 'Remove them, or take another contract.',
      onKey: true,
    },
  ];
};

/** SC032: Q4 in one direction; the audit asks the other. */
const rowRule: Rule = ({ metadata }, { rows }) =>
  rows === undefined
    ? []
    : metadata.rows.flatMap((row, index): readonly Found[] => {
        const planned = rows.get(row);
        if (planned?.has(metadata.id) === true) return [];
        const said =
          planned === undefined
            ? {
                message: `The row \`${row}\` is not in the queue.`,
                hint: hintAmong(row, [...rows.keys()]),
              }
            : {
                message: `The row \`${row}\` does not plan this scenario.`,
                hint: `Add \`${metadata.id}\` to its \`planned.scenarios\`, or remove the row here.`,
              };
        return [{ code: 'SC032', path: ['metadata', 'rows', index], ...said }];
      });

function fileProblem(path: Path, file: string, { exists }: ScenarioContext): readonly Found[] {
  const outside = leadsOut(file);
  if (!outside && exists(file)) return [];
  return [
    {
      code: 'SC011',
      path,
      message: outside ? 'The file is outside the pack.' : 'The file does not exist.',
      hint: outside ? 'Move it into the pack.' : 'Create it, or correct the path.',
    },
  ];
}

const fixtureReasonRule: Rule = ({ spec: { fixtures, noFixturesReason } }) => {
  const path = ['spec', 'noFixturesReason'];
  const hint = 'Say why nothing has to be prepared.';
  if (fixtures.length === 0 && noFixturesReason === undefined)
    return [{ code: 'SC003', path, message: '`noFixturesReason` is required.', hint }];
  const message = '`noFixturesReason` has no meaning beside fixtures.';
  return fixtures.length > 0 && noFixturesReason !== undefined
    ? [{ code: 'SC003', path, message, hint: 'Remove it.', onKey: true as const }]
    : [];
};

const idRule: Rule = ({ spec }) => {
  const ids = [
    ...spec.fixtures.map(({ id }, index) => ({ id, path: ['spec', 'fixtures', index, 'id'] })),
    ...spec.runtimeActions.map(({ id }, index) => ({
      id,
      path: ['spec', 'runtimeActions', index, 'id'],
    })),
  ];
  return repeated(ids).map(({ id, path }) => ({
    code: 'SC020',
    path,
    message: `The id \`${id}\` is used twice.`,
    hint: 'Checks name fixtures and actions by their ids: rename one.',
  }));
};

const actionRule: Rule = ({ spec: { runtimeActions } }, { actions }) =>
  runtimeActions.flatMap((action, index): readonly Found[] => {
    const path = ['spec', 'runtimeActions', index];
    return actionProblem(action, path) ?? unknownAction(action, path, actions);
  });

type Action = Scenario['spec']['runtimeActions'][number];

function actionProblem({ use, action }: Action, path: Path): readonly Found[] | undefined {
  if (use === 'action' && action === undefined)
    return [
      {
        code: 'SC022',
        path: [...path, 'use'],
        message: '`action` is required with `use: action`.',
        hint: 'Name the action.',
      },
    ];
  if (use === 'action' || action === undefined) return undefined;
  return [
    {
      code: 'SC022',
      path: [...path, 'action'],
      message: `\`action\` has no meaning with \`use: ${use}\`.`,
      hint: 'Remove it, or write `use: action`.',
      onKey: true,
    },
  ];
}

function unknownAction(
  { use, action }: Action,
  path: Path,
  actions: ScenarioContext['actions'],
): readonly Found[] {
  const named = action ?? use;
  if (actions === undefined || actions.has(named)) return [];
  return [
    {
      code: 'SC022',
      path: [...path, action === undefined ? 'use' : 'action'],
      message: `The pack has no action \`${named}\`.`,
      hint: hintAmong(named, [...actions]),
    },
  ];
}

const rules: readonly Rule[] = [
  manifestRule,
  contractRule,
  rowRule,
  fixtureReasonRule,
  fixtureRule,
  idRule,
  actionRule,
  ...scenarioCheckRules,
];
