import assert from 'node:assert/strict';
import test from 'node:test';
import { table } from '../generated/table.mjs';
import { parse } from '../src/parse.mjs';

test('pairs', () => {
  assert.deepEqual(parse('a=1;b=2'), [
    ['a', '1'],
    ['b', '2'],
  ]);
  assert.deepEqual(parse(''), []);
});

test('the table is whole', () => {
  assert.ok(table.length > 8000);
});
