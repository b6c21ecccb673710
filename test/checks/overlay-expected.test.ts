import { expect, test } from 'vitest';
import {
  assertedOnBase,
  expectedOverlayChecks,
  overlaysAfter,
} from '../../src/checks/overlay-expected.ts';
import type { OverlayFile } from '../../src/scenario/plan.ts';

const file = (operation: OverlayFile['operation'], checks: OverlayFile['checks']): OverlayFile => ({
  path: `${operation}.a.check.ts`,
  kind: 'module',
  operation,
  sha256: '',
  checks,
});
const install = file('install', [
  { id: 'overlay.install.any', name: 'any' },
  { id: 'overlay.install.new', name: 'new', stage: 'head', title: 'New', boundary: 'state' },
  { id: 'overlay.install.old', name: 'old', stage: 'base' },
]);
const restore = file('restore', [{ id: 'overlay.restore.kept', name: 'kept', stage: 'head' }]);
const files = [install, restore];

test.each([
  [true, ['install', 'upgrade', 'install', 'restore']],
  [false, ['install', 'install', 'install', 'restore']],
])('with an upgrade planned: %j, checks follow %j', (upgrades, after) => {
  expect(expectedOverlayChecks(files, upgrades).map((check) => check.after)).toEqual(after);
});

test('what a file declares is expected', () => {
  expect(expectedOverlayChecks(files, true).slice(0, 2)).toEqual([
    {
      id: 'overlay.install.any',
      after: 'install',
      boundary: 'http',
      source: 'overlay',
      title: 'any (install.a.check.ts)',
    },
    {
      id: 'overlay.install.new',
      after: 'upgrade',
      boundary: 'state',
      source: 'overlay',
      title: 'New',
    },
  ]);
});

test('every expected check runs after exactly one operation', () => {
  for (const upgrades of [true, false]) {
    const run = ['install', 'upgrade', 'backup', 'restore'].flatMap((operation) =>
      overlaysAfter(files, operation, upgrades).flatMap((each) =>
        each.checks.map(({ id }) => `${id} ${operation}`),
      ),
    );
    const expected = expectedOverlayChecks(files, upgrades).map(
      ({ id, after }) => `${id} ${after}`,
    );
    expect([...run].sort()).toEqual([...expected].sort());
  }
});

test.each([
  ['overlay.install.any', 'base', true],
  ['overlay.install.any', 'head', false],
  ['overlay.install.old', 'base', false],
] as const)('%s failing on %s was asserted on base by default: %j', (id, stage, expected) => {
  expect(assertedOnBase(install, id, stage)).toBe(expected);
});
