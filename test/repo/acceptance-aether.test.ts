// The acceptance script is part of verify; this asks whether it can fail.

import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder = '';

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'seatrial-programs-'));
});

afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

test('canary: programs that agree to everything pass nothing', () => {
  for (const name of ['aether.js', 'main.js']) fs.writeFileSync(join(folder, name), '');
  const script = ['--import', 'tsx', 'scripts/acceptance-aether.ts', folder];
  const { status, stdout } = spawnSync(process.execPath, script, { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stdout.match(/^PASS: .*$/gm)).toBe(null);
  expect(stdout.match(/^FAIL: /gm)?.length).toBeGreaterThan(25);
});
