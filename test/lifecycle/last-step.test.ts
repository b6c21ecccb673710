// How far a run with a planted fault goes.

import { expect, test } from 'vitest';
import { lastStep } from '../../src/lifecycle/last-step.ts';
import type { Scenario } from '../../src/scenario/scenario-schema.ts';

const steps = {
  fixtures: [{ id: 'image' }, { id: 'state' }],
  runtimeActions: [{ id: 'up' }, { id: 'rebuild' }, { id: 'check' }],
} as unknown as Scenario['spec'];

const expected = [
  { id: 'fixture.image.staged', after: 'image' },
  { id: 'fixture.state.staged', after: 'state' },
  { id: 'floor.up.done', after: 'up' },
  { id: 'app.up.version', after: 'up' },
  { id: 'app.rebuild.kept', after: 'rebuild' },
  { id: 'app.check.said', after: 'check' },
  { id: 'fixture.state.restored', after: 'remove' },
  { id: 'fixture.image.restored', after: 'remove' },
  { id: 'floor.remove.no-leftovers', after: 'remove' },
  { id: 'run.secrets.absent', after: 'run' },
];

test.each([
  [['fixture.image.staged'], [], 0],
  [['fixture.image.restored'], ['fixture.image.staged'], 0],
  [['fixture.image.restored'], ['fixture.state.staged'], 1],
  [['app.up.version'], [], 2],
  [['app.up.version'], ['app.rebuild.kept'], 3],
  [['app.rebuild.kept'], ['run.secrets.absent'], 3],
  [['app.up.version', 'app.check.said'], [], 4],
  // What is asked of everything that was done needs everything to be done.
  [['floor.remove.no-leftovers'], [], 4],
  [['app.up.version', 'run.secrets.absent'], [], 4],
  [['app.unknown'], [], 4],
])('kills %j, spares %j', (kills, spares, step) => {
  const plant = { builtin: 'undo-skipped:image' };
  expect(lastStep(steps, expected, { kills, spares, plant })).toBe(step);
});

test('a fault of the app is shown with every fixture in place', () => {
  const fault = { kills: ['app.image.kept'], spares: [], plant: { mutant: 'lose' } };
  const asked = [...expected, { id: 'app.image.kept', after: 'image' }];
  expect(lastStep(steps, asked, fault)).toBe(1);
});

test('every step without a fault', () => {
  expect(lastStep(steps, expected, undefined)).toBe(4);
});
