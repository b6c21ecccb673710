// A small whole run, and the parts that tests write it with.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemFiles } from '../../src/drivers/files.ts';
import { openBundle, type Bundle, type BundleOptions } from '../../src/evidence/bundle.ts';
import type { JournalHeader } from '../../src/evidence/journal-chain.ts';
import type { Entry, ObjectRef, RecordData } from '../../src/evidence/record.ts';
import type { Redactor } from '../../src/evidence/redactor.ts';
import type { Verdict } from '../../src/evidence/verdict.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Json } from '../../src/ports/json.ts';

export const header: JournalHeader = {
  format: 'seatrial.journal/v1',
  run: 'run-1',
  store: 'store-1',
};

export const noSecrets: Redactor = {
  add: () => undefined,
  redactText: (text) => text,
  redactJson: (value) => value,
  stream: () => ({ push: (chunk) => chunk, end: () => new Uint8Array() }),
};

/** Masks one literal, also across chunks, the simple way: it holds back everything. */
export function literalRedactor(literal: string): Redactor {
  const mask = (text: string) => text.replaceAll(literal, '[REDACTED:it]');
  return {
    add: () => undefined,
    redactText: mask,
    redactJson: (value) => JSON.parse(mask(JSON.stringify(value))) as Json,
    stream: () => {
      const held: Uint8Array[] = [];
      return {
        push: (chunk) => {
          held.push(chunk);
          return new Uint8Array();
        },
        end: () => new Uint8Array(Buffer.from(mask(Buffer.concat(held).toString()))),
      };
    },
  };
}

/** Each look at it is `stepMs` later. */
export function steppingClock(stepMs = 1000, startMs = Date.UTC(2026, 0, 1)): Clock {
  let now = startMs - stepMs;
  return {
    now: () => new Date((now += stepMs)),
    monotonicMs: () => now,
    sleep: () => Promise.resolve(),
  };
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'seatrial-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export const objectRef = (digit: string): ObjectRef => ({
  path: `evidence/${digit}.json`,
  sha256: digit.repeat(64),
  bytes: 3,
  mediaType: 'application/json',
});

export const expectedIds = ['floor.install.done', 'floor.install.answers', 'overlay.shop.pays'];

export function runStarted(change: Partial<RecordData['run.started']> = {}): Entry {
  const release = { origin: 'directory', ref: 'dir:.', digest: 'd'.repeat(64) } as const;
  return {
    type: 'run.started',
    data: {
      ...header,
      job: 'job-1',
      attempt: 1,
      tool: { name: 'seatrial', version: '0.1.0' },
      host: { os: 'linux', arch: 'x64', kernel: '6', node: '20', bootId: 'b', name: 'h' },
      pid: 1,
      app: 'shop',
      instance: 'main',
      lock: 'shop-main',
      scenario: 'full',
      driver: { kind: 'process', version: '1', fake: false },
      work: '/tmp/work',
      plan: objectRef('a'),
      planDigest: 'a'.repeat(64),
      operations: [{ name: 'install' }],
      expected: expectedIds.map((id) => ({
        id,
        after: 'install',
        boundary: 'http',
        source: 'floor',
        title: id,
      })),
      base: { skipped: 'no-older-release' },
      head: release,
      selection: 'full',
      ...change,
    },
  };
}

export const checkStarted = (check: string): Entry => ({
  type: 'check.started',
  data: { check, operation: 'install', boundary: 'http' },
});

export const checkEnded = (
  check: string,
  verdict: Verdict = 'passed',
  evidence: readonly ObjectRef[] = [],
): Entry => ({
  type: 'check.ended',
  data: {
    ...{ check, operation: 'install', boundary: 'http', verdict, attempt: 1, evidence },
    ...{ message: `It ${verdict}.`, touched: ['http'], durationMs: 5 },
  },
});

export const operationStarted = (operation: string): Entry => ({
  type: 'operation.started',
  data: { operation, stage: 'head', budgetMs: 1000 },
});

export const operationEnded = (operation: string): Entry => ({
  type: 'operation.ended',
  data: { operation, outcome: 'done', durationMs: 10 },
});

export const note = (message: string): Entry => ({
  type: 'note',
  data: { code: 'said', message, severity: 'info' },
});

export const runEnded = (change: Partial<RecordData['run.ended']> = {}): Entry => ({
  type: 'run.ended',
  data: { outcome: 'completed', ...change },
});

/** Of a run that passes. */
export const wholeRun = (start: Entry = runStarted()): readonly Entry[] => [
  start,
  {
    type: 'undo.registered',
    data: { undo: 'folder', kind: 'folder', target: '/tmp/work', budgetMs: 1000 },
  },
  {
    type: 'resource.intended',
    data: { kind: 'deployment', name: 'main', undo: { folder: '/tmp/work' } },
  },
  operationStarted('install'),
  { type: 'resource.created', data: { kind: 'deployment', name: 'main', details: { pid: 7 } } },
  operationEnded('install'),
  ...expectedIds.flatMap((id) => [checkStarted(id), checkEnded(id)]),
  note('Größe: 5 €'),
  { type: 'resource.removed', data: { kind: 'deployment', name: 'main' } },
  { type: 'undo.ended', data: { undo: 'folder', outcome: 'restored' } },
  runEnded(),
];

export async function openSampleBundle(
  root: string,
  change: Partial<BundleOptions> = {},
): Promise<Bundle> {
  const clock = steppingClock();
  return openBundle({ files: systemFiles, clock, root, header, redactor: noSecrets, ...change });
}

/** A bundle on disk of a run that passed, with objects and reports. */
export async function writeSampleBundle(root: string): Promise<void> {
  const bundle = await openSampleBundle(root);
  const plan = await bundle.put({
    path: 'plan.json',
    mediaType: 'application/json',
    content: '{"plan":1}',
  });
  const shot = await bundle.put({
    path: 'evidence/shot.bin',
    mediaType: 'application/octet-stream',
    content: new Uint8Array(5000).fill(7),
  });
  const entries = wholeRun(runStarted({ plan, planDigest: plan.sha256 }));
  for (const entry of entries) {
    const shown = entry.type === 'check.ended' && entry.data.check === expectedIds[0];
    await bundle.append(shown ? checkEnded(entry.data.check, 'passed', [shot]) : entry);
  }
  await bundle.writeReport('report.html', '<!doctype html><title>Run</title>');
  await bundle.writeReport('junit.xml', '<testsuites/>');
  await bundle.writeReport('ctrf.json', '{}');
  await bundle.close();
}
