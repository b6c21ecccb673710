import { categories, facts } from './reader.mjs';

/** Rows are as they were when the backup was made. */
export async function rows_are_those_of_the_backup({ fetch, assert, evidence }) {
  const titles = await categories(fetch);
  const expect = [
    { at: '/titles', op: 'contains', value: 'kept' },
    { at: '/titles', op: 'lacks', value: 'later' },
  ];
  const check = 'overlay.restore.rows-are-those-of-the-backup';
  evidence('facts.json', facts(check, { titles }, expect));
  assert.ok(titles.includes('kept'), 'what the backup held is not back');
  assert.ok(!titles.includes('later'), 'what came after the backup is still there');
}
