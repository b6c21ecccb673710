import assert from 'node:assert/strict';
import test from 'node:test';
import { format } from '../src/format.mjs';

test('text', () => {
  assert.equal(format([['a', '1']]), 'a=1');
});
