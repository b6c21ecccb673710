import assert from 'node:assert/strict';
import test from 'node:test';
import { total } from '../src/total.mjs';

test('sum', () => {
  assert.equal(total('a=1;b=2'), 3);
});
