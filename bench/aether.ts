// The language against a reader that does the least: split lines, three expressions. And against
// itself at ten times the size. All ratios are of one run; whole commands are in aether-commands.ts.
// npx tsx bench/aether.ts

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

/**
 * Each side in a process of its own, as a command is: in one process the small file would gain from
 * the room that the large one made the collector take. Both sides check as many lines in all.
 */
function tenfold(): number {
  const side = (lines: number): number => {
    const argv = [...process.execArgv, fileURLToPath(import.meta.url), String(lines)];
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return Number(stdout);
  };
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round += 1) ratios.push((side(40_000) / side(4000)) * 10);
  return median(ratios);
}

/** Milliseconds to check 160 000 lines, in files of so many each; the first round warms up. */
function checkLines(lines: number): number {
  const script = generateScript(makeRandom(9), 40_000).slice(0, lines);
  const bytes = Buffer.from(`${script.join('\n')}\n`);
  const times = Array.from({ length: rounds }, () =>
    millisecondsOf(() => {
      for (let done = 0; done < 160_000; done += lines) checkBytes(bytes);
    }),
  );
  return median(times.slice(1));
}

function measure(name: string, ratio: number, most: number): boolean {
  const holds = ratio <= most;
  say(`${holds ? 'ok  ' : 'MISS'} ${name}: ${ratio.toFixed(2)} × (at most ${String(most)} ×)`);
  return holds;
}

const [, , lines] = process.argv;
if (lines === undefined) compare();
else say(String(checkLines(Number(lines))));

function compare(): void {
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
}
