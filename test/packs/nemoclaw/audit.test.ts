// The pack's audit, asked of a store without a single run: every row is there, none is complete, and the
// committed work queue says so.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditCheck } from '../../../src/cli/commands/audit-check.ts';
import { auditExport } from '../../../src/cli/commands/audit-export.ts';
import { captureTerminal } from '../../cli/captured-terminal.ts';

let store = '';
beforeAll(() => {
  store = mkdtempSync(join(tmpdir(), 'seatrial-nemo-audit-'));
});
afterAll(() => {
  rmSync(store, { recursive: true, force: true });
});

const pack = 'packs/nemoclaw';

test('no row is complete without evidence', async () => {
  const terminal = captureTerminal();
  const code = await auditCheck.run({ args: [], values: { pack, store } }, terminal);
  const rows = ['050', '051', '052', '053', '054', '055', '056'];
  const { out } = terminal.said();
  expect(out.split('\n').filter((line) => /^(PASS|FAIL|AMENDED): audit\.row/.test(line))).toEqual(
    rows.map((row) => `FAIL: audit.row.aq-${row}`),
  );
  expect(code).toBe(1);
});

test('the work queue is what the audit renders', async () => {
  const terminal = captureTerminal();
  const values = { pack, store, format: 'patch' };
  const code = await auditExport.run({ args: [], values }, terminal);
  expect({ code, patch: terminal.said().out }).toEqual({ code: 0, patch: '' });
});
