// The event stream probe, and making the documents of a gate run from a journal of 100 000 records
// against parsing that journal alone. npx tsx bench/gates.ts

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemFiles } from '../src/drivers/files.ts';
import { canonicalJson, sha256Hex } from '../src/evidence/canonical.ts';
import { fold } from '../src/evidence/fold.ts';
import { readJournal } from '../src/evidence/journal-reader.ts';
import type { Entry } from '../src/evidence/record.ts';
import { renderResults } from '../src/gates/gate-results.ts';
import { reportGates } from '../src/gates/gates-report.ts';
import { renderSignOff } from '../src/gates/sign-off.ts';
import { sseParser } from '../src/gates/sse-parse.ts';
import { openSampleBundle, runStarted } from '../test/evidence/sample-run.ts';

const limits = { eventsPerSecondMin: 200_000, reportRatioMax: 2, residentMibMax: 300 };
const events = 400_000;
const gates = 100;
const checksPerGate = 20;
const records = 100_000;
const rounds = 5;

const say = (text: string) => process.stdout.write(`${text}\n`);
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Of the processor, so that a busy machine does not decide. */
async function processorSecondsOf(work: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

async function probe(): Promise<boolean> {
  const frame = (id: number): string =>
    `id: ${String(id)}\nevent: chunk\ndata: {"id":${String(id)},"type":"chunk","data":{"text":"some words of it"}}\n\n`;
  const bytes = Buffer.from(Array.from({ length: events }, (_, id) => frame(id + 1)).join(''));
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const parser = sseParser();
    let seen = 0;
    const seconds = await processorSecondsOf(() => {
      for (let at = 0; at < bytes.length; at += 65_536)
        seen += parser.push(bytes.subarray(at, at + 65_536)).length;
    });
    if (seen !== events) throw new Error(`${String(seen)} of ${String(events)} events`);
    rates.push(seen / seconds);
  }
  const ratio = (median(rates) / limits.eventsPerSecondMin).toFixed(2);
  say(
    `gates.sse: ${median(rates).toFixed(0)} events per processor second, ratio ${ratio} (limit ≥ 1.00)`,
  );
  return median(rates) >= limits.eventsPerSecondMin;
}

const gateNames = Array.from({ length: gates }, (_, index) => `gate_${String(index)}`);
const idOf = (gate: number, check: number): string => `gate.g${String(gate)}.c${String(check)}`;

function planNote(): Entry {
  const details = {
    schema: 'seatrial.gates-plan/v1',
    ...{ file: 'gates.yaml', gates_digest: 'a'.repeat(64), profile: 'test', commit: null },
    ...{ dirty: false, strict_manual: false, strict_risks: false, runs_head: 'b'.repeat(64) },
    ...{ evidence_base: 'runs/x', target: null, risks: [] },
    gates: gateNames.map((name) => ({
      ...{ name, title: name, required: true, manual: false, selected: true },
    })),
  };
  const data = { code: 'gates-plan', message: 'Gates.', severity: 'info' as const, details };
  return { type: 'note', data };
}

function* entries(): Generator<Entry> {
  yield planNote();
  let count = 2;
  for (const [gate, operation] of gateNames.entries()) {
    yield { type: 'operation.started', data: { operation, stage: 'head', budgetMs: 1000 } };
    for (let check = 0; check < checksPerGate; check += 1) {
      const data = { check: idOf(gate, check), operation, boundary: 'http' } as const;
      yield { type: 'check.started', data };
      const ended = { verdict: 'passed', attempt: 1, message: '200 as expected' } as const;
      yield {
        type: 'check.ended',
        data: { ...data, ...ended, evidence: [], touched: ['http'], durationMs: 3 },
      };
      count += 2;
    }
    yield { type: 'operation.ended', data: { operation, outcome: 'done', durationMs: 90 } };
    count += 2;
  }
  for (; count < records - 1; count += 1) {
    const message = `Request ${String(count)} was answered.`;
    yield { type: 'note', data: { code: 'app', message, severity: 'info' } };
  }
  yield { type: 'run.ended', data: { outcome: 'completed' } };
}

async function writeJournal(root: string): Promise<string> {
  const bundle = await openSampleBundle(root);
  const content = '{}';
  const plan = await bundle.put({ path: 'plan.json', mediaType: 'application/json', content });
  const expected = gateNames.flatMap((after, gate) =>
    Array.from({ length: checksPerGate }, (_, check) => ({
      ...{ id: idOf(gate, check), after, boundary: 'http' as const, title: 'asked' },
      source: 'scenario' as const,
    })),
  );
  const operations = gateNames.map((name) => ({ name }));
  const first = await bundle.append(
    runStarted({ plan, planDigest: plan.sha256, expected, operations }),
  );
  let prev = bundle.state().head;
  await bundle.close();
  const out = createWriteStream(bundle.paths.journal, { flags: 'a' });
  let seq = 1;
  for (const entry of entries()) {
    seq += 1;
    const text = canonicalJson({ ...entry, at: first.at, seq, prev });
    prev = sha256Hex(text);
    if (!out.write(`${text}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
  return bundle.paths.journal;
}

async function makeDocuments(journal: string): Promise<void> {
  const reading = await readJournal(systemFiles.stream(journal));
  const report = reportGates(fold(reading.records, reading.head));
  if (report?.decision !== 'go') throw new Error(`the sample is ${report?.decision ?? 'no run'}`);
  renderSignOff(report, renderResults(report, 'c'.repeat(64)));
}

async function report(root: string): Promise<boolean> {
  const journal = await writeJournal(root);
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 10);
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const parse = await processorSecondsOf(() => readJournal(systemFiles.stream(journal)));
    ratios.push((await processorSecondsOf(() => makeDocuments(journal))) / parse);
  }
  clearInterval(watch);
  const mebibytes = peak / (1 << 20);
  say(
    `gates.report of ${String(records)} records: ${median(ratios).toFixed(2)} × parsing them (limit ≤ 2.00), ${mebibytes.toFixed(0)} MiB (limit ≤ 300)`,
  );
  return median(ratios) <= limits.reportRatioMax && mebibytes <= limits.residentMibMax;
}

const folder = await mkdtemp(join(tmpdir(), 'seatrial-bench-'));
try {
  // A fresh heap for the one that measures memory.
  const fine = [await report(join(folder, 'run')), await probe()];
  process.exitCode = fine.every(Boolean) ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
