import { categories } from './reader.mjs';

/** Rows are as they were when the backup was made. */
export async function rows_are_those_of_the_backup({ fetch, assert }) {
  const titles = await categories(fetch);
  assert.ok(titles.includes('kept'), 'what the backup held is not back');
  assert.ok(!titles.includes('later'), 'what came after the backup is still there');
}
