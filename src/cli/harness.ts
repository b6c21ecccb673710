// What the harness asks by itself, as an audit and the runs that it judges must both know it.

import { recipeChecks } from '../checks/floor-recipe.ts';
import { floorChecks, floorOf, runChecks } from '../checks/floor.ts';
import type { Harness } from '../audit/application-runs.ts';
import type { Boundary } from '../evidence/record.ts';
import { version } from './version.ts';

const operations = [...new Set(floorChecks.flatMap((check) => check.operations))];

const floor = operations.flatMap((operation) =>
  floorOf(operation).map(({ name, boundary }) => ({ id: `floor.${operation}.${name}`, boundary })),
);

export const harness: Harness = {
  name: `seatrial ${version}`,
  checks: new Map<string, Boundary>(
    [...floor, ...recipeChecks, ...runChecks].map(({ id, boundary }) => [id, boundary]),
  ),
};
