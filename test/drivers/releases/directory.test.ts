import { describe, expect, it } from 'vitest';

import { versionOfName } from '../../../src/drivers/releases/directory.ts';

describe('versions', () => {
  it.each([
    ['1.2.3', '1.2.3'],
    ['v1.2.3.tgz', '1.2.3'],
    ['my-app-1.2.3-rc.1.tar.gz', '1.2.3-rc.1'],
    ['app', undefined],
    ['1.2', undefined],
    ['1.2.3.txt', undefined],
  ])('by name: %s', (name, version) => {
    expect(versionOfName(name)).toBe(version);
  });
});
