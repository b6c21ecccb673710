import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { indexAudit, type Audit } from '../../src/audit/audit.ts';
import { checkAudit } from '../../src/audit/check-audit.ts';
import { deriveRow } from '../../src/audit/derive.ts';
import {
  heldLocks,
  makeSample,
  openSampleAudit,
  openSampleIndex,
  openSampleStore,
  writeCompleteStore,
  writeRun,
  type Sample,
} from './sample-store.ts';

const statuses = (audit: Audit): Readonly<Record<string, string>> => {
  const index = indexAudit(audit);
  return Object.fromEntries(
    audit.pack.rows.map((row) => [row.id, deriveRow(index, row).status] as const),
  );
};

const complete = { 'AQ-001': 'evidence-complete', 'AQ-002': 'evidence-complete' };

test('rows with everything are complete', async () => {
  const sample = await makeSample();
  await writeCompleteStore(sample);
  const index = await openSampleIndex(sample);
  for (const row of index.pack.rows) {
    const { status, reasons, runs } = deriveRow(index, row);
    expect(reasons).toEqual([]);
    expect(status).toBe('evidence-complete');
    expect(runs).toHaveLength(1);
  }
});

test('a run that still goes on hides nothing; once it is dead it counts', async () => {
  const sample = await makeSample();
  await writeCompleteStore(sample);
  await writeRun(sample, 'refuse', 'run-late', {
    entries: (entries) => entries.slice(0, 4),
    endUnlisted: true,
  });
  const audit = await openSampleAudit(sample);
  const going = { ...audit, view: await openSampleStore(sample, { locks: heldLocks }) };
  expect(statuses(going)).toEqual(complete);
  expect(statuses(audit)).toEqual({ ...complete, 'AQ-002': 'unresolved' });
});

test('V12: the order of bundles, files and rows changes nothing', async () => {
  const sample = await makeSample();
  await writeCompleteStore(sample);
  await writeRun(sample, 'rebuild', 'run-red', {
    draft: (draft) => draft.fail('demo.rebuild.marker-kept'),
  });
  const audit = await openSampleAudit(sample);
  const told = (each: Audit) => {
    const { rows, gates, exit } = checkAudit(each, {});
    return { rows: rows.toSorted((a, b) => (a.row.id < b.row.id ? -1 : 1)), gates, exit };
  };
  const expected = told(audit);
  const shuffled = <Item>(items: readonly Item[]) =>
    fc.shuffledSubarray([...items], { minLength: items.length });
  fc.assert(
    fc.property(
      fc.record({
        runs: shuffled(audit.view.runs),
        bundles: shuffled([...audit.view.bundles]),
        rows: shuffled(audit.pack.rows),
        scenarios: shuffled([...audit.pack.scenarios]),
        canaries: shuffled(audit.pack.canaries),
      }),
      ({ runs, bundles, rows, scenarios, canaries }) => {
        const view = { ...audit.view, runs, bundles: new Map(bundles) };
        const pack = { ...audit.pack, rows, scenarios: new Map(scenarios), canaries };
        expect(told({ ...audit, view, pack })).toEqual(expected);
      },
    ),
    { numRuns: 40 },
  );
});

async function filesOf({ storeRoot }: Sample): Promise<readonly string[]> {
  const entries = await readdir(join(storeRoot, 'runs'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

test('V13: no byte removed or altered completes a row', async () => {
  const sample = await makeSample();
  await writeCompleteStore(sample);
  // A newer red run: altering it must not bring the older green one back.
  await writeRun(sample, 'rebuild', 'run-red', {
    draft: (draft) => draft.fail('demo.rebuild.marker-kept'),
  });
  const files = await filesOf(sample);
  expect(files.length).toBeGreaterThan(40);
  const mark = (run: string) => files.filter((path) => path.includes(`/${run}/`));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...mark('run-red'), ...mark('run-refuse')),
      fc.nat(),
      fc.boolean(),
      async (path, at, remove) => {
        const bytes = await readFile(path);
        if (remove) await rm(path);
        else {
          const changed = Buffer.from(bytes);
          changed[at % bytes.length] = (changed[at % bytes.length] ?? 0) ^ 0x20;
          await writeFile(path, changed);
        }
        const found = statuses(await openSampleAudit(sample));
        await writeFile(path, bytes);
        expect(found['AQ-001']).toBe('unresolved');
        // What it was complete by is damaged now.
        if (path.includes('/run-refuse/')) expect(found['AQ-002']).toBe('unresolved');
      },
    ),
    { numRuns: 25 },
  );
});

test('rows that nobody planned well are never complete', async () => {
  const sample = await makeSample();
  await writeCompleteStore(sample);
  const audit = await openSampleAudit(sample);
  const [row] = audit.pack.rows;
  if (row === undefined) throw new Error('the sample has a row');
  const index = indexAudit(audit);
  const planned = { scenarios: ['refuse'], checks: ['demo.rebuild.marker-kept'] };
  const { status, reasons } = deriveRow(index, { ...row, planned, fixtures: [] });
  expect(status).toBe('unresolved');
  expect(reasons.map(({ code }) => code)).toContain('plan-mismatch');
});
