import { expect, test } from 'vitest';
import { systemIds } from '../../src/drivers/ids.ts';

test('nonces have the length asked for and differ', () => {
  expect(systemIds.nonce(8)).toMatch(/^[0-9a-f]{16}$/);
  expect(systemIds.nonce(8)).not.toBe(systemIds.nonce(8));
});
