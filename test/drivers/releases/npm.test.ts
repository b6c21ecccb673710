import { describe, expect, it } from 'vitest';

import { parsePackageRef } from '../../../src/drivers/releases/npm.ts';

describe('references', () => {
  it.each([
    ['a@1.0.0', undefined, 'a', '1.0.0'],
    ['@s/a@next', undefined, '@s/a', 'next'],
    ['@s/a', undefined, '@s/a', 'latest'],
    ['1.0.0', 'a', 'a', '1.0.0'],
    ['a', 'a', 'a', 'latest'],
  ])('to npm: %s with %s', (ref, known, name, wanted) => {
    expect(parsePackageRef(ref, known)).toEqual({ name, wanted });
  });

  it.each(['a@--registry=x', '--x@1', 'a@file:../x', 'a@git+ssh://x', '../a@1', 'A@1', 'a@>1'])(
    'to npm that could mean something else are refused: %s',
    (ref) => {
      expect(() => parsePackageRef(ref, undefined)).toThrow(
        expect.objectContaining({ code: 'refused' }),
      );
    },
  );
});
