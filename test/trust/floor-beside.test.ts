// HC3: the floor is asked beside an app's own checks, and set aside by an explicit word with a reason only.

import { afterEach, expect, test } from 'vitest';
import { skipFloorOf } from '../../src/cli/skip-floor.ts';
import { checkOf, makeChange, notesOf, type Change } from './change-repository.ts';

const made: Change[] = [];

function withOverlay(more = ''): Change {
  const one = makeChange({}, more);
  one.write('harness/checks/install.own.check.sh', 'exit 0\n');
  made.push(one);
  return one;
}

afterEach(async () => {
  for (const each of made.splice(0)) await each.remove();
});

const reason = 'the proxy of this host answers for it';
const lowered = 'floor.install.serving';

test('HC3: floor and overlay are asked of one deployment, each operation once', async () => {
  const { state, code } = await withOverlay().run();
  expect(code).toBe(0);
  expect(checkOf(state, 'overlay.install.own')?.verdict).toBe('passed');
  expect(checkOf(state, lowered)?.verdict).toBe('passed');
  expect(checkOf(state, 'run.deployment.once')?.verdict).toBe('passed');
  expect(notesOf(state, 'floor-skipped')).toEqual([]);
});

test('HC3: a declared skip is shown in the report, and said aloud also where progress is not', async () => {
  const { state, out, err, code } = await withOverlay(`skipFloor: { install: ${reason} }\n`).run({
    env: { CI: 'true' },
  });
  expect(code).toBe(0);
  expect(checkOf(state, lowered)).toMatchObject({
    verdict: 'skipped',
    skip: { kind: 'declared', reason },
  });
  expect(checkOf(state, 'overlay.install.own')?.verdict).toBe('passed');
  expect(checkOf(state, 'run.deployment.once')?.verdict).toBe('passed');
  expect(out).toContain(reason);
  expect(err).toContain(`WARNING: "the floor of install is not asked: ${reason}"`);
});

test.each(['SEATRIAL_SKIP_FLOOR', 'CCCI_SKIP_GENERIC', 'CCCI_SKIP_GENERIC_INSTALL'])(
  'FG-20: %s inherited by a worker or by CI: exit 2, nothing deployed',
  async (variable) => {
    const value = variable.startsWith('CCCI') ? '1' : 'install';
    for (const around of [
      { env: { CI: '1' }, tty: true },
      { env: {}, tty: false },
    ]) {
      const env = { ...around.env, [variable]: value };
      const { code, err, state } = await withOverlay().run({ ...around, env });
      expect([code, state]).toEqual([2, undefined]);
      expect(err).toContain(variable);
    }
  },
);

test('HC3: at a terminal a variable lowers the floor of one run, which is evidence of no more', async () => {
  const { state, err } = await withOverlay().run({
    env: { SEATRIAL_SKIP_FLOOR: 'install' },
    tty: true,
  });
  expect(checkOf(state, lowered)?.skip?.reason).toBe('set by SEATRIAL_SKIP_FLOOR');
  expect(state?.started.selection).toBe('partial');
  expect(err).toContain('set by SEATRIAL_SKIP_FLOOR');
});

test.each([
  [{}, {}],
  [{ SEATRIAL_SKIP_FLOOR: '' }, {}],
  [{ CCCI_SKIP_GENERIC: '0' }, {}],
  [{ CCCI_SKIP_GENERICS: '1' }, {}],
  [{ SEATRIAL_SKIP_FLOOR: 'all' }, { all: 'set by SEATRIAL_SKIP_FLOOR' }],
  [
    { SEATRIAL_SKIP_FLOOR: 'backup, restore' },
    { backup: 'set by SEATRIAL_SKIP_FLOOR', restore: 'set by SEATRIAL_SKIP_FLOOR' },
  ],
  [{ CCCI_SKIP_GENERIC: 'yes' }, { all: 'set by CCCI_SKIP_GENERIC' }],
])('%j sets aside %j', (env, found) => {
  expect(skipFloorOf({ env, errIsTty: true })).toEqual(found);
});

test.each(['remove', 'run', 'everything'])('%s cannot be set aside', (name) => {
  const env = { SEATRIAL_SKIP_FLOOR: name };
  expect(() => skipFloorOf({ env, errIsTty: true })).toThrow(/is no operation/);
});
