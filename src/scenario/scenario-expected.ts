// Whether a plan holds what a scenario file wants shown: a check that is never asked proves nothing.

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { ExpectedCheck } from '../evidence/record.ts';
import type { Manifest } from './manifest.ts';
import { hintAmong, type ScenarioFound as Found } from './scenario-context.ts';
import { operationOf } from './scenario-operations.ts';
import { located } from './scenario-rules.ts';
import type { Scenario } from './scenario-schema.ts';
import type { YamlDocument } from './yaml-document.ts';

/** Codes: SC021 not after that action, SC030 not in the plan or set aside, SC031 another boundary. */
export function expectedProblems(
  document: YamlDocument,
  { spec }: Scenario,
  planned: readonly ExpectedCheck[],
): readonly Diagnostic[] {
  const known = new Map(planned.map((check) => [check.id, check]));
  const found = spec.expectedChecks.flatMap((wanted, index): readonly Found[] => {
    const path = ['spec', 'expectedChecks', index];
    const check = known.get(wanted.id);
    if (check === undefined) {
      const message = `The check \`${wanted.id}\` is not asked in this run.`;
      const hint = hintAmong(wanted.id, [...known.keys()]);
      return [{ code: 'SC030', path: [...path, 'id'], message, hint }];
    }
    return [
      ...skipProblems(check, [...path, 'id']),
      ...afterProblems(check, wanted.after, { spec, path: [...path, 'after'] }),
      ...(check.boundary === wanted.boundary
        ? []
        : [
            {
              code: 'SC031',
              path: [...path, 'boundary'],
              message: `The check \`${check.id}\` touches another surface.`,
              hint: `Write \`${check.boundary}\`.`,
            },
          ]),
    ];
  });
  return located(document, found);
}

/** `not-asked` is what `--ops` did; checks of the whole run are skipped for what the store lacks. */
function skipProblems({ id, skip, source }: ExpectedCheck, path: Found['path']): readonly Found[] {
  if (skip === undefined || skip.kind === 'not-asked' || source === 'run') return [];
  return [
    {
      code: 'SC030',
      path,
      message: `The check \`${id}\` is set aside: ${skip.reason}.`,
      hint: 'Remove it here, or let it be asked.',
    },
  ];
}

/** Checks of the whole run are asked when the last action is over. */
function afterProblems(
  check: ExpectedCheck,
  after: string,
  { spec, path }: { readonly spec: Scenario['spec']; readonly path: Found['path'] },
): readonly Found[] {
  const { runtimeActions: actions } = spec;
  const right =
    check.after === 'run'
      ? actions.at(-1)
      : actions.find((action) => operationOf(action) === check.after);
  if (right?.id === after) return [];
  return [
    {
      code: 'SC021',
      path,
      message: `The check \`${check.id}\` is not asked after \`${after}\`.`,
      hint:
        right === undefined
          ? `It follows \`${check.after}\`: add an action for that.`
          : `Write \`${right.id}\`.`,
    },
  ];
}

export function driverProblems(
  document: YamlDocument,
  { spec }: Scenario,
  { driver }: Pick<Manifest, 'driver'>,
): readonly Diagnostic[] {
  if (spec.environment.driver === driver) return [];
  return located(document, [
    {
      code: 'SC012',
      path: ['spec', 'environment', 'driver'],
      message: `The manifest deploys with \`${driver}\`.`,
      hint: `Write \`${driver}\`, or name another manifest.`,
    },
  ]);
}
