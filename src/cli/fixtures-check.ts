// The obligation of each fixture, before anything runs (F16). A pack with one that breaks it does not load.

import { expectedOf } from '../lifecycle/scenario-checks-expected.ts';
import type { Pack } from '../scenario/load-pack.ts';
import { selfEndingKinds } from '../scenario/scenario-schema.ts';

export type Obligation = {
  readonly scenario: string;
  readonly fixture: string;
  readonly kind: string;
  /** Absent of kinds that end with the action that they wrap. */
  readonly budget?: string;
  readonly checks: readonly string[];
};

export const obligationsOf = (pack: Pack): readonly Obligation[] =>
  [...pack.scenarios.values()].flatMap(({ value }) => {
    const expected = new Set(expectedOf(pack, value).map(({ id }) => id));
    return value.spec.fixtures.map(({ id, kind, restore }) => ({
      ...{ scenario: value.metadata.id, fixture: id, kind },
      ...(restore === undefined || selfEndingKinds.includes(kind)
        ? {}
        : { budget: restore.budget }),
      checks: ['staged', 'restored']
        .map((what) => `fixture.${id}.${what}`)
        .filter((each) => expected.has(each)),
    }));
  });

export function renderObligations(fixtures: readonly Obligation[]): string {
  const lines = fixtures.map(
    ({ scenario, fixture, kind, budget = 'ends by itself', checks }) =>
      `${scenario}: ${fixture} (${kind}), undo within ${budget}, ${checks.join(', ')}`,
  );
  return `${[...lines, `${String(fixtures.length)} fixtures`].join('\n')}\n`;
}
