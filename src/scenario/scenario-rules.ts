// What one part of a scenario file says about another, and about the pack it belongs to.

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { leadsOut } from './manifest-references.ts';
import { scenarioCheckRules } from './scenario-check-rules.ts';
import {
  hintAmong,
  repeated,
  type ScenarioContext,
  type ScenarioFound as Found,
  type ScenarioRule as Rule,
} from './scenario-context.ts';
import { selfEndingKinds, type Scenario, type Validation } from './scenario-schema.ts';
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
  { spec }: Validation,
  context: ScenarioContext,
): readonly Diagnostic[] {
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
  return located(document, [...claims, ...rows]);
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
  const contract = noManifestReason?.contract;
  const unknown = contract !== undefined && context.contracts?.has(contract) === false;
  return [
    ...(manifest === undefined ? [] : fileProblem(['spec', 'manifest'], manifest, context)),
    ...(unknown
      ? [
          {
            code: 'SC012',
            path: ['spec', 'noManifestReason', 'contract'],
            message: `The contract \`${contract}\` is unknown.`,
            hint: hintAmong(contract, [...(context.contracts ?? [])]),
          },
        ]
      : []),
  ];
};

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

const fixtureRule: Rule = ({ spec: { fixtures, noFixturesReason } }) => {
  const path = ['spec', 'noFixturesReason'];
  const hint = 'Say why nothing has to be prepared.';
  if (fixtures.length === 0 && noFixturesReason === undefined)
    return [{ code: 'SC003', path, message: '`noFixturesReason` is required.', hint }];
  const message = '`noFixturesReason` has no meaning beside fixtures.';
  const needless = fixtures.length > 0 && noFixturesReason !== undefined;
  return [
    ...(needless
      ? [{ code: 'SC003', path, message, hint: 'Remove it.', onKey: true as const }]
      : []),
    ...fixtures.flatMap(({ id, kind, restore }, index) =>
      restore !== undefined || selfEndingKinds.includes(kind)
        ? []
        : [
            {
              code: 'FX001',
              path: ['spec', 'fixtures', index, 'kind'],
              message: `The fixture \`${id}\` changes something and has no \`restore.budget\`.`,
              hint: 'Say how long its undo may take: `restore: {budget: 10s}`.',
            },
          ],
    ),
  ];
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

const actionRule: Rule = ({ spec: { runtimeActions } }) =>
  runtimeActions.flatMap(({ use, action }, index): readonly Found[] => {
    const path = ['spec', 'runtimeActions', index];
    if (use === 'action' && action === undefined)
      return [
        {
          code: 'SC022',
          path: [...path, 'use'],
          message: '`action` is required with `use: action`.',
          hint: 'Name the action.',
        },
      ];
    if (use === 'action' || action === undefined) return [];
    return [
      {
        code: 'SC022',
        path: [...path, 'action'],
        message: `\`action\` has no meaning with \`use: ${use}\`.`,
        hint: 'Remove it, or write `use: action`.',
        onKey: true,
      },
    ];
  });

const rules: readonly Rule[] = [
  manifestRule,
  fixtureRule,
  idRule,
  actionRule,
  ...scenarioCheckRules,
];
