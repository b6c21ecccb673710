import { describe, expect, test } from 'vitest';
import { checkString } from '../../src/aether/check-text.ts';
import { interpret, type RunOutcome } from '../../src/aether/interpret.ts';
import { ruleCodes, rules } from '../../src/aether/rules.ts';
import { failed, hang, makeWorld, ok, type Answer } from './virtual-effects.ts';

const demos = ruleCodes.filter((code) => rules[code].demo?.how === 'run');

const answers: Record<string, Answer> = {
  fail: () => failed(),
  hang,
  big: () => ({ ...ok('x'), tokens: 1000 }) as ReturnType<typeof ok>,
  'no-undo': () => ({ ok: true, value: 1 }),
  'undo-fails': () => ({ ok: true, value: 1, undo: async () => Promise.resolve(false) }),
};

describe.each(demos)('%s', (code) => {
  async function show(text: string): Promise<RunOutcome> {
    const demo = rules[code].demo;
    if (demo?.how !== 'run') throw new Error('not a run');
    const told = Object.entries(demo.answers ?? {}).map(
      ([name, answer]) => [name, answers[answer]] as const,
    );
    const world = makeWorld(
      Object.fromEntries(
        told.flatMap(([name, answer]) => (answer === undefined ? [] : [[name, answer]])),
      ),
      { isMock: false },
    );
    const { provider, ...bare } = world.effects;
    const effects = demo.bare === true || provider === undefined ? bare : { ...bare, provider };
    const limits = demo.timeoutMs === undefined ? {} : { timeoutMs: demo.timeoutMs };
    return interpret(checkString(text), effects, new AbortController().signal, limits);
  }

  test('ends the run on its canary', async () => {
    const outcome = await show(rules[code].bad);
    expect(outcome.problem?.code).toBe(code);
    expect(outcome.code).toBe(rules[code].class);
  });

  test('does not on the nearest script', async () => {
    expect((await show(rules[code].good)).code).toBe(0);
  });
});
