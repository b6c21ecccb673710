import { expect, test } from 'vitest';
import { renderPlan } from '../../src/cli/render-plan.ts';
import type { Release } from '../../src/ports/release.ts';
import type { BaseCandidate, Plan } from '../../src/scenario/plan.ts';

const release = (version: string): Release => ({ origin: 'npm', ref: `npm:x@${version}`, version });

const left = (count: number, reason: string): readonly BaseCandidate[] =>
  Array.from({ length: count }, (_, index) => ({
    release: release(`1.0.${String(index)}`),
    taken: false,
    reason,
  }));

function planWith(given: Pick<Plan, 'base' | 'head' | 'candidates'>): Plan {
  return {
    format: 'seatrial.plan/v1',
    app: 'x',
    instance: 'x-1',
    scenario: { id: 'lifecycle', title: 'all' },
    driver: 'process',
    headReason: 'asked',
    operations: [],
    fixtures: [],
    expected: [],
    overlays: [],
    hooks: {},
    selection: 'full',
    ...given,
  } as unknown as Plan;
}

const digest = 'a'.repeat(64);
const head = { ...release('2.0.0'), digest };
const taken = { release: release('1.9.0'), taken: true, reason: 'the newest older release' };

test('of hundreds of releases a few are shown, the one taken first, and the rest are counted', () => {
  const candidates = [...left(7, 'is older still'), taken, ...left(300, 'is a pre-release')];
  const text = renderPlan(planWith({ base: { ...taken.release, digest }, head, candidates }));
  const lines = text.split('\n').filter((line) => /^ {2}[✓·]/.test(line));
  expect(lines[0]).toBe('  ✓ npm:x@1.9.0: the newest older release');
  expect(lines).toHaveLength(8);
  expect(lines.slice(-2)).toEqual(['  · 2 more: is older still', '  · 300 more: is a pre-release']);
});

test.each<[string, Pick<Plan, 'base' | 'head' | 'candidates'>, boolean]>([
  [
    'head has no version',
    {
      base: { skipped: 'no-older-release' },
      head: { origin: 'directory', ref: 'dir:.', digest },
      candidates: left(1, 'cannot be shown to be older'),
    },
    true,
  ],
  [
    'head has one',
    { base: { skipped: 'no-older-release' }, head, candidates: left(1, 'is newer than head') },
    false,
  ],
  [
    'nothing was published',
    {
      base: { skipped: 'no-older-release' },
      head: { origin: 'directory', ref: 'dir:.', digest },
      candidates: [],
    },
    false,
  ],
  ['there is a base', { base: { ...taken.release, digest }, head, candidates: [taken] }, false],
])('a lost upgrade is explained where it is: %s', (_name, given, hinted) => {
  expect(renderPlan(planWith(given)).includes('hint: head')).toBe(hinted);
});
