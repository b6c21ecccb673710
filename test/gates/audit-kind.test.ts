// Gates of kind `audit` over the sample pack of the audit's own tests and a store of real bundles.

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { makeSampleIn, writeCompleteStore } from '../audit/sample-store.ts';
import { gateFolder, type GateFolder } from './gate-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'seatrial-audit-kind-'));
let folder: GateFolder;
beforeAll(async () => {
  await writeCompleteStore(await makeSampleIn(root));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});
afterEach(() => {
  folder.remove();
});

async function asked(check: string, store = 'store'): Promise<string> {
  folder = gateFolder(
    `version: 1\ngates:\n  one:\n    kind: audit\n    checks: [{id: gate.one.asked, pack: pack, max_age: 9999d, ${check}}]\n    canary: [{env: {A: b}, red: gate.one.asked}]\n`,
  );
  for (const name of ['pack', 'store'])
    cpSync(join(root, name), join(folder.folder, name), { recursive: true });
  await folder.run('--store', join(folder.folder, store));
  const [found] = folder.results()['one']?.checks ?? [];
  return `${found?.verdict ?? ''}: ${found?.summary ?? ''}`;
}

// [the check, the answer on a complete store, the answer on an empty one]
test.each([
  [
    'status: evidence-complete',
    /^passed: 2 rows as wanted/,
    /^(?:failed|inconclusive): AQ-001 is unresolved/,
  ],
  ['rows: [AQ-001]', /^passed: 1 rows/, /^(?:failed|inconclusive): AQ-001/],
  ['gate: evidence-gate', /^passed: \d+ items evaluated/, /^(?:failed|inconclusive): /],
  ['status: audit-amended', /^failed: AQ-001 is evidence-complete/, /^(?:failed|inconclusive): /],
  ['rows: [AQ-999]', /^error: /, /^error: /],
  ['gate: no-such-gate', /^error: the audit has no gate/, /^error: /],
])('%s', async (check, complete, empty) => {
  expect(await asked(check)).toMatch(complete);
  folder.remove();
  expect(await asked(check, 'none')).toMatch(empty);
});
