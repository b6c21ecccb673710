import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fold, makeFold } from '../../src/evidence/fold.ts';
import { renderMarkers } from '../../src/evidence/markers.ts';
import { renderResult } from '../../src/evidence/result.ts';
import type { Entry, JournalRecord, Skip } from '../../src/evidence/record.ts';
import type { RunState } from '../../src/evidence/run-state.ts';
import {
  checkEnded,
  checkStarted,
  expectedIds,
  note,
  operationEnded,
  operationStarted,
  runEnded,
  runStarted,
  wholeRun,
} from './sample-run.ts';

const recordsOf = (entries: readonly Entry[]): readonly JournalRecord[] =>
  entries.map((entry, index) => ({
    ...entry,
    seq: index + 1,
    at: new Date(Date.UTC(2026, 0, 1) + index).toISOString(),
    prev: '',
  }));

const stateOf = (entries: readonly Entry[]): RunState => fold(recordsOf(entries), 'head');

const [first = '', second = '', third = ''] = expectedIds;
const without = (...ids: readonly string[]): readonly Entry[] =>
  wholeRun().filter(({ data }) => !('check' in data && ids.includes(data.check)));
const replaced = (id: string, ...entries: readonly Entry[]): readonly Entry[] =>
  without(id).flatMap((entry) => (entry.type === 'run.ended' ? [...entries, entry] : [entry]));
const endedBy = (change: Parameters<typeof runEnded>[0]): readonly Entry[] => [
  ...wholeRun().slice(0, -1),
  runEnded(change),
];
const skipping = (ids: readonly string[], entries = without(...ids)): readonly Entry[] => {
  const skip: Skip = { kind: 'declared', reason: 'Its owner said so.' };
  const [start] = entries;
  if (start?.type !== 'run.started') throw new Error('a run starts with its start');
  const expected = start.data.expected.map((check) =>
    ids.includes(check.id) ? { ...check, skip } : check,
  );
  return [{ ...start, data: { ...start.data, expected } }, ...entries.slice(1)];
};

type Case = [
  what: string,
  entries: readonly Entry[],
  outcome: readonly [verdict: string, exitCode: number],
  reason?: string,
];
test.each<Case>([
  ['a whole run', wholeRun(), ['passed', 0]],
  [
    'a failed check',
    replaced(first, checkStarted(first), checkEnded(first, 'failed')),
    ['failed', 1],
    `Check ${first}: failed: It failed.`,
  ],
  [
    'an error',
    replaced(first, checkStarted(first), checkEnded(first, 'error')),
    ['error', 3],
    `Check ${first}: error: It error.`,
  ],
  [
    'a check without a record',
    without(second),
    ['not-run', 3],
    `Check ${second}: not-run: The check never ran.`,
  ],
  [
    'a check without an end',
    replaced(first, checkStarted(first)),
    ['not-run', 3],
    `Check ${first}: not-run: The check started and never ended.`,
  ],
  [
    'a check that ended twice',
    replaced(first, checkEnded(first), checkEnded(first)),
    ['error', 3],
    `Check ${first}: error: The check ended 2 times.`,
  ],
  [
    'a check that skips itself',
    replaced(first, checkStarted(first), checkEnded(first, 'skipped')),
    ['inconclusive', 3],
    `Check ${first}: inconclusive: The check skipped itself: It skipped.`,
  ],
  [
    'an unexpected check',
    replaced('-', checkStarted('made.up'), checkEnded('made.up')),
    ['error', 3],
    'Check made.up: error: The plan expects no such check; it says passed.',
  ],
  ['a skipped check', skipping([first]), ['passed', 0]],
  [
    'only skipped checks',
    skipping(expectedIds),
    ['inconclusive', 3],
    'No expected check of the app was left to judge.',
  ],
  [
    'a skipped check that claims passed',
    skipping([first], wholeRun()),
    ['error', 3],
    `Check ${first}: error: The check says passed, but the plan skips it.`,
  ],
  [
    'no end of the run',
    wholeRun().slice(0, -1),
    ['not-run', 3],
    'The run has no end record: it still goes on, or its process was killed.',
  ],
  [
    'an interrupted run',
    endedBy({ outcome: 'interrupted', exitCode: 143, cause: 'SIGTERM' }),
    ['not-run', 143],
    'The run was interrupted: SIGTERM.',
  ],
  [
    'an interrupted run without a code',
    endedBy({ outcome: 'interrupted' }),
    ['not-run', 130],
    'The run was interrupted.',
  ],
  [
    'a stopped run',
    endedBy({ outcome: 'stopped', cause: 'lock-lost' }),
    ['not-run', 3],
    'The run was stopped: lock-lost.',
  ],
  [
    'a crashed run',
    endedBy({ outcome: 'crashed', message: 'A bug!' }),
    ['not-run', 70],
    'The run was crashed: A bug!',
  ],
  ['a recovered run', endedBy({ outcome: 'recovered' }), ['not-run', 3], 'The run was recovered.'],
  [
    'an unfinished operation',
    wholeRun().filter(({ type }) => type !== 'operation.ended'),
    ['not-run', 3],
    'Operation install: unfinished.',
  ],
  [
    'a planned operation that never began',
    wholeRun(runStarted({ operations: [{ name: 'install' }, { name: 'upgrade' }] })),
    ['not-run', 3],
    'Operation upgrade: not-run.',
  ],
  [
    'a planned operation that is skipped',
    wholeRun(
      runStarted({
        operations: [
          { name: 'install' },
          { name: 'upgrade', skip: { kind: 'structural', reason: 'no base' } },
        ],
      }),
    ),
    ['passed', 0],
  ],
])('%s', (_what, entries, [verdict, exitCode], reason) => {
  const state = stateOf(entries);
  expect({ verdict: state.verdict, exitCode: state.exitCode }).toEqual({ verdict, exitCode });
  if (reason === undefined) expect(state.reasons).toEqual([]);
  else expect(state.reasons[0]).toBe(reason);
});

test('a failing check of an interrupted run still fails the run', () => {
  const entries = replaced(first, checkStarted(first), checkEnded(first, 'failed')).slice(0, -1);
  const state = stateOf([...entries, runEnded({ outcome: 'stopped' })]);
  expect(state).toMatchObject({ verdict: 'failed', exitCode: 1 });
  expect(state.reasons).toEqual([`Check ${first}: failed: It failed.`, 'The run was stopped.']);
});

test('no run without its whole end passes, wherever its records stop', () => {
  const entries = wholeRun();
  for (let length = 1; length < entries.length; length += 1) {
    const state = stateOf(entries.slice(0, length));
    expect(['not-run', 'failed', 'error']).toContain(state.verdict);
    expect(state.exitCode).toBe(3);
  }
  expect(stateOf(entries).verdict).toBe('passed');
});

test('leaving any records out never makes a run better', () => {
  const worst = replaced(second, checkStarted(second), checkEnded(second, 'inconclusive'));
  fc.assert(
    fc.property(fc.subarray([...worst.slice(1)]), (kept) => {
      expect(stateOf([runStarted(), ...kept]).verdict).not.toBe('passed');
    }),
  );
});

test('tells what was done and what is left', () => {
  const entries = wholeRun().filter(
    ({ type }) => type !== 'undo.ended' && type !== 'resource.removed',
  );
  const state = stateOf(entries);
  expect(state.deployments).toBe(1);
  expect(state.undos).toMatchObject([{ undo: 'folder', outcome: 'open' }]);
  expect(state.resources).toEqual([
    {
      kind: 'deployment',
      name: 'main',
      undo: { folder: '/tmp/work' },
      state: 'created',
      details: { pid: 7 },
    },
  ]);
  expect(state.operations).toMatchObject([{ name: 'install', outcome: 'done', stage: 'head' }]);
  expect(state.checks.map(({ id, seq }) => [id, typeof seq])).toEqual(
    expectedIds.map((id) => [id, 'number']),
  );
  expect(stateOf(wholeRun())).toMatchObject({
    undos: [{ outcome: 'restored' }],
    resources: [{ state: 'removed', details: { pid: 7 } }],
  });
});

test('a check that never ran says what became of its operation', () => {
  const [, ...rest] = without(third).filter(({ type }) => !type.startsWith('operation'));
  const failed: Entry = {
    type: 'operation.ended',
    data: {
      operation: 'install',
      outcome: 'failed',
      durationMs: 1,
      message: 'No.',
      cause: 'app-failed',
    },
  };
  const state = stateOf([runStarted(), operationStarted('install'), failed, ...rest]);
  expect(state.checks.at(-1)?.message).toBe('The check never ran. Operation install: failed.');
  expect(state.operations[0]).toMatchObject({
    outcome: 'failed',
    message: 'No.',
    cause: 'app-failed',
  });
});

test('operations outside the plan and second ends are not lost', () => {
  const late: Entry = {
    type: 'operation.ended',
    data: { operation: 'install', outcome: 'failed', durationMs: 1 },
  };
  const state = stateOf([
    runStarted(),
    operationStarted('surprise'),
    operationEnded('surprise'),
    operationEnded('install'),
    late,
  ]);
  expect(state.operations.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['install', 'done'],
    ['surprise', 'done'],
  ]);
});

test('keeps a bounded number of notes and counts the rest', () => {
  const reducer = makeFold();
  for (const record of recordsOf([runStarted(), ...Array<Entry>(10_007).fill(note('again'))]))
    reducer.add(record);
  const state = reducer.state('head');
  expect(state.notes).toHaveLength(10_000);
  expect(state).toMatchObject({ dropped: 7, records: 10_008 });
});

test('there is no state of a run without its start', () => {
  expect(() => fold([], '')).toThrow('a run without records has no state');
  expect(() => stateOf([note('alone')])).toThrow('the first record of a run is run.started');
});

test('markers are one line for each expected id, and only passed is PASS', () => {
  const entries = replaced('-', checkStarted('made.up'), checkEnded('made.up'));
  const state = stateOf(
    skipping(
      [first],
      entries.filter(({ data }) => !('check' in data && [first, second].includes(data.check))),
    ),
  );
  expect(renderMarkers(state)).toBe(`FAIL: ${first}\nFAIL: ${second}\nPASS: ${third}\n`);
});

test('result.json says what programs need', () => {
  const result = JSON.parse(renderResult(stateOf(wholeRun().slice(0, 5)))) as object;
  expect(result).toMatchObject({
    schema: 'seatrial.result/v1',
    ...{ run: 'run-1', app: 'shop', scenario: 'full', verdict: 'not-run', exitCode: 3 },
    ...{ complete: false, chainHead: 'head', records: 5, deployments: 1 },
    undosOpen: [{ undo: 'folder', outcome: 'open' }],
    resourcesLeft: [{ kind: 'deployment', name: 'main', state: 'created' }],
    operations: [{ name: 'install', outcome: 'unfinished' }],
  });
  expect(JSON.parse(renderResult(stateOf(wholeRun())))).toMatchObject({
    ...{ verdict: 'passed', complete: true, undosOpen: [], resourcesLeft: [], reasons: [] },
  });
});
