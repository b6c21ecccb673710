// Verifying bundles against hashing the same bytes: one of large objects, one of a million records.
// npx tsx bench/verify.ts

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, openSync, readSync, closeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemFiles } from '../src/drivers/files.ts';
import { canonicalJson, sha256Hex } from '../src/evidence/canonical.ts';
import type { Entry, ObjectRef } from '../src/evidence/record.ts';
import { verifyBundle } from '../src/evidence/verify.ts';
import {
  checkEnded,
  checkStarted,
  openSampleBundle,
  runEnded,
  runStarted,
} from '../test/evidence/sample-run.ts';

const pairs = 5;
const objectBytes = 64 << 20;
const objectCount = 24;
const records = 1_000_000;
const limits = { ratioMin: 0.5, recordsPerSecondMin: 100_000, residentMibMax: 256 };

const say = (text: string) => process.stdout.write(`${text}\n`);
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const residentMib = () => process.memoryUsage().rss / (1 << 20);

async function secondsOf(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Of the processor, so that a busy machine does not decide an absolute limit. */
async function processorSecondsOf(work: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

async function verifyWhole(root: string): Promise<void> {
  const { findings } = await verifyBundle({ files: systemFiles, root });
  const wrong = findings.filter(({ severity }) => severity === 'error');
  if (wrong.length > 0) throw new Error(JSON.stringify(wrong.slice(0, 3)));
}

/** The least that a reader of these files could do. */
async function hashFiles(root: string): Promise<void> {
  const buffer = new Uint8Array(1 << 20);
  for (const { path, kind } of await systemFiles.listing(root, { digests: false })) {
    if (kind !== 'file') continue;
    const hash = createHash('sha256');
    const file = openSync(join(root, path), 'r');
    for (let read = 1; read > 0;) {
      read = readSync(file, buffer, 0, buffer.length, null);
      hash.update(buffer.subarray(0, read));
    }
    closeSync(file);
    hash.digest('hex');
  }
}

async function writeLargeObjects(root: string): Promise<void> {
  const bundle = await openSampleBundle(root);
  const plan = await bundle.put({
    path: 'plan.json',
    mediaType: 'application/json',
    content: '{}',
  });
  await bundle.append(runStarted({ plan, planDigest: plan.sha256 }));
  const content = randomBytes(objectBytes);
  const evidence: ObjectRef[] = [];
  for (let index = 0; index < objectCount; index += 1) {
    content.writeUInt32LE(index);
    evidence.push(await bundle.put({ path: `dump-${String(index)}`, mediaType: 'x/y', content }));
  }
  await bundle.append(checkStarted('a'));
  await bundle.append(checkEnded('a', 'passed', evidence));
  await bundle.append(runEnded());
  await bundle.close();
}

/** Notes and resources in turn, as a long run with a chatty app has them, written without the writer. */
async function writeManyRecords(root: string): Promise<void> {
  const bundle = await openSampleBundle(root);
  const plan = await bundle.put({
    path: 'plan.json',
    mediaType: 'application/json',
    content: '{}',
  });
  const first = await bundle.append(runStarted({ plan, planDigest: plan.sha256 }));
  let prev = bundle.state().head;
  await bundle.close();
  const out = createWriteStream(bundle.paths.journal, { flags: 'a' });
  for (let seq = 2; seq <= records; seq += 1) {
    const text = canonicalJson({ ...entryFor(seq), at: first.at, seq, prev });
    prev = sha256Hex(text);
    if (!out.write(`${text}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}

function entryFor(seq: number): Entry {
  const message = `Request ${String(seq)} was answered in ${String(seq % 90)} ms.`;
  if (seq % 4 > 0) return { type: 'note', data: { code: 'app', message, severity: 'info' } };
  const container = { kind: 'container', name: `web-${String(seq % 100)}` } as const;
  return { type: 'resource.intended', data: { ...container, undo: { id: seq } } };
}

async function largeObjects(root: string): Promise<boolean> {
  await writeLargeObjects(root);
  const ratios: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const raw = await secondsOf(() => hashFiles(root));
    ratios.push(raw / (await secondsOf(() => verifyWhole(root))));
  }
  const mebibytes = String((objectBytes * objectCount) >> 20);
  const ratio = median(ratios).toFixed(2);
  say(`verify.objects (${mebibytes} MiB): ratio ${ratio} (limit ≥ ${limits.ratioMin.toFixed(2)})`);
  return median(ratios) >= limits.ratioMin;
}

async function manyRecords(root: string): Promise<boolean> {
  await writeManyRecords(root);
  const before = residentMib();
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, residentMib())), 20);
  const rates: number[] = [];
  for (let run = 0; run < 3; run += 1)
    rates.push(records / (await processorSecondsOf(() => verifyWhole(root))));
  clearInterval(watch);
  const ratio = (median(rates) / limits.recordsPerSecondMin).toFixed(2);
  say(
    `verify.records: ${median(rates).toFixed(0)} records per processor second, ratio ${ratio} (limit ≥ 1.00)`,
  );
  const memory = `${peak.toFixed(0)} MiB, ${before.toFixed(0)} before`;
  say(
    `verify.memory at ${String(records)} records: ${memory} (limit ≤ ${String(limits.residentMibMax)} MiB)`,
  );
  return median(rates) >= limits.recordsPerSecondMin && peak <= limits.residentMibMax;
}

const folder = await mkdtemp(join(tmpdir(), 'seatrial-bench-'));
try {
  // A fresh heap for the one that measures memory.
  const fine = [
    await manyRecords(join(folder, 'records')),
    await largeObjects(join(folder, 'objects')),
  ];
  process.exitCode = fine.every(Boolean) ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
