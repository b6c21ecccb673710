// Every floor check passes on healthy facts, is red for each planted fault, and never passes on
// nothing. The table below is the register of what each check is able to notice.

import { expect, test } from 'vitest';
import type { OperationFacts } from '../../src/checks/facts.ts';
import { expectedFloor, floorChecks, floorOf } from '../../src/checks/floor.ts';
import type { Verdict } from '../../src/evidence/verdict.ts';
import { healthy, rendering, snapshot, volume } from './facts.ts';

type Break = (facts: OperationFacts) => OperationFacts;
type Fault = readonly [check: string, fault: string, wanted: Verdict, plant: Break];

const with_ =
  (over: Partial<OperationFacts>): Break =>
  (facts) => ({ ...facts, ...over });
const backup =
  (over: Partial<NonNullable<OperationFacts['backup']>>): Break =>
  (facts) => ({ ...facts, ...(facts.backup ? { backup: { ...facts.backup, ...over } } : {}) });
const report =
  (over: object): Break =>
  (facts) =>
    backup({ report: { ...(facts.backup?.report as object), ...over } as never })(facts);
const restore =
  (over: Partial<NonNullable<OperationFacts['restore']>>): Break =>
  (facts) => ({ ...facts, ...(facts.restore ? { restore: { ...facts.restore, ...over } } : {}) });
const serving =
  (over: Partial<NonNullable<OperationFacts['serving']>>): Break =>
  (facts) => ({ ...facts, ...(facts.serving ? { serving: { ...facts.serving, ...over } } : {}) });
const hook = { hook: 'dump', timedOut: false, output: '', durationMs: 1, survivors: [] };
const emptySnapshot = { services: {}, volumes: [], listeners: [], facts: {} };
const two = {
  ...snapshot(),
  services: { ...snapshot().services, worker: snapshot().services['app'] },
} as never;
const idle = {
  ...snapshot(),
  services: { app: { ...snapshot().services['app'], units: [] } },
} as never;

const faults: readonly Fault[] = [
  [
    'done',
    'the app made it fail',
    'failed',
    with_({ ended: { outcome: 'failed' }, appFault: true }),
  ],
  ['done', 'the testbed made it fail', 'error', with_({ ended: { outcome: 'error' } })],
  ['done', 'it ran over its time', 'error', with_({ ended: { outcome: 'timed-out' } })],
  ['done', 'the run was stopped', 'not-run', with_({ ended: { outcome: 'interrupted' } })],
  [
    'converged',
    'a crash loop',
    'failed',
    with_({ convergence: { state: 'failed', cause: 'crash-loop', message: 'exit 3' } }),
  ],
  [
    'converged',
    'a roll-back',
    'failed',
    with_({ convergence: { state: 'rolled-back', message: 'app' } }),
  ],
  ['identity', 'another tree runs', 'failed', with_({ after: snapshot('other') })],
  ['identity', 'a service more', 'failed', with_({ after: two })],
  ['identity', 'nothing runs', 'failed', with_({ after: idle })],
  [
    'identity',
    'no service at all',
    'inconclusive',
    with_({ rendering: { services: {}, volumes: [] }, after: emptySnapshot }),
  ],
  ['base-differs', 'base is head', 'failed', with_({ before: snapshot('head', '1@1') })],
  ['applied', 'the old process stays', 'failed', with_({ before: snapshot('base', '2@2') })],
  ['applied', 'nothing runs', 'failed', with_({ after: idle })],
  [
    'applied',
    'rolled back',
    'failed',
    with_({ convergence: { state: 'rolled-back', message: 'app' } }),
  ],
  [
    'no-orphans',
    'a dropped service stays',
    'failed',
    with_({ rendering: { services: {}, volumes: [] } }),
  ],
  ['no-orphans', 'a service is missing', 'failed', with_({ after: emptySnapshot })],
  ['fresh', 'the old process stays', 'failed', with_({ before: snapshot('base', '2@2') })],
  [
    'data-kept',
    'the marker is gone',
    'failed',
    with_({ markers: { written: { data: 'a' }, read: {} } }),
  ],
  [
    'data-kept',
    'the marker has another value',
    'failed',
    with_({ markers: { written: { data: 'a' }, read: { data: 'b' } } }),
  ],
  ['data-kept', 'no volume at all', 'inconclusive', with_({ markers: { written: {}, read: {} } })],
  ['hooks', 'exit code 1', 'failed', with_({ hooks: [{ ...hook, exitCode: 1 }] })],
  ['hooks', 'timed out', 'failed', with_({ hooks: [{ ...hook, exitCode: 0, timedOut: true }] })],
  [
    'hooks',
    'left a daemon',
    'failed',
    with_({ hooks: [{ ...hook, exitCode: 0, survivors: ['9 sleep'] }] }),
  ],
  ['scope', 'no volume selected', 'failed', report({ captured: {} })],
  ['scope', 'base covered more', 'failed', backup({ baseVolumes: ['data', 'uploads'] })],
  [
    'artifact',
    'an old artifact',
    'failed',
    report({ artifact: { path: '/a', sha256: 'c'.repeat(64), bytes: 10, madeAtMs: 50 } }),
  ],
  ['artifact', 'changed afterwards', 'failed', backup({ artifactSha256: 'd' })],
  [
    'artifact',
    'unreadable',
    'failed',
    ({ backup: made, ...facts }) => {
      const { artifactSha256, ...rest } = made as NonNullable<typeof made>;
      expect(artifactSha256).toBeDefined();
      return { ...facts, backup: rest };
    },
  ],
  [
    'artifact',
    'empty',
    'failed',
    report({ artifact: { path: '/a', sha256: 'c'.repeat(64), bytes: 0, madeAtMs: 150 } }),
  ],
  ['covers', 'one file not captured', 'failed', report({ captured: { data: volume.slice(0, 2) } })],
  ['covers', 'one volume not captured', 'failed', report({ captured: {} })],
  [
    'covers',
    'the marker not captured',
    'failed',
    report({
      captured: { data: volume.filter(({ path }) => path !== '.seatrial-marker') },
      before: { data: [] },
    }),
  ],
  [
    'covers',
    'nothing was stable',
    'inconclusive',
    (facts) => report({ after: {} })(with_({ markers: { written: {}, read: {} } })(facts)),
  ],
  ['emptied', 'the volume was not emptied', 'error', restore({ emptied: { data: volume } })],
  ['emptied', 'no volume', 'inconclusive', restore({ emptied: {} })],
  [
    'files-back',
    'one file left out',
    'failed',
    restore({ report: { written: { data: volume.slice(0, 2) }, hooks: [] } }),
  ],
  [
    'files-back',
    'another mode',
    'failed',
    restore({
      report: { written: { data: volume.map((each) => ({ ...each, mode: 0o600 })) }, hooks: [] },
    }),
  ],
  ['files-back', 'an empty artifact', 'inconclusive', restore({ captured: {} })],
  ['markers-back', 'the later value is still there', 'failed', restore({ now: { data: 'm3' } })],
  ['markers-back', 'no marker', 'failed', restore({ now: {} })],
  ['markers-back', 'no volume', 'inconclusive', restore({ atBackup: {} })],
  ['serving', 'another process answers', 'failed', serving({ ownListener: false })],
  [
    'serving',
    'wrong status',
    'failed',
    serving({ goodInARow: 0, attempts: [{ status: 404, bytes: 1, excerpt: '', contains: true }] }),
  ],
  [
    'serving',
    'an empty 200',
    'failed',
    serving({ goodInARow: 0, attempts: [{ status: 200, bytes: 0, excerpt: '', contains: true }] }),
  ],
  ['serving', 'no answer', 'failed', serving({ goodInARow: 0, attempts: [{ error: 'refused' }] })],
  ['serving', 'answers once', 'failed', serving({ goodInARow: 1 })],
  ['stable', 'an overlay restarted the app', 'failed', with_({ later: snapshot('head', '3@3') })],
  [
    'gone',
    'a process outlives it',
    'failed',
    with_({
      removal: { removed: [], leftovers: [{ kind: 'process', name: '9', details: 'sleep' }] },
    }),
  ],
  [
    'gone',
    'it went only by force',
    'failed',
    with_({
      removal: { removed: [{ kind: 'process', name: 'app', outcome: 'forced' }], leftovers: [] },
    }),
  ],
  [
    'gone',
    'the testbed could not remove it',
    'error',
    with_({
      removal: { removed: [{ kind: 'process', name: 'app', outcome: 'failed' }], leftovers: [] },
    }),
  ],
  [
    'no-leftovers',
    'a folder is left',
    'failed',
    with_({
      removal: { removed: [], leftovers: [{ kind: 'folder', name: 'data', details: '3 files' }] },
    }),
  ],
  [
    'images-kept',
    'the removal took an image with it',
    'failed',
    with_({ removal: { removed: [], leftovers: [], images: { used: ['a', 'b'], gone: ['b'] } } }),
  ],
  [
    'images-kept',
    'no image was ever seen',
    'not-run',
    with_({ removal: { removed: [], leftovers: [], images: { used: [], gone: [] } } }),
  ],
];

const all = floorChecks.flatMap((check) =>
  check.operations.map((operation) => ({
    check,
    operation,
    id: `floor.${operation}.${check.name}`,
  })),
);

test.each(all)('$id passes on healthy facts', ({ check, operation }) => {
  const answer = check.judge(healthy(operation));
  expect(answer.verdict, answer.message).toBe('passed');
  expect(answer.touched).toEqual([check.boundary]);
});

test.each(all)('$id does not pass when nothing was seen', ({ check, operation }) => {
  const { ended } = healthy(operation);
  const nothing: OperationFacts = {
    operation,
    stage: 'head',
    ended: check.name === 'done' ? { outcome: 'error' } : ended,
    appFault: false,
    hooks: [],
  };
  expect(check.judge(nothing).verdict).not.toBe('passed');
});

test.each(faults)('canary: %s is red when %s', (name, _fault, wanted, plant) => {
  const check = floorChecks.find((each) => each.name === name);
  const operation = check?.operations[0] ?? '';
  const answer = check?.judge(plant(healthy(operation)));
  expect(answer?.verdict, answer?.message).toBe(wanted);
  expect(answer?.message).not.toBe('');
});

test('FR-06: files that change during the capture are counted, and need not match', () => {
  const written = (sha256: string) => ({
    ...(volume.find(({ kind }) => kind === 'file') as (typeof volume)[number]),
    ...{ path: 'database', sha256: sha256.repeat(64) },
  });
  const listing = (sha256: string) => ({ data: [...volume, written(sha256)] });
  const during = { before: listing('1'), captured: listing('2'), after: listing('3') };
  const covers = floorChecks.find(({ name }) => name === 'covers');
  expect(covers?.judge(report(during)(healthy('backup')))).toMatchObject({
    verdict: 'passed',
    message: expect.stringContaining('; 1 changed during the capture') as string,
  });
});

test('every floor check has a canary', () => {
  const names = new Set(faults.map(([name]) => name));
  expect(floorChecks.filter(({ name }) => !names.has(name))).toEqual([]);
});

test('a custom action is asked what custom is asked', () => {
  expect(floorOf('custom-migrate').map(({ name }) => name)).toEqual(['done', 'stable']);
});

test('skips are written into the expected set, never left out of it', () => {
  const skip = { kind: 'declared', reason: 'it has no data at all' } as const;
  const ids = (skips: Parameters<typeof expectedFloor>[1]) => expectedFloor('restore', skips);
  const whole = ids({ images: true, operation: {}, needs: {} });
  const declared = ids({ images: true, operation: { restore: skip }, needs: {} });
  const contents = ids({ images: true, operation: {}, needs: { contents: skip } });
  expect(declared.map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
  expect(declared.every((check) => check.skip === skip)).toBe(true);
  expect(contents.filter((check) => check.skip).map(({ id }) => id)).toEqual([
    'floor.restore.files-back',
    'floor.restore.markers-back',
  ]);
});

test('identity names the paths that differ', () => {
  const check = floorChecks.find(({ name }) => name === 'identity');
  const answer = check?.judge({ ...healthy('upgrade'), rendering: rendering('next') });
  expect(answer?.message).toContain('/app/tree');
});
