import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { together } from '../../src/ports/together.ts';

test.each([0, 1, 15, 16, 17, 100])('%i items are answered in their order', async (count) => {
  const items = Array.from({ length: count }, (_, index) => index);
  const answers = await together(items, async (item) => {
    // The later ones of a group end first.
    for (let turns = item % 16; turns < 16; turns += 1) await nextTurn();
    return item * 2;
  });
  expect(answers).toEqual(items.map((item) => item * 2));
});

test('some are worked on at a time, and never all of many', async () => {
  let [open, most] = [0, 0];
  await together(Array.from({ length: 100 }), async () => {
    open += 1;
    most = Math.max(most, open);
    await nextTurn();
    open -= 1;
  });
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(16);
});

test('a failure ends it, and later groups are not begun', async () => {
  const begun: number[] = [];
  const items = Array.from({ length: 100 }, (_, index) => index);
  const answer = together(items, async (item) => {
    begun.push(item);
    await nextTurn();
    if (item === 3) throw new Error('of 3');
  });
  await expect(answer).rejects.toThrow('of 3');
  expect(begun.length).toBeLessThan(100);
});
