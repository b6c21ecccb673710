import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  converge,
  type SeenService,
  type SeenTask,
  type SwarmSnapshot,
} from '../../../src/drivers/swarm/converge.ts';

const task = (change: Partial<SeenTask> = {}): SeenTask => ({
  ...{ id: 't1', slot: '1', state: 'running', desired: 'running', current: true },
  createdAt: '2026-01-01T00:00:01Z',
  ...change,
});

const service = (change: Partial<SeenService> = {}): SeenService => ({
  ...{ spec: 'new', mode: 'replicated', wanted: 1, restart: 'any', attempts: 0 },
  tasks: [task()],
  ...change,
});

const at = (atMs: number, seen: SeenService): SwarmSnapshot => ({ atMs, services: { app: seen } });
const intended = { app: { spec: 'new', before: 'old', updatedAt: '2026-01-01T00:00:00Z' } };
const judge = (seen: SeenService, oneshot: readonly string[] = []) =>
  converge(intended, [at(0, seen)], oneshot);

const failed = task({ state: 'failed', exitCode: 3, error: 'task: non-zero exit (3)' });
const begun = (state: string) => ({ state, startedAt: '2026-01-01T00:00:05Z' });
const earlier = (state: string) => ({ state, startedAt: '2025-12-31T00:00:00Z' });

const rows: readonly [string, SeenService, object][] = [
  ['one healthy task', service(), { state: 'up' }],
  ['the spec from before', service({ spec: 'old' }), { state: 'rolled-back' }],
  ['somebody else’s spec', service({ spec: 'x' }), { state: 'failed', cause: 'foreign-change' }],
  [
    'a rollback under way that still runs what was sent',
    service({ update: begun('rollback_started') }),
    { state: 'rolled-back' },
  ],
  [
    'a rollback of an earlier operation',
    service({ update: earlier('rollback_completed') }),
    { state: 'up' },
  ],
  ['N of N while updating', service({ update: begun('updating') }), { state: 'pending' }],
  [
    'a paused update whose task runs',
    service({ update: begun('paused') }),
    { state: 'up', notes: ['update-paused: app'] },
  ],
  [
    'an old task beside the new one',
    service({ tasks: [task(), task({ id: 't0', current: false })] }),
    { state: 'pending' },
  ],
  ['a task that starts', service({ tasks: [task({ state: 'starting' })] }), { state: 'pending' }],
  [
    'a crash between two restarts',
    service({ tasks: [failed, task({ id: 't2', state: 'ready' })] }),
    { state: 'pending' },
  ],
  [
    'a crash without a restart',
    service({ restart: 'none', tasks: [failed] }),
    { state: 'failed', cause: 'crash' },
  ],
  [
    'no restart left',
    service({ attempts: 1, tasks: [failed, { ...failed, id: 't2' }] }),
    { state: 'failed', cause: 'crash' },
  ],
  [
    'scaled to zero',
    service({ wanted: 0, tasks: [] }),
    { state: 'up', notes: ['scaled-to-zero: app was not exercised'] },
  ],
  [
    'a job that is done',
    service({ mode: 'replicated-job', tasks: [task({ state: 'complete' })] }),
    { state: 'up' },
  ],
  [
    'a job that failed for good',
    service({ mode: 'replicated-job', restart: 'none', tasks: [failed] }),
    { state: 'failed' },
  ],
];

describe('converge', () => {
  it.each(rows)('%s', (_title, seen, answer) => {
    expect(judge(seen)).toMatchObject(answer);
  });

  it('counts the crashes of a loop over the whole history, for the engine forgets old tasks', () => {
    const history = Array.from({ length: 21 }, (_, n) =>
      at(n * 1000, service({ tasks: [{ ...failed, id: `t${String(n)}` }] })),
    );
    expect(converge(intended, history, [])).toMatchObject({ cause: 'crash-loop' });
    expect(converge(intended, history.slice(0, 10), [])).toMatchObject({ state: 'pending' });
  });

  it('is pending for a service that is not there, and for no history', () => {
    expect(converge(intended, [{ atMs: 0, services: {} }], [])).toMatchObject({ state: 'pending' });
    expect(converge(intended, [], [])).toMatchObject({ state: 'pending' });
  });

  const states = ['new', 'pending', 'preparing', 'starting', 'running', 'failed', 'shutdown'];
  const anyTask = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    slot: fc.constantFrom('1', '2'),
    state: fc.constantFrom(...states),
    desired: fc.constant('running'),
    current: fc.boolean(),
    createdAt: fc.constantFrom('2026-01-01T00:00:01Z', '2026-01-01T00:00:02Z'),
  });
  const anyService = fc.record({
    spec: fc.constantFrom('new', 'old', 'x'),
    mode: fc.constant('replicated' as const),
    wanted: fc.integer({ min: 0, max: 2 }),
    restart: fc.constantFrom('any' as const, 'none' as const),
    attempts: fc.constant(0),
    tasks: fc.uniqueArray(anyTask, { maxLength: 4, selector: ({ id }) => id }),
  });

  it('is never up unless exactly the wanted current tasks run what was sent', () => {
    fc.assert(
      fc.property(anyService, (seen) => {
        const { state } = judge(seen);
        const live = seen.tasks.filter((each) => !['failed', 'shutdown'].includes(each.state));
        if (state !== 'up') return;
        expect(seen.spec).toBe('new');
        expect(live).toHaveLength(seen.wanted);
        expect(live.every((each) => each.current && each.state === 'running')).toBe(true);
      }),
    );
  });

  it('does not depend on the order in which the engine lists tasks', () => {
    fc.assert(
      fc.property(anyService, (seen) => {
        const turned = { ...seen, tasks: seen.tasks.toReversed() };
        expect(judge(turned).state).toBe(judge(seen).state);
      }),
      { numRuns: 1000 },
    );
  });
});
