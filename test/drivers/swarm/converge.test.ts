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

const completed = task({ state: 'complete', exitCode: 0 });
const gone = 'No such image: app:1';
const noNode = 'no suitable node (scheduling constraints not satisfied on 1 node)';
const noRoom = 'no suitable node (insufficient resources on 1 node)';
const noPort = 'no suitable node (host-mode port already in use on 1 node)';
const waiting = (error: string): SeenService =>
  service({ tasks: [task({ state: 'pending', error })] });

const rows: readonly [string, SeenService, object][] = [
  ['FR-02: one healthy task, and no update status at all', service(), { state: 'up' }],
  ['the spec from before', service({ spec: 'old' }), { state: 'rolled-back' }],
  ['somebody else’s spec', service({ spec: 'x' }), { state: 'foreign' }],
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
    'FR-02: a paused update whose task runs',
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
    'a crash for want of memory',
    service({ restart: 'none', tasks: [{ ...failed, exitCode: 137, outOfMemory: true }] }),
    { state: 'failed', cause: 'out-of-memory' },
  ],
  [
    'an end with 0 where nothing is to follow',
    service({ restart: 'none', tasks: [completed] }),
    { state: 'up', notes: ['completed: app'] },
  ],
  [
    'an end with 0 that would be restarted after a failure only',
    service({ restart: 'on-failure', tasks: [completed] }),
    { state: 'failed', cause: 'exited' },
  ],
  [
    'an end with 0 that is always restarted',
    service({ tasks: [completed, task({ id: 't2', state: 'ready' })] }),
    { state: 'pending' },
  ],
  [
    'a task that no node may take',
    waiting(noNode),
    { state: 'failed', cause: 'no-node', message: `app: ${noNode}` },
  ],
  ['a task that no node has room for', waiting(noRoom), { state: 'pending', testbed: 'timeout' }],
  ['a task whose port is taken', waiting(noPort), { state: 'pending', testbed: 'resource-busy' }],
  [
    'a task whose image is still fetched',
    service({ tasks: [task({ state: 'preparing' })] }),
    { state: 'pending', testbed: 'timeout' },
  ],
  [
    'an update whose image is still fetched',
    service({
      update: begun('updating'),
      tasks: [task({ id: 't0', current: false }), task({ state: 'preparing' })],
    }),
    { state: 'pending', testbed: 'timeout' },
  ],
  [
    'an image that went away',
    service({ restart: 'none', tasks: [task({ state: 'rejected', error: gone })] }),
    { state: 'pending', testbed: 'network' },
  ],
  [
    'a task that the node refuses for another reason',
    service({ restart: 'none', tasks: [task({ state: 'rejected', error: 'invalid mount' })] }),
    { state: 'failed', cause: 'rejected' },
  ],
  [
    'FR-03: scaled to zero',
    service({ wanted: 0, tasks: [] }),
    { state: 'up', notes: ['scaled-to-zero: app was not exercised'] },
  ],
  [
    'FR-03: a job that is done',
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

  it('blames nobody but the app for a task that started and is not ready', () => {
    const judged = judge(service({ tasks: [task({ state: 'starting' })] }));
    expect(judged).toMatchObject({ state: 'pending' });
    expect(judged).not.toHaveProperty('testbed');
  });

  it('listed as one-shot, an end with 0 is well under every policy that lets it end', () => {
    for (const restart of ['none', 'on-failure'] as const)
      expect(judge(service({ restart, tasks: [completed] }), ['app'])).toMatchObject({
        state: 'up',
      });
  });

  it('ends that are always followed by another start are a loop', () => {
    const ends = Array.from({ length: 20 }, (_, n) =>
      at(n * 1000, service({ tasks: [{ ...completed, id: `t${String(n)}` }] })),
    );
    expect(converge(intended, ends, ['app'])).toMatchObject({ cause: 'crash-loop' });
    const rest = ends.slice(1);
    expect(converge(intended, rest, ['app'])).toMatchObject({ state: 'pending' });
  });

  it('a change by somebody else comes before a failure, and a rollback before both', () => {
    const two = { app: intended.app, db: intended.app };
    const answer = (app: SeenService, db: SeenService) =>
      converge(two, [{ atMs: 0, services: { app, db } }], []).state;
    const crashed = service({ restart: 'none', tasks: [failed] });
    const changed = service({ spec: 'x' });
    expect(answer(crashed, changed)).toBe('foreign');
    expect(answer(changed, service({ spec: 'old' }))).toBe('rolled-back');
  });
});

describe('converge, whatever was seen', () => {
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
