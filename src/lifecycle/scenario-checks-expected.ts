// The checks that a run of a pack's scenario must answer, in plan order: a scenario can add to them and cannot take
// away those of its fixtures, of the floor and of the run.

import { floorChecks, runChecks } from '../checks/floor.ts';
import type { ExpectedCheck } from '../evidence/record.ts';
import type { Pack } from '../scenario/load-pack.ts';
import type { Scenario } from '../scenario/scenario-schema.ts';

/** Of the whole run; the others are about a deployment that the harness made, and here the product deploys. */
const ofRun = ['run.secrets.absent', 'run.secrets.redactor-alive'];

export function expectedOf(pack: Pack, { spec }: Scenario): readonly ExpectedCheck[] {
  const { fixtures, runtimeActions } = spec;
  const ownAfter = (place: string): readonly ExpectedCheck[] =>
    spec.expectedChecks
      .filter(({ after }) => after === place)
      .map(({ id, after, boundary }) => ({
        ...{ id, after, boundary, source: 'scenario' as const },
        title: pack.register.get(id)?.title ?? id,
      }));
  return [
    ...fixtures.flatMap(({ id }) => [fixtureCheck(id, 'staged', id), ...ownAfter(id)]),
    ...runtimeActions.flatMap(({ id, use }) => [
      floorCheck(id, 'done'),
      ...ownAfter(id),
      ...(use === 'action' ? [floorCheck(id, 'stable')] : []),
    ]),
    ...fixtures.toReversed().map(({ id }) => fixtureCheck(id, 'restored', 'remove')),
    ...['done', 'gone', 'no-leftovers'].map((name) => floorCheck('remove', name)),
    ...runChecks
      .filter(({ id }) => ofRun.includes(id))
      .map((check) => ({ ...check, after: 'run', source: 'run' as const })),
  ];
}

const titles = {
  staged: 'the fixture bites: what it prepares is really there',
  restored: 'what the fixture changed, and what stands beside it, is as it was before',
};

const fixtureCheck = (id: string, what: keyof typeof titles, after: string): ExpectedCheck => ({
  ...{ id: `fixture.${id}.${what}`, after, boundary: 'state', source: 'scenario' },
  title: titles[what],
});

function floorCheck(operation: string, name: string): ExpectedCheck {
  const known = floorChecks.find((each) => each.name === name);
  const title =
    name === 'stable' ? 'asking the checks changed nothing of what runs' : (known?.title ?? name);
  const id = `floor.${operation}.${name}`;
  return { id, after: operation, boundary: known?.boundary ?? 'driver', source: 'floor', title };
}
