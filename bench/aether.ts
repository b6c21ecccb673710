// The language against a reader that does the least: split lines, three expressions. And against
// itself at ten times the size. All ratios are of one run; whole commands are in aether-commands.ts.
// npx tsx bench/aether.ts

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkBytes } from '../src/aether/check-text.ts';
import { referenceVerdict } from '../src/aether/reference.ts';
import { generateScript, makeRandom } from '../test/aether/generate.ts';
import { writeScripts } from './timed-scripts.ts';

const files = 1000;
const rounds = 5;
const limits = { againstReader: 15, tenfold: 12 };

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Processor time: what else the machine does is not on the bill. */
function millisecondsOf(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** The peer: what any line-based checker has to do. */
function readLines(path: string): number {
  let found = 0;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    if (/^\s*[A-Za-z_]\w*\s*:/.test(line)) found += 1;
    if (/([A-Za-z_][\w.]*)\s*\(.*\)\s*$/.test(line)) found += 1;
  }
  return found;
}

function checkFile(path: string): number {
  const bytes = readFileSync(path);
  return checkBytes(bytes).code + referenceVerdict(bytes).code;
}

function againstReader(paths: readonly string[]): number {
  const ratios: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const peer = millisecondsOf(() => {
      for (const path of paths) readLines(path);
    });
    const ours = millisecondsOf(() => {
      for (const path of paths) checkFile(path);
    });
    if (round > 0) ratios.push(ours / peer);
  }
  return median(ratios);
}

function tenfold(): number {
  const lines = generateScript(makeRandom(9), 40_000);
  const encode = (count: number): Uint8Array =>
    Buffer.from(`${lines.slice(0, count).join('\n')}\n`);
  const [small, large] = [encode(4000), encode(40_000)];
  const repeat = (bytes: Uint8Array, times: number): void => {
    for (let at = 0; at < times; at += 1) checkBytes(bytes);
  };
  const ratios: number[] = [];
  // Both sides do the same amount of work, so that each pays for the memory it uses.
  for (let round = 0; round <= rounds; round += 1) {
    const one = millisecondsOf(() => {
      repeat(small, 40);
    });
    const ten = millisecondsOf(() => {
      repeat(large, 4);
    });
    if (round > 0) ratios.push((ten / one) * 10);
  }
  return median(ratios);
}

function measure(name: string, ratio: number, most: number): boolean {
  const holds = ratio <= most;
  say(`${holds ? 'ok  ' : 'MISS'} ${name}: ${ratio.toFixed(2)} × (at most ${String(most)} ×)`);
  return holds;
}

const folder = mkdtempSync(join(tmpdir(), 'seatrial-bench-aether-'));
try {
  const paths = writeScripts(folder, files);
  const held = [
    measure(
      '1000 files, syntax, meaning and reference verdict, against the reader',
      againstReader(paths),
      limits.againstReader,
    ),
    measure('40 000 lines against 4000', tenfold(), limits.tenfold),
  ];
  process.exitCode = held.every(Boolean) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
