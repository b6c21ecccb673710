import fc from 'fast-check';
import { expect, test } from 'vitest';

test.skipIf(process.env['SEATRIAL_FUZZ'] !== undefined)(
  'properties are tried on the same values in every run',
  () => {
    const samples = (): readonly number[] => fc.sample(fc.integer(), 20);
    expect(samples()).toEqual(samples());
    expect(fc.readConfigureGlobal().seed).toBe(4711);
  },
);
