import { describe, expect, it } from 'vitest';

import { judgeDeploymentOnce, type Lasting } from '../../src/checks/run-checks.ts';

const seen = (operation: string, services: object, volumes: object = { data: 'v1' }): Lasting => ({
  operation,
  services: { ...services },
  volumes: { ...volumes },
});

/** A whole life: rebuilding makes services anew, restoring makes volumes anew, nothing else does. */
const life: readonly Lasting[] = [
  seen('install', { app: 'a1' }),
  seen('upgrade', { app: 'a1', worker: 'w1' }),
  seen('backup', { app: 'a1', worker: 'w1' }),
  seen('restore', { app: 'a1', worker: 'w1' }, { data: 'v2' }),
  seen('rebuild', { app: 'a2', worker: 'w2' }, { data: 'v2' }),
  seen('custom', { app: 'a2', worker: 'w2' }, { data: 'v2' }),
];

const judge = (lasting: readonly Lasting[], created = 1, installs = 1, dependencies = 0) =>
  judgeDeploymentOnce({ created, installs, dependencies, lasting });

const without = (...operations: readonly string[]): readonly Lasting[] =>
  life.filter(({ operation }) => !operations.includes(operation));

const changed = (operation: string, change: Partial<Lasting>): readonly Lasting[] =>
  life.map((each) => (each.operation === operation ? { ...each, ...change } : each));

describe('run.deployment.once', () => {
  it.each([
    ['a whole life', life],
    ['a life without a restore', without('restore', 'rebuild', 'custom')],
    ['a service that head dropped', changed('upgrade', { services: { worker: 'w1' } })],
    ['a restore that kept the volumes', life.map((each) => ({ ...each, volumes: { data: 'v1' } }))],
  ])('%s passes', (_title, lasting) => {
    expect(judge(lasting).verdict).toBe('passed');
  });

  const other = { app: 'other', worker: 'w1' };
  it.each([
    ['upgrade', { services: other }, 'service app in upgrade'],
    ['backup', { services: other }, 'service app in backup'],
    ['restore', { services: other }, 'service app in restore'],
    ['custom', { services: { app: 'other', worker: 'w2' } }, 'service app in custom'],
    ['custom', { services: { app: 'a1', worker: 'w2' } }, 'service app in custom'],
    ['upgrade', { volumes: { data: 'v9' } }, 'volume data in upgrade'],
    ['rebuild', { volumes: { data: 'v9' } }, 'volume data in rebuild'],
    ['custom', { volumes: { data: 'v9' } }, 'volume data in custom'],
  ])('%s with %j fails', (operation, change, named) => {
    const answer = judge(changed(operation, change));
    expect(answer.verdict).toBe('failed');
    expect(answer.message).toContain(named);
  });

  it('a service that head added counts from then on', () => {
    expect(judge(changed('backup', { services: { app: 'a1', worker: 'x' } })).verdict).toBe(
      'failed',
    );
  });

  it.each([
    [2, 1],
    [1, 2],
    [0, 1],
  ])('%d deployments by %d installs fail', (created, installs) => {
    expect(judge(life, created, installs).verdict).toBe('failed');
  });

  it.each([
    [3, 'passed'],
    [2, 'failed'],
    [4, 'failed'],
  ])('%d deployments beside two dependencies: %s', (created, verdict) => {
    expect(judge(life, created, 1, 2).verdict).toBe(verdict);
  });

  it.each([0, 1, 2])('of two dependencies %d came, and the app was not deployed', (created) => {
    expect(judge([], created, 1, 2).verdict).toBe('not-run');
  });

  it('asks nothing of a run in which nothing was deployed', () => {
    expect(judge([], 0).verdict).toBe('not-run');
    expect(judge([], 1).verdict).toBe('inconclusive');
  });
});
