import { categories, facts, programVersion } from './reader.mjs';

/** The reader's category survived the migrations of the schema. */
export async function keeps_the_category({ fetch, assert }) {
  assert.ok((await categories(fetch)).includes('kept'), 'the category is gone');
}

/** An older program starts on a newer schema without a word; what it says of itself tells. */
export async function never_goes_back({ snapshots, fetch, assert, evidence }) {
  const before = snapshots.before.services.app.spec.image.split(':').at(-1);
  const now = await programVersion(fetch);
  const numbers = (text) => text.split('.').map(Number);
  const [was, is] = [numbers(before), numbers(now)];
  const at = was.findIndex((part, index) => part !== is[index]);
  const older = at !== -1 && is[at] < was[at];
  const expect = [{ at: '/older', op: 'equals', value: false }];
  evidence('facts.json', facts('overlay.upgrade.never-goes-back', { before, now, older }, expect));
  assert.ok(!older, `${before} was replaced by ${now}`);
}
