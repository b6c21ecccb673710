import { expect, test } from 'vitest';
import type { Bounded } from '../../src/lifecycle/bounded.ts';
import { endedOf, messageOf } from '../../src/lifecycle/failure.ts';
import { isAppFault, WorldError, type WorldErrorCode } from '../../src/ports/world-error.ts';

const codes: readonly WorldErrorCode[] = [
  ...(['cancelled', 'timeout', 'not-found', 'permission', 'disk-full', 'read-only', 'io'] as const),
  ...(['unavailable', 'network', 'resource-busy', 'lock-lost', 'limit', 'refused'] as const),
  ...(['app-failed', 'hook-failed'] as const),
];

test.each(codes)('%s: the app failed exactly when it is to blame', (code) => {
  const ended = endedOf({ kind: 'threw', error: new WorldError(code, 'why') }, 1000);
  const app = code === 'app-failed' || code === 'hook-failed';
  expect(ended).toEqual({
    outcome: app ? 'failed' : 'error',
    cause: code,
    message: 'why',
    appFault: app,
  });
  expect(isAppFault(code)).toBe(app);
});

test.each<[Bounded<unknown>, object]>([
  [
    { kind: 'value', value: 1 },
    { outcome: 'done', appFault: false },
  ],
  [{ kind: 'stopped' }, { outcome: 'interrupted', cause: 'stopped', appFault: false }],
  [
    { kind: 'timed-out' },
    { outcome: 'timed-out', cause: 'timeout', message: 'not finished after 95 s', appFault: false },
  ],
  [
    { kind: 'threw', error: new WorldError('io', 'why', { hint: 'try again' }) },
    { message: 'why (try again)' },
  ],
])('%j', (result, ended) => {
  expect(endedOf(result, 95_000)).toMatchObject(ended);
});

test('anything but a failure of the world is a bug and goes on', () => {
  const bug = new TypeError('planted');
  expect(() => endedOf({ kind: 'threw', error: bug }, 1)).toThrow(bug);
  expect(messageOf(bug)).toBe('planted');
  expect(messageOf('a text')).toBe('a text');
});
