// What a scenario expects: checks, a failure, and the names that its texts use.

import type { Json } from '../ports/json.ts';
import { isLinearPattern } from './linear-pattern.ts';
import {
  hintAmong,
  repeated,
  type ScenarioContext,
  type ScenarioFound as Found,
  type ScenarioRule as Rule,
} from './scenario-context.ts';
import type { Scenario } from './scenario-schema.ts';
import { list } from './schema-parts.ts';
import type { Path } from './yaml-document.ts';

const checkRule: Rule = ({ metadata, spec }, { register }) => {
  const { expectedChecks } = spec;
  const places = [...spec.fixtures, ...spec.runtimeActions].map(({ id }) => id);
  const twice = repeated(expectedChecks.map(({ id }, index) => ({ id, index }))).map(
    ({ id, index }): Found => ({
      code: 'SC030',
      path: checkPath(index, 'id'),
      message: `The check \`${id}\` is expected twice.`,
      hint: 'Keep one: a check is asked once.',
    }),
  );
  return [
    ...twice,
    ...expectedChecks.flatMap((check, index) => [
      ...(places.includes(check.after) ? [] : [unknownPlace(check.after, places, index)]),
      ...check.rows.flatMap((row, at) =>
        metadata.rows.includes(row) ? [] : [unplannedRow(row, [...checkPath(index, 'rows'), at])],
      ),
      ...(register === undefined ? [] : registerProblems(check, index, register)),
    ]),
  ];
};

function checkPath(index: number, key: string): Path {
  return ['spec', 'expectedChecks', index, key];
}

function unknownPlace(after: string, places: readonly string[], index: number): Found {
  return {
    code: 'SC021',
    path: checkPath(index, 'after'),
    message: `\`${after}\` is no action or fixture of this file.`,
    hint: hintAmong(after, places),
  };
}

function unplannedRow(row: string, path: Path): Found {
  return {
    code: 'SC032',
    path,
    message: `The row \`${row}\` is not among \`metadata.rows\`.`,
    hint: 'Add it there, or remove it here.',
  };
}

function registerProblems(
  { id, boundary, evidence }: Scenario['spec']['expectedChecks'][number],
  index: number,
  register: NonNullable<ScenarioContext['register']>,
): readonly Found[] {
  const entry = register.get(id);
  if (entry === undefined)
    return [
      {
        code: 'SC030',
        path: checkPath(index, 'id'),
        message: `The check \`${id}\` is not in the register.`,
        hint: hintAmong(id, [...register.keys()]),
      },
    ];
  const differs = (key: string, wanted: string): Found => ({
    code: 'SC031',
    path: checkPath(index, key),
    message: `The ${key} differs from the register.`,
    hint: `There it is ${wanted}.`,
  });
  const sameEvidence = evidence.toSorted().join('\n') === entry.evidence.toSorted().join('\n');
  return [
    ...(boundary === entry.boundary ? [] : [differs('boundary', list([entry.boundary]))]),
    ...(sameEvidence ? [] : [differs('evidence', list(entry.evidence))]),
  ];
}

const failureRule: Rule = ({ spec }, { observers }) => {
  const failure = spec.expectedFailure;
  if (failure === undefined) return [];
  const path = ['spec', 'expectedFailure'];
  const ids = spec.runtimeActions.map(({ id }) => id);
  const checks = spec.expectedChecks.map(({ id }) => id);
  const failing = spec.runtimeActions.find(({ id }) => id === failure.action);
  const found: Found[] = [];
  if (failing === undefined)
    found.push({
      code: 'SC022',
      path: [...path, 'action'],
      message: `\`${failure.action}\` is no action of this file.`,
      hint: hintAmong(failure.action, ids),
    });
  else if ((failing.expect?.exit ?? 0) !== failure.exit)
    found.push({
      code: 'SC041',
      path: [...path, 'action'],
      message: `The action \`${failure.action}\` must fail but does not say so itself.`,
      hint: `Give the action \`expect: {exit: ${String(failure.exit)}}\`.`,
    });
  if (!checks.includes(failure.check))
    found.push({
      code: 'SC030',
      path: [...path, 'check'],
      message: `The check \`${failure.check}\` is not among \`expectedChecks\`.`,
      hint: hintAmong(failure.check, checks),
    });
  return [
    ...found,
    ...patternProblems(failure.says.matches),
    ...failure.forbiddenSideEffects.flatMap(({ observe }, index): readonly Found[] =>
      observers === undefined || observers.has(observe)
        ? []
        : [
            {
              code: 'SC022',
              path: [...path, 'forbiddenSideEffects', index, 'observe'],
              message: `The pack cannot observe \`${observe}\`.`,
              hint: hintAmong(observe, [...observers]),
            },
          ],
    ),
  ];
};

/** Patterns run on an engine without back-references and look-around, which cannot be made to hang. */
function patternProblems(pattern: string): readonly Found[] {
  return isLinearPattern(pattern)
    ? []
    : [
        {
          code: 'SC003',
          path: ['spec', 'expectedFailure', 'says', 'matches'],
          message: 'The regular expression cannot be used.',
          hint: 'Use RE2 syntax: no back-references, no look-around.',
        },
      ];
}

/** S7: secrets only as inputs, fixtures' outputs only of fixtures that there are. */
const placeholderRule: Rule = ({ spec }) => {
  const fixtures = spec.fixtures.map(({ id }) => id);
  return strings(spec, ['spec']).flatMap(({ path, text }): readonly Found[] => {
    const input = path.includes('with');
    const names = [...text.matchAll(/\{(secret|fixture)\.([a-z0-9_-]+)/gi)];
    return names.flatMap(([, what, name = '']): readonly Found[] => {
      if (what === 'secret' && !input)
        return [
          {
            code: 'SC003',
            path,
            message: 'A secret may be used only in `with`.',
            hint: 'Anywhere else it would be stored.',
          },
        ];
      if (what !== 'fixture' || fixtures.includes(name)) return [];
      const message = `The fixture \`${name}\` is not in this file.`;
      return [{ code: 'SC021', path, message, hint: hintAmong(name, fixtures) }];
    });
  });
};

function strings(value: Json | object, path: Path): readonly { path: Path; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return entries.flatMap(([step, each]) => strings(each as Json, [...path, step]));
}

export const scenarioCheckRules: readonly Rule[] = [checkRule, failureRule, placeholderRule];
