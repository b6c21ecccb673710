import { categories } from './reader.mjs';

export async function rows_stay({ fetch, assert }) {
  assert.ok((await categories(fetch)).includes('kept'), 'the category is gone');
}
