import { expect, test } from 'vitest';
import {
  countVerdicts,
  groupChecks,
  isUnexplained,
  leftovers,
  openUndos,
  releaseName,
  runDurationMs,
  sortWorstFirst,
  unlisted,
} from '../../src/reporters/overview.ts';
import { check, cutState, failedState, passedState } from './state.ts';

test('every check is in exactly one group, unknown operations included', () => {
  const stray = check({ id: 'x.stray', after: 'nowhere' });
  const groups = groupChecks({ ...failedState, checks: [stray, ...failedState.checks] });
  expect(groups.map(({ name }) => name)).toEqual([
    'install',
    'upgrade',
    'backup',
    'restore',
    'rebuild',
    'remove',
    'nowhere',
    'run',
  ]);
  expect(groups.flatMap(({ checks }) => checks)).toHaveLength(failedState.checks.length + 1);
});

test('counts and order', () => {
  expect(countVerdicts(failedState.checks)).toEqual({
    passed: 8,
    failed: 1,
    error: 1,
    'not-run': 1,
    inconclusive: 1,
    skipped: 1,
  });
  const order = sortWorstFirst(failedState.checks).map(({ verdict }) => verdict);
  expect(order.slice(0, 6)).toEqual([
    'failed',
    'error',
    'not-run',
    'inconclusive',
    'skipped',
    'passed',
  ]);
});

test('what is not surely gone is left, what is not restored is open', () => {
  expect(leftovers(failedState).map(({ name }) => name)).toEqual([
    'work/notes-test/data',
    'notes-test/web',
  ]);
  expect(openUndos(failedState).map(({ undo }) => undo)).toEqual(['u2']);
});

test('a run that is worse than its checks is unexplained', () => {
  expect(isUnexplained(cutState)).toBe(true);
  expect(isUnexplained({ ...cutState, checks: [] })).toBe(true);
  expect(isUnexplained(failedState)).toBe(false);
  expect(isUnexplained(passedState)).toBe(false);
});

test('names and lengths', () => {
  const { head } = failedState.started;
  expect(releaseName(head)).toBe('git:change-7 (1.5.0)');
  expect(releaseName({ ...head, ref: 'npm:notes@1.5.0' })).toBe('npm:notes@1.5.0');
  expect(runDurationMs(failedState)).toBe(34_000);
  expect(runDurationMs({ ...failedState, startedAt: 'never' })).toBe(0);
  expect(unlisted(failedState)).toEqual([]);
  expect(unlisted({ ...failedState, dropped: 3 })).toEqual([
    'Too many to list: 3 more are in the journal.',
  ]);
});
