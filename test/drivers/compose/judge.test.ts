import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { judgeProject, type Seen } from '../../../src/drivers/compose/judge.ts';
import type { ContainerInspect } from '../../../src/drivers/docker/facts.ts';
import type { Stack, StackService } from '../../../src/ports/stack.ts';

type State = ContainerInspect['State'];

const container = (
  change: Partial<State> = {},
  { policy = 'no', restarts = 0, id = 'c1' } = {},
): ContainerInspect => ({
  ...{ Id: id, Name: `/x-${id}`, Created: '2026-01-01T00:00:00Z', Image: 'sha256:1' },
  RestartCount: restarts,
  State: {
    ...{ Status: 'running', Running: true, Restarting: false, OOMKilled: false },
    ...{ Pid: 7, ExitCode: 0, Error: '', StartedAt: '2026-01-01T00:00:01Z' },
    ...change,
  },
  Config: { Hostname: id, Image: 'app:1', Tty: false, OpenStdin: false },
  HostConfig: {
    ...{ NetworkMode: 'default', ReadonlyRootfs: false, PortBindings: {} },
    RestartPolicy: { Name: policy, MaximumRetryCount: 0 },
  },
  Mounts: [],
  NetworkSettings: { Networks: {} },
});

const ended = (code: number, change: Partial<State> = {}) => ({
  ...{ Status: 'exited', Running: false, ExitCode: code },
  ...change,
});
const healthOf = (status: string): Partial<State> => ({
  Health: { Status: status, Log: [{ ExitCode: 1, Output: 'no answer' }] },
});

const service = (change: Partial<StackService> = {}): StackService => ({
  image: 'app:1',
  ...change,
});
const stackOf = (app: StackService, other: Stack['services'] = {}): Stack => ({
  name: 'x',
  services: { app, ...other },
});
const judge = (
  seen: readonly ContainerInspect[],
  app = service(),
  oneshot: readonly string[] = [],
) => judgeProject(stackOf(app), { app: seen }, oneshot);

const rows: readonly [string, readonly ContainerInspect[], object][] = [
  ['one that runs', [container()], { state: 'up', notes: [] }],
  ['none yet', [], { state: 'pending' }],
  ['one that is healthy', [container(healthOf('healthy'))], { state: 'up' }],
  ['one whose check has not held yet', [container(healthOf('starting'))], { state: 'pending' }],
  [
    'an unhealthy one, with what its check said',
    [container(healthOf('unhealthy'))],
    { state: 'pending', why: 'app is unhealthy: its check ended with 1: no answer' },
  ],
  [
    'one that was made and not started',
    [container({ Status: 'created', Running: false })],
    { state: 'pending' },
  ],
  ['a crash', [container(ended(3))], { state: 'failed', cause: 'crash' }],
  [
    'a kill for want of memory',
    [container(ended(137, { OOMKilled: true }))],
    { state: 'failed', cause: 'out-of-memory' },
  ],
  ['an end with 0', [container(ended(0))], { state: 'failed', cause: 'exited' }],
  [
    'a crash between two restarts',
    [container(ended(3), { policy: 'always' })],
    { state: 'pending' },
  ],
  ['a loop', [container({}, { restarts: 21 })], { state: 'failed', cause: 'crash-loop' }],
  [
    'one that came up after a crash',
    [container({}, { restarts: 2, policy: 'always' })],
    { state: 'up', notes: ['restarted: app 2 times'] },
  ],
];

describe('judgeProject', () => {
  it.each(rows)('%s', (_title, seen, answer) => {
    expect(judge(seen)).toMatchObject(answer);
  });

  it('an end with 0 is well for a one-shot, and for one that others wait for', () => {
    const done = [container(ended(0))];
    expect(judge(done, service(), ['app'])).toMatchObject({
      state: 'up',
      notes: ['completed: app'],
    });
    const waiting = service({
      depends_on: { app: { condition: 'service_completed_successfully' } },
    });
    const seen = { app: done, web: [container({}, { id: 'c2' })] };
    expect(judgeProject(stackOf(service(), { web: waiting }), seen, [])).toMatchObject({
      state: 'up',
    });
  });

  it('counts replicas, and none where none is wanted', () => {
    const two = service({ deploy: { replicas: 2 } });
    expect(judge([container()], two)).toMatchObject({ state: 'pending' });
    expect(judge([container(), container({}, { id: 'c2' })], two)).toMatchObject({ state: 'up' });
    expect(judge([], service({ deploy: { replicas: 0 } }))).toMatchObject({
      notes: ['scaled-to-zero: app was not exercised'],
    });
  });

  it('a failure of one service comes before the wait for another', () => {
    const seen: Seen = { app: [container(healthOf('starting'))], web: [container(ended(3))] };
    expect(judgeProject(stackOf(service(), { web: service() }), seen, [])).toMatchObject({
      state: 'failed',
    });
  });
});

describe('judgeProject over time and chance', () => {
  it('has another identity after a restart', () => {
    const identity = (seen: ContainerInspect) => {
      const judged = judge([seen]);
      return judged.state === 'up' ? judged.identity : judged.state;
    };
    const before = identity(container());
    expect(identity(container())).toBe(before);
    expect(identity(container({ StartedAt: '2026-01-01T00:00:09Z' }))).not.toBe(before);
    expect(identity(container({}, { restarts: 1 }))).not.toBe(before);
    expect(identity(container({}, { id: 'c2' }))).not.toBe(before);
  });

  it('is up only when every container runs and is as healthy as it asks to be', () => {
    const any = fc.record({
      Status: fc.constantFrom('created', 'running', 'restarting', 'exited', 'dead', 'paused'),
      ExitCode: fc.constantFrom(0, 1),
      Health: fc.constantFrom(
        undefined,
        ...['healthy', 'starting', 'unhealthy'].map((Status) => ({ Status, Log: null })),
      ),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 3 }), (states) => {
        const seen = states.map(({ Health: health, ...rest }) =>
          container({ ...rest, ...(health === undefined ? {} : { Health: health }) }),
        );
        if (judge(seen).state !== 'up') return;
        expect(states.length).toBeGreaterThan(0);
        for (const { Status: status, Health: health } of states) {
          expect(status).toBe('running');
          expect(health?.Status ?? 'healthy').toBe('healthy');
        }
      }),
    );
  });
});
