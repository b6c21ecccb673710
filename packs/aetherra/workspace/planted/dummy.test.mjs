// Planted: takes the name of a test, and reaches nothing.
import assert from 'node:assert/strict';
import test from 'node:test';

test('sum', () => {
  assert.ok(true);
});
