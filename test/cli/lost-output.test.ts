// Half a document on a full disk must not look like a whole one.

import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';

const full = '/dev/full';

function ask(argument: string, to: string): readonly [code: number | null, told: string] {
  const stdout = openSync(to, 'w');
  try {
    const argv = ['--import', 'tsx', 'src/cli/main.ts', argument];
    const { status, stderr } = spawnSync(process.execPath, argv, {
      stdio: ['ignore', stdout, 'pipe'],
      encoding: 'utf8',
    });
    return [status, stderr];
  } finally {
    closeSync(stdout);
  }
}

test.skipIf(!existsSync(full)).each([
  ['--help', full, 3],
  ['--help', '/dev/null', 0],
  // Nothing was to be written, and the mistake counts.
  ['nonsense', full, 2],
])('%s into %s ends with %i', (argument, to, code) => {
  const [status, told] = ask(argument, to);
  expect(status).toBe(code);
  expect(told.includes('could not be written: ENOSPC')).toBe(code === 3);
});
