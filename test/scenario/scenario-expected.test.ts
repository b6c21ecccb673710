import { describe, expect, test } from 'vitest';
import type { ExpectedCheck } from '../../src/evidence/record.ts';
import { driverProblems, expectedProblems } from '../../src/scenario/scenario-expected.ts';
import type { Scenario } from '../../src/scenario/scenario-schema.ts';
import { markedBy } from './at.ts';
import { load, written } from './scenario-text.ts';

const upCheck = '{id: floor.upgrade.done, after: up, boundary: driver, evidence: [a], rows: []}';

const planned = (id: string, after: string, more: Partial<ExpectedCheck> = {}): ExpectedCheck => ({
  ...{ id, after, boundary: 'driver', source: 'floor', title: 't' },
  ...more,
});

describe('what must be shown has to be in the plan', () => {
  const plan = [
    planned('floor.upgrade.done', 'upgrade'),
    planned('floor.custom-seed.done', 'custom-seed'),
    planned('floor.remove.done', 'remove'),
    planned('run.deployment.once', 'run', { source: 'run' }),
    planned('run.expected.kept', 'run', {
      source: 'run',
      skip: { kind: 'structural', reason: 'no earlier green run' },
    }),
    planned('floor.upgrade.applied', 'upgrade', { skip: { kind: 'declared', reason: 'not ours' } }),
    planned('floor.upgrade.identity', 'upgrade', {
      skip: { kind: 'not-asked', reason: 'not selected by --ops' },
    }),
  ];
  const wanted = (id: string, after: string, boundary = 'driver') =>
    `{id: ${id}, after: ${after}, boundary: ${boundary}, evidence: [a], rows: []}`;
  const judge = (...checks: readonly string[]) => {
    const { source, document, scenario } = load(written({ checks }));
    return { source, problems: expectedProblems(document, scenario as Scenario, plan) };
  };

  test.each([
    upCheck,
    wanted('floor.custom-seed.done', 'seed'),
    wanted('run.deployment.once', 'up'),
    wanted('run.expected.kept', 'up'),
    wanted('floor.upgrade.identity', 'up'),
  ])('%s is', (check) => {
    expect(judge(check).problems).toEqual([]);
  });

  test.each([
    [wanted('floor.upgrade.dona', 'up'), 'SC030', 'floor.upgrade.dona', '`floor.upgrade.done`?'],
    [wanted('floor.upgrade.applied', 'up'), 'SC030', 'floor.upgrade.applied', 'Remove it here'],
    [wanted('floor.upgrade.done', 'seed'), 'SC021', 'seed', 'Write `up`.'],
    [wanted('run.deployment.once', 'deploy'), 'SC021', 'deploy', 'Write `up`.'],
    [wanted('floor.remove.done', 'up'), 'SC021', 'up', 'It follows `remove`'],
    [wanted('floor.upgrade.done', 'up', 'http'), 'SC031', 'http', 'Write `driver`.'],
  ])('%s is not', (check, code, marked, hint) => {
    const { source, problems } = judge(upCheck.replace('upgrade.done', 'upgrade.identity'), check);
    expect(problems.map((each) => each.code)).toEqual([code]);
    expect(markedBy(source, problems)).toEqual([marked]);
    expect(problems[0]?.hint).toContain(hint);
  });

  test('the driver is the manifest’s', () => {
    const { source, document, scenario } = load(written({}));
    expect(driverProblems(document, scenario as Scenario, { driver: 'fake' })).toEqual([]);
    const problems = driverProblems(document, scenario as Scenario, { driver: 'swarm' });
    expect(problems.map(({ code }) => code)).toEqual(['SC012']);
    expect(markedBy(source, problems)).toEqual(['fake']);
  });
});
