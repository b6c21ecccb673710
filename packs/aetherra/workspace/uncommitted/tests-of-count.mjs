import assert from 'node:assert/strict';
import test from 'node:test';
import { count } from '../src/count.mjs';

test('count', () => {
  assert.equal(count('a=1;b=2'), 2);
});
