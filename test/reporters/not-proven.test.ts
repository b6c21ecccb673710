import { expect, test } from 'vitest';
import { notProven } from '../../src/reporters/not-proven.ts';
import { check, cutState, failedState, operation, passedState } from './state.ts';

const started = passedState.started;

test.each([
  [
    'a fake driver',
    { started: { ...started, driver: { ...started.driver, fake: true } } },
    /fake/u,
  ],
  ['a canary', { started: { ...started, canary: 'data-lost' } }, /planted fault `data-lost`/u],
  ['a part', { started: { ...started, selection: 'partial' as const } }, /only a part/u],
  ['no base', { started: { ...started, base: { skipped: 'no-older-release' } } }, /no-older-rel/u],
  ['no own checks', { checks: [] }, /brought no checks of its own/u],
  ['a backup', {}, /outside the backup scope/u],
  ['no fresh installation', {}, /empty host/u],
])('names %s', (_name, facts, sentence) => {
  expect(notProven({ ...passedState, ...facts }).join('\n')).toMatch(sentence);
});

test('names what was cut off, skipped or failed', () => {
  expect(notProven(cutState).join('\n')).toMatch(/the run has no end/u);
  expect(notProven(failedState).join('\n')).toMatch(
    /rebuild: skipped \(the driver cannot rebuild\)/u,
  );
  expect(notProven(failedState).join('\n')).toMatch(/restore: timed-out\./u);
  expect(notProven(failedState).join('\n')).toMatch(/one skipped check would/u);
});

test('an installation of head on nothing is not listed, rows of the database always are', () => {
  const fresh = notProven({
    ...passedState,
    operations: [operation('install', [0, 1], { stage: 'head' })],
    checks: [check({ id: 'notes.rows', after: 'upgrade', source: 'overlay' }, 2)],
  }).join('\n');
  expect(fresh).not.toMatch(/empty host/u);
  expect(fresh).toMatch(/Rows inside a database beyond what one check/u);
});
