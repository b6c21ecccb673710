// Appending to a journal against a bare writer of the same JSON lines with the same syncs: once without
// masking, and once with a run's own redactor and its planted secrets.
// npx tsx bench/journal.ts

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/drivers/clock.ts';
import { systemFiles } from '../src/drivers/files.ts';
import { systemIds } from '../src/drivers/ids.ts';
import { openJournal } from '../src/evidence/journal-writer.ts';
import type { Entry } from '../src/evidence/record.ts';
import type { Redactor } from '../src/evidence/redactor.ts';
import { makeRunSecrets } from '../src/lifecycle/run-secrets.ts';
import { header, noSecrets, runStarted } from '../test/evidence/sample-run.ts';
import { median, say } from './timed.ts';

const pairs = 5;
const runMs = 1000;
const ratioMin = 0.6;

/** Each starts an operation's worth of records: a durable one and the lines that follow it. */
type Writer = {
  readonly group: (index: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

const linesPerSync = 10;
const durable = (index: number): Entry => ({
  type: 'resource.intended',
  data: { kind: 'container', name: `web-${String(index)}`, undo: { id: index, mark: 'run-1' } },
});
const line = (index: number): Entry => ({
  type: 'note',
  data: {
    code: 'app.output',
    severity: 'info',
    message: `Request ${String(index)} was answered in ${String(index % 90)} ms.`,
    details: { service: 'web', status: 200, path: '/api/items' },
  },
});

async function journalWriter(path: string, redactor: Redactor): Promise<Writer> {
  const journal = await openJournal({
    ...{ files: systemFiles, clock: systemClock, path, header, redactor },
  });
  await journal.append(runStarted());
  return {
    group: async (index) => {
      for (let each = 1; each < linesPerSync; each += 1) await journal.append(line(index + each));
      await journal.append(durable(index));
    },
    close: journal.close,
  };
}

async function bareWriter(path: string): Promise<Writer> {
  const file = await systemFiles.openAppend(path);
  const encoder = new TextEncoder();
  return {
    group: async (index) => {
      let text = '';
      for (let each = 1; each < linesPerSync; each += 1)
        text += `${JSON.stringify({ at: new Date(), ...line(index + each) })}\n`;
      text += `${JSON.stringify({ at: new Date(), ...durable(index) })}\n`;
      await file.append(encoder.encode(text));
      await file.sync();
    },
    close: file.close,
  };
}

async function recordsPerSecond(open: (path: string) => Promise<Writer>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'seatrial-bench-'));
  try {
    const writer = await open(join(folder, 'journal.jsonl'));
    const start = performance.now();
    let records = 0;
    for (; performance.now() - start < runMs; records += linesPerSync) await writer.group(records);
    const seconds = (performance.now() - start) / 1000;
    await writer.close();
    return records / seconds;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The state of a run's redactor as it is after the first few records. */
const redactor = makeRunSecrets(systemIds, undefined).redactor;

const arms: Readonly<Record<string, (path: string) => Promise<Writer>>> = {
  'journal.append': (path) => journalWriter(path, noSecrets),
  'journal.append, redacted': (path) => journalWriter(path, redactor),
};

for (const [name, open] of Object.entries(arms)) {
  const ratios: number[] = [];
  const rates: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const bare = await recordsPerSecond(bareWriter);
    const ours = await recordsPerSecond(open);
    rates.push(ours);
    ratios.push(ours / bare);
  }
  const ratio = median(ratios);
  say(`${name}: ${median(rates).toFixed(0)} records/s, one sync in ${String(linesPerSync)}`);
  say(`${name}: ratio ${ratio.toFixed(2)} (limit ≥ ${ratioMin.toFixed(2)})`);
  if (ratio < ratioMin) process.exitCode = 1;
}
