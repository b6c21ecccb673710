import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { version } from '../../src/cli/version.ts';

test('the program and its package have one version', () => {
  const { version: packaged } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    version: string;
  };
  expect(version).toBe(packaged);
});
