import { expect, test } from 'vitest';
import { expectedChecks } from '../../src/lifecycle/expected.ts';
import type { OperationName, PlannedOperation } from '../../src/scenario/plan.ts';
import { manifestOf, overlay } from './harness.ts';

const operation = (name: OperationName): PlannedOperation => ({ name, budgetMs: 1 });
const all = (['install', 'upgrade', 'backup', 'restore', 'rebuild', 'remove'] as const).map(
  operation,
);

const expectedOf = (more = '', facts: Partial<Parameters<typeof expectedChecks>[0]> = {}) =>
  expectedChecks({
    ...{ manifest: manifestOf(more), operations: all, overlays: [], upgrades: true },
    ...{ markers: undefined, shrunk: undefined },
    ...facts,
  });
const skipsOf = (more: string) =>
  expectedOf(more)
    .filter(({ skip }) => skip !== undefined)
    .map(({ id }) => id);

test('nothing is skipped unless somebody says so', () => {
  expect(skipsOf('')).toEqual([]);
  expect(expectedOf().every(({ title }) => title !== '')).toBe(true);
});

test.each([
  [
    'health: { none: it is a worker without HTTP }\nprobes: [{ log: ready }]',
    ['install', 'upgrade', 'backup', 'restore', 'rebuild'].map((name) => `floor.${name}.serving`),
  ],
  [
    'skipFloor: { restore: the restore is proven elsewhere }',
    expectedOf()
      .filter(({ after }) => after === 'restore')
      .map(({ id }) => id),
  ],
])('%s', (more, ids) => {
  expect(skipsOf(more)).toEqual(ids);
});

test('an operation that is skipped takes its floor and its overlays with it', () => {
  const skip = { kind: 'structural', reason: 'there is no older release' } as const;
  const operations = all.map((each) => (each.name === 'upgrade' ? { ...each, skip } : each));
  const checks = expectedOf('', { operations, overlays: [overlay('upgrade', 'own')] });
  const after = checks.filter((check) => check.after === 'upgrade');
  expect(after.map(({ id }) => id)).toContain('overlay.own');
  expect(after.every((check) => check.skip?.reason === skip.reason)).toBe(true);
});

test('checks of the removal and of the whole run cannot be set aside', () => {
  const skipped = new Set(skipsOf('skipFloor: { all: nothing here is worth asking }'));
  const kept = expectedOf().filter(({ id }) => !skipped.has(id));
  expect(new Set(kept.map(({ after }) => after))).toEqual(new Set(['remove', 'run']));
});
