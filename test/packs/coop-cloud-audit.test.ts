// The acceptance list as an audit queue: each row is there, an empty store proves none of them, and whatever a row
// plans can be run and can go red.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkAudit } from '../../src/audit/check-audit.ts';
import { openAuditPack } from '../../src/audit/open-pack.ts';
import { decodeSource } from '../../src/diagnostics/source.ts';
import { systemFiles } from '../../src/drivers/files.ts';
import { renderWorkQueue } from '../../src/reporters/audit-markdown.ts';
import { loadCanaries } from '../../src/scenario/canaries.ts';
import { harness } from '../../src/cli/harness.ts';

const numbered = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}${String(at + 1)}`);

const everyRow = [...numbered('HC', 4), ...numbered('DG', 8), 'DG4.1', ...numbered('D', 10)];

/** Rows of which a part cannot be run by anybody yet. */
const waiting = 'D1 D3 D4 D5 D6 D7 D8 D9 D10 DG6 DG8 HC2 HC4'.split(' ');

const opened = openAuditPack(systemFiles, 'packs/coop-cloud', {
  toScript: (_path, code) => Promise.resolve({ code }),
  ...{ display: '', harness },
});

const audit = async () => {
  const { pack, reports } = await opened;
  expect(reports).toEqual([]);
  if (pack === undefined) throw new Error('the pack cannot be read');
  const nothing = { runs: [], bundles: new Map(), alive: new Set<string>() };
  const view = { ...nothing, listFaults: [], listHead: '' };
  return { pack, view, subject: 'reference', at: '2026-01-02T00:00:00Z' };
};

test('each row of the list is in the queue', async () => {
  const { pack } = await audit();
  expect(pack.rows.map(({ id }) => id).sort()).toEqual([...everyRow].sort());
});

test('an empty store proves nothing, and nothing else is missing than runs', async () => {
  const { rows, gates } = checkAudit(await audit(), {});
  for (const { row, status, reasons } of rows) {
    expect(status, row.id).toBe('unresolved');
    const codes = new Set(reasons.map(({ code }) => code));
    expect([...codes].filter((code) => code !== 'canary-never-red')).toEqual(['no-bundle']);
    const told = reasons.some(({ message }) => / was never run: /.test(message));
    expect(told, row.id).toBe(waiting.includes(row.id));
  }
  const asked = gates.filter(({ gate }) =>
    ['setup-gate', 'evidence-gate', 'audit-completeness-gate'].includes(gate),
  );
  expect(asked.flatMap(({ findings }) => findings)).toEqual([]);
});

test('what people read of the queue is its rendering of an empty store', async () => {
  const { rows } = checkAudit(await audit(), {});
  const written = readFileSync('packs/coop-cloud/audit/work-queue.md', 'utf8');
  expect(written).toBe(renderWorkQueue('coop-cloud', rows));
});

test('each planned check has a fault of the pack that is to kill it, under a manifest that the row plans', async () => {
  const { pack } = await audit();
  const { scenarios } = pack;
  const path = 'packs/coop-cloud/canaries/canaries.yaml';
  const { canaries = [] } = loadCanaries(decodeSource(path, readFileSync(path)).source);
  const unkillable = pack.rows.flatMap(({ id, planned }) => {
    const manifests = planned.scenarios.map((each) => scenarios.get(each)?.manifest);
    if (manifests.includes(undefined) && planned.scenarios.length === 1) return [];
    return planned.checks
      .filter((check) =>
        canaries.every(
          ({ manifest, kills }) => !manifests.includes(manifest) || !kills.includes(check),
        ),
      )
      .map((check) => `${id} ${check}`);
  });
  expect(unkillable).toEqual([]);
});
