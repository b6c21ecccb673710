import { describe, expect, test } from 'vitest';
import type { OperationName } from '../../src/scenario/plan.ts';
import { builtInScenario, builtInScenarios } from '../../src/scenario/scenarios.ts';
import {
  chooseOperations,
  floorSkip,
  lintSkip,
  readSelection,
  type SkipInputs,
} from '../../src/scenario/skip-rules.ts';

const lifecycle = builtInScenario('lifecycle')?.operations ?? [];
const backup = { capable: 'auto', attempts: 1, how: 'stopped' } as const;
const all: SkipInputs = {
  operations: lifecycle,
  manifest: { backup, notApplicable: {} },
  capabilities: { rebuild: true, backup: true, restore: true, 'data-markers': true },
  hasCustom: true,
};

/** `name: kind reason` of what is skipped. */
const skipped = (inputs: Partial<SkipInputs>): readonly string[] =>
  chooseOperations({ ...all, ...inputs }).operations.flatMap(({ name, skip }) =>
    skip === undefined ? [] : [`${name}: ${skip.kind} ${skip.reason}`],
  );

test('nothing is skipped without a reason', () => {
  expect(skipped({})).toEqual([]);
  expect(chooseOperations(all).selection).toBe('full');
});

describe('structural and declared', () => {
  test.each<[Partial<SkipInputs>, readonly string[]]>([
    [
      { noBase: { reason: 'no-older-release', declared: false } },
      ['upgrade: structural no-older-release'],
    ],
    [
      { noBase: { reason: 'first one ever', declared: true } },
      ['upgrade: declared first one ever'],
    ],
    [
      { capabilities: { ...all.capabilities, backup: 'no volumes' } },
      ['backup: structural no volumes', 'restore: structural there is no backup to restore'],
    ],
    [{ capabilities: { ...all.capabilities, restore: 'cannot' } }, ['restore: structural cannot']],
    [{ capabilities: { ...all.capabilities, rebuild: 'cannot' } }, ['rebuild: structural cannot']],
    [{ hasCustom: false }, ['custom: structural no overlay and no action']],
    [
      { manifest: { backup: { ...backup, capable: { no: 'stateless' } }, notApplicable: {} } },
      ['backup: declared stateless', 'restore: structural there is no backup to restore'],
    ],
    [
      {
        manifest: { backup, notApplicable: { rebuild: 'why' } },
        capabilities: { ...all.capabilities, rebuild: 'x' },
      },
      ['rebuild: declared why'],
    ],
    [
      { manifest: { backup, notApplicable: { data: 'why' } } },
      ['backup: declared why', 'restore: declared why', 'rebuild: declared why'],
    ],
    [{ manifest: { backup, notApplicable: { install: 'x', remove: 'x', lint: 'x' } } }, []],
  ])('%#: %j', (inputs, expected) => {
    expect(skipped(inputs)).toEqual(expected);
  });
});

describe('--ops', () => {
  const done = (inputs: Partial<SkipInputs>): readonly string[] =>
    chooseOperations({ ...all, ...inputs })
      .operations.filter(({ skip }) => skip === undefined)
      .map(({ name }) => name);
  const noBase = { reason: 'no-older-release', declared: false };

  test.each<[readonly OperationName[], readonly string[]]>([
    [['install'], ['install', 'remove']],
    [['remove'], ['install', 'remove']],
    [['upgrade'], ['install', 'upgrade', 'remove']],
    [['backup'], ['install', 'upgrade', 'backup', 'remove']],
    [['restore'], ['install', 'upgrade', 'backup', 'restore', 'remove']],
    [['rebuild'], ['install', 'upgrade', 'rebuild', 'remove']],
    [['custom'], ['install', 'upgrade', 'custom', 'remove']],
  ])('%j does %j', (selection, expected) => {
    expect(done({ selection })).toEqual(expected);
    expect(chooseOperations({ ...all, selection }).selection).toBe('partial');
  });

  test('without a base no upgrade is needed', () => {
    expect(done({ selection: ['backup'], noBase })).toEqual(['install', 'backup', 'remove']);
  });

  test('the rest is not asked for, and says so', () => {
    expect(skipped({ selection: ['install'], noBase })).toEqual([
      'upgrade: structural no-older-release',
      ...['backup', 'restore', 'rebuild', 'custom'].map(
        (name) => `${name}: not-asked not selected by --ops`,
      ),
    ]);
  });

  test('all of them is a full run', () => {
    expect(chooseOperations({ ...all, selection: lifecycle }).selection).toBe('full');
  });

  test.each([
    ['backup', { operations: ['backup'] }],
    ['restore, backup', { operations: ['backup', 'restore'] }],
    ['backpu', { unknown: 'backpu', hint: 'Did you mean backup?' }],
    ['', { unknown: '', hint: `Known: ${lifecycle.join(', ')}.` }],
  ])('%j is read', (text, expected) => {
    expect(readSelection(text, lifecycle)).toEqual(expected);
  });
});

describe('skipFloor', () => {
  const skipFloor = { all: 'for all', backup: 'for backup' };
  test.each([
    ['install', 'for all'],
    ['backup', 'for backup'],
    ['recipe', undefined],
    ['run', undefined],
    ['remove', undefined],
  ] as const)('of %s: %j', (operation, reason) => {
    expect(floorSkip({ skipFloor }, operation)?.reason).toBe(reason);
  });

  test('nothing by default', () => {
    expect(floorSkip({ skipFloor: {} }, 'install')).toBeUndefined();
    expect(lintSkip({ notApplicable: {} })).toBeUndefined();
    expect(lintSkip({ notApplicable: { lint: 'why' } })).toEqual({
      kind: 'declared',
      reason: 'why',
    });
  });
});

test.each(builtInScenarios)('$id installs first and removes last', ({ operations, text }) => {
  expect(operations[0]).toBe('install');
  expect(operations.at(-1)).toBe('remove');
  for (const sentences of Object.values(text)) expect(sentences).not.toEqual([]);
});

test('an unknown scenario is none', () => {
  expect(builtInScenario('lifecyle')).toBeUndefined();
});
