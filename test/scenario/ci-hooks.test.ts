// The program that calls functions of a CI folder: what it tells them of the apps beside the app.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { ciProgram } from '../../src/scenario/ci-hooks.ts';

test.each([
  ['where they are', JSON.stringify({ idp: { url: 'http://127.0.0.1:1' } }), 'http://127.0.0.1:1'],
  ['nothing where there are none', undefined, 'none'],
])('ops.py learns %s', (_title, deps, said) => {
  const root = mkdtempSync(join(tmpdir(), 'seatrial-ci-hooks-'));
  try {
    mkdirSync(join(root, 'checks'));
    const code = `def pre_backup(ctx):
    print(ctx.deps.get("idp", {}).get("url", "none"))
`;
    writeFileSync(join(root, 'checks', 'ops.py'), code);
    const out = execFileSync('python3', ['-c', ciProgram, 'seed'], {
      cwd: root,
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'] ?? '',
        SEATRIAL_OPERATION: 'backup',
        ...(deps === undefined ? {} : { SEATRIAL_DEPS: deps }),
      },
    });
    expect(out.trim()).toBe(said);
  } finally {
    rmSync(root, { recursive: true });
  }
});
