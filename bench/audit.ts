// Rows against bundles, as ratios within one run: everything cold against only hashing and parsing the
// same journals, the same after one more bundle, and after one changed row. npx tsx bench/audit.ts
// The first two are taken in turns, and what counts is the median of their ratios.
//
// SEATRIAL_BENCH=long measures 100 000 rows and 1 000 bundles of 1 000 records; otherwise a tenth.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkAudit } from '../src/audit/check-audit.ts';
import type { Row } from '../src/audit/queue-schema.ts';
import { openAuditCache } from '../src/cli/audit-cache.ts';
import { systemFiles } from '../src/drivers/files.ts';
import { bundleRoot } from '../src/evidence/bundle-paths.ts';
import { readJournal } from '../src/evidence/journal-reader.ts';
import { renderAuditHtml } from '../src/reporters/audit-html.ts';
import {
  makeSampleIn,
  openSamplePack,
  openSampleStore,
  writeCompleteStore,
  writeRun,
  type Sample,
} from '../test/audit/sample-store.ts';
import { median, say } from './timed.ts';

const long = process.env['SEATRIAL_BENCH'] === 'long';
const size = long
  ? { rows: 100_000, bundles: 1000, records: 1000, rounds: 1 }
  : { rows: 10_000, bundles: 100, records: 1000, rounds: 5 };
const limits = {
  coldRatioMax: 4,
  oneMoreRatioMax: long ? 0.02 : 0.2,
  oneRowMs: 1000,
  residentMib: 512,
};

async function secondsOf<Value>(
  work: () => Promise<Value> | Value,
): Promise<readonly [number, Value]> {
  const start = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(start);
  return [(user + system) / 1e6, value];
}

async function writeLongRun(sample: Sample, run: string): Promise<void> {
  await writeRun(sample, 'rebuild', run, {
    entries: (entries) => [
      ...entries.slice(0, -1),
      ...Array.from({ length: size.records - entries.length }, (_, at) => ({
        type: 'note' as const,
        data: { code: 'said', message: `Line ${String(at)} of ${run}`, severity: 'info' as const },
      })),
      ...entries.slice(-1),
    ],
  });
}

/** Of the processor's seconds, taken in turns. */
async function coldRatios(parse: () => Promise<unknown>, derive: () => Promise<unknown>) {
  const ratios: number[] = [];
  const colds: number[] = [];
  for (let round = 0; round < size.rounds; round += 1) {
    const [parsed] = await secondsOf(parse);
    const [derived] = await secondsOf(derive);
    ratios.push(derived / parsed);
    colds.push(derived);
  }
  return { ratios, cold: median(colds) };
}

function manyRows(row: Row): readonly Row[] {
  return Array.from({ length: size.rows }, (_, at) => ({
    ...row,
    id: `AQ-${String(at + 1).padStart(6, '0')}`,
    phase: at % 10,
  }));
}

async function bench(root: string): Promise<boolean> {
  const sample = await makeSampleIn(root);
  await writeCompleteStore(sample);
  const runs = Array.from(
    { length: size.bundles },
    (_, at) => `run-${String(at).padStart(4, '0')}`,
  );
  for (const run of runs) await writeLongRun(sample, run);
  const pack = await openSamplePack(sample);
  const [first] = pack.rows;
  if (first === undefined) throw new Error('the sample has a row');
  const rows = manyRows(first);
  const names = new Set(rows.map(({ id }) => id));
  // Rows share their scenario, so that each names what exists.
  const scenarios = new Map(
    [...pack.scenarios].map(([id, scenario]) => [
      id,
      {
        ...scenario,
        checks: scenario.checks.map((check) => ({
          ...check,
          rows: names,
        })),
      },
    ]),
  );
  const parse = async () => {
    for (const run of runs)
      await readJournal(
        systemFiles.stream(join(bundleRoot(sample.storeRoot, run), 'journal.jsonl')),
      );
  };
  let resident = 0;
  const watch = setInterval(() => (resident = Math.max(resident, process.memoryUsage().rss)), 20);
  const at = '2026-06-01T00:00:00Z';
  const derive = async (remembered: boolean) => {
    const cache = openAuditCache(sample.storeRoot);
    const view = await openSampleStore(sample, remembered ? { remembered: cache } : {});
    const audit = { pack: { ...pack, rows, scenarios }, view, subject: 'reference', at };
    return { audit, answer: checkAudit(audit, {}) };
  };
  const { ratios, cold } = await coldRatios(parse, () => derive(false));
  const { audit, answer } = await derive(true);
  await writeLongRun(sample, 'run-more');
  const [view] = await secondsOf(() =>
    openSampleStore(sample, { remembered: openAuditCache(sample.storeRoot) }),
  );
  const [oneRow] = await secondsOf(() => checkAudit(audit, { rows: new Set(['AQ-000001']) }));
  let characters = 0;
  for (const piece of renderAuditHtml(audit, answer)) characters += piece.length;
  clearInterval(watch);
  const mebibytes = resident / (1 << 20);
  const told = ratios.map((ratio) => ratio.toFixed(2)).join(', ');
  say(
    `audit.cold: ratio ${median(ratios).toFixed(2)} of ${told} (limit ≤ ${String(limits.coldRatioMax)}), ${cold.toFixed(2)} s of the processor`,
  );
  say(
    `audit.one-more: ratio ${(view / cold).toFixed(3)} (limit ≤ ${String(limits.oneMoreRatioMax)})`,
  );
  say(`audit.one-row: ${(oneRow * 1000).toFixed(0)} ms (limit ≤ ${String(limits.oneRowMs)})`);
  say(`audit.memory: ${mebibytes.toFixed(0)} MiB (limit ≤ ${String(limits.residentMib)})`);
  say(`audit.html: ${(characters / 1e6).toFixed(1)} MB in pieces`);
  return (
    median(ratios) <= limits.coldRatioMax &&
    view / cold <= limits.oneMoreRatioMax &&
    oneRow * 1000 <= limits.oneRowMs &&
    mebibytes <= limits.residentMib
  );
}

const root = await mkdtemp(join(tmpdir(), 'seatrial-bench-'));
try {
  process.exitCode = (await bench(root)) ? 0 : 1;
} finally {
  await rm(root, { recursive: true, force: true });
}
