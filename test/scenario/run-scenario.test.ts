import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRunScenario } from '../../src/scenario/run-scenario.ts';
import type { Programs } from '../../src/scenario/scenario-operations.ts';
import { markedBy } from './at.ts';
import { load, seed, usual, written, type Parts } from './scenario-text.ts';

const programs: Programs = {
  digestOf: (file) => (file === 'seed.mjs' ? 'digest' : undefined),
  pathOf: (file) => `./${file}`,
};

const read = (parts: Parts) => {
  const { source, document, scenario } = load(written(parts));
  return { source, ...readRunScenario(document, scenario, programs) };
};

test('actions become operations, budgets and programs', () => {
  expect(read({}).scenario).toEqual({
    id: 'notes',
    title: 'Notes are kept',
    operations: ['install', 'custom-seed', 'upgrade', 'remove'],
    fromBase: true,
    text: { given: ['a base'], when: ['it is upgraded'], then: ['notes are kept'] },
    budgetsMs: { install: 60_000, 'custom-seed': 30_000, upgrade: 120_000 },
    actions: {
      'custom-seed': { argv: ['./seed.mjs', '--all'], sha256: 'digest', timeoutMs: 20_000 },
    },
  });
});

test('a removal that is written down is not added again', () => {
  const actions = [usual[0] ?? '', '{id: away, use: remove, timeout: 9s}'];
  expect(read({ actions }).scenario).toMatchObject({
    operations: ['install', 'remove'],
    fromBase: false,
    budgetsMs: { remove: 9000 },
  });
});

const use = (...words: readonly string[]): Parts => ({
  actions: words.map((word, at) => `{id: a${'b'.repeat(at)}, use: ${word}, timeout: 9s}`),
});
const acting = (inputs: string): Parts => ({
  actions: [usual[0] ?? '', `{id: seed, use: action, action: seed, timeout: 9s, with: ${inputs}}`],
});

const cases: readonly (readonly [string, Parts, readonly string[], readonly string[]])[] = [
  ['twice', use('install', 'backup', 'backup'), ['SC022'], ['backup']],
  ['no install', use('upgrade'), ['SC022'], ['upgrade']],
  ['late install', use('upgrade', 'install'), ['SC022', 'SC022'], ['upgrade', 'install']],
  ['early remove', use('install', 'remove', 'backup'), ['SC022'], ['remove']],
  ['restore alone', use('install', 'restore'), ['SC022'], ['restore']],
  ['restore first', use('install', 'restore', 'backup'), ['SC022'], ['restore']],
  ['backup of base', use('install', 'backup', 'upgrade'), ['SC022'], ['backup']],
  ['rebuild of base', use('install', 'rebuild', 'upgrade'), ['SC022'], ['rebuild']],
  [
    'inputs of a word',
    { actions: ['{id: a, use: install, timeout: 9s, with: {x: 1}}'] },
    ['SC099'],
    ['with'],
  ],
  ['no program', acting('{}'), ['SC003'], ['with']],
  ['program as text', acting('{argv: seed.mjs}'), ['SC003'], ['seed.mjs']],
  ['program of numbers', acting('{argv: [1]}'), ['SC003'], ['[1]']],
  ['unknown input', acting('{argv: [seed.mjs], argw: x}'), ['SC002'], ['argw']],
  ['absent program', acting('{argv: [sead.mjs]}'), ['SC011'], ['sead.mjs']],
  ['unfilled secret', acting('{argv: [seed.mjs, "{secret.x}"]}'), ['SC099'], ['"{secret.x}"']],
  [
    'must fail',
    { actions: ['{id: a, use: install, timeout: 9s, expect: {exit: 3}}'] },
    ['SC099'],
    ['3'],
  ],
  ['a name of ours', { id: 'fresh' }, ['SC003'], ['fresh']],
  [
    'fixtures',
    {
      fixtures:
        'fixtures: [{id: key, kind: key, restore: {budget: 9s}, with: {file: a.json, set: {/a: 1}}}]',
    },
    ['SC099'],
    ['fixtures'],
  ],
  [
    'no manifest',
    { manifest: `noManifestReason: {contract: none, reason: ${'x'.repeat(40)}}` },
    ['SC099'],
    ['noManifestReason'],
  ],
  [
    'base without upgrade',
    { ...use('install'), more: '  releases: {base: 1.0.0, head: 1.1.0}\n' },
    ['SC022'],
    ['1.0.0'],
  ],
];

describe('what cannot be run is named', () => {
  test.each(cases)('%s', (_name, parts, codes, marked) => {
    const { source, problems, scenario } = read(parts);
    expect(problems.map(({ code }) => code)).toEqual(codes);
    expect(markedBy(source, problems)).toEqual(marked);
    expect(scenario).toBeUndefined();
  });

  test('an expected failure', () => {
    const more = `  expectedFailure:
    action: seed
    exit: nonzero
    says: {stream: stderr, matches: no}
    check: floor.install.done
    forbiddenSideEffects: [{id: none, observe: data, mustEqualBefore: [/]}]
`;
    const failing = seed.replace('with:', 'expect: {exit: nonzero}, with:');
    const { problems } = read({ actions: [usual[0] ?? '', failing], more });
    expect(problems.map(({ code }) => code).sort()).toEqual(['SC099', 'SC099']);
  });

  test('a validation', () => {
    const { scenario, document } = load(`apiVersion: seatrial/v1
kind: Validation
metadata: {id: v, title: t, phase: 9}
spec:
  path: happy
  rows: [AQ-050]
  text: {given: [a], when: [b], then: [c]}
  members: planned
  expectAudit: {exit: 1, rows: {}}
  expectedChecks: [audit.phase9.rows-complete]
`);
    const { problems } = readRunScenario(document, scenario, programs);
    expect(problems.map(({ code }) => code)).toEqual(['SC099']);
  });
});

const words = ['install', 'upgrade', 'backup', 'restore', 'rebuild', 'custom', 'remove'];

test('whatever is accepted begins with install, ends with remove, does nothing twice and nothing too early', () => {
  let accepted = 0;
  const anyOrder = fc.tuple(fc.boolean(), fc.shuffledSubarray(words, { minLength: 1 }));
  fc.assert(
    fc.property(anyOrder, ([first, order]) => {
      const chosen = first ? ['install', ...order.filter((each) => each !== 'install')] : order;
      const { operations } = read(use(...chosen)).scenario ?? {};
      if (operations === undefined) return;
      accepted += 1;
      expect(operations[0]).toBe('install');
      expect(operations.indexOf('remove')).toBe(operations.length - 1);
      expect(new Set(operations).size).toBe(operations.length);
      for (const late of ['backup', 'restore', 'rebuild'] as const)
        if (operations.includes(late))
          expect(operations.indexOf('upgrade')).toBeLessThan(operations.indexOf(late));
      if (operations.includes('restore'))
        expect(operations.slice(0, operations.indexOf('restore'))).toContain('backup');
    }),
    { seed: 1 },
  );
  expect(accepted).toBeGreaterThan(5);
});
