// Whole commands on many workflow files: against one interpreter a file, against themselves on two
// cores, at ten times the size, and after one edit. What regress costs is in findings.ts.
// npx tsx bench/aether-commands.ts

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { linkScripts, writeScripts } from './timed-scripts.ts';
import { inTurns, median, say } from './timed.ts';

const rounds = 3;
const main = new URL('../dist/cli/main.js', import.meta.url).pathname;
const peer = new URL('aether-peer.py', import.meta.url).pathname;

const missed: string[] = [];

function measure(name: string, figure: string, holds: boolean): void {
  say(`${holds ? 'ok  ' : 'MISS'} ${name}: ${figure}`);
  if (!holds) missed.push(name);
}

/** Files that are wrong end the command with their code, which is no failure here. */
const shell = (name: string, command: string) => ({
  name,
  argv: ['sh', '-c', `${command} >/dev/null 2>&1; true`] as const,
});

const check = (folder: string, jobs: number): string =>
  `'${process.execPath}' '${main}' aether check --json --jobs ${String(jobs)} '${folder}'`;

function againstInterpreter(folder: string): void {
  const files = 500;
  const sampled = 50;
  writeScripts(folder, files);
  const each = `for at in $(seq 0 ${String(sampled - 1)}); do python3 '${peer}' "${folder}/$at.aether"; done`;
  const [theirs = [], ours = []] = inTurns(
    [shell('one interpreter a file', each), shell('check', check(folder, 1))],
    rounds,
  );
  const processor = (of: typeof ours): number => median(of.map(({ processorMs }) => processorMs));
  const ratio = (processor(theirs) * (files / sampled)) / processor(ours);
  measure(
    '500 files against one interpreter a file',
    `${ratio.toFixed(0)} × faster (at least 40 ×)`,
    ratio >= 40,
  );
}

function onTwoCores(folder: string): void {
  const busy = loadavg()[0] ?? 0;
  const [one = [], two = []] = inTurns(
    [shell('one', check(folder, 1)), shell('two', check(folder, 2))],
    rounds,
  );
  const wall = (of: typeof one): number => Math.min(...of.map(({ wallMs }) => wallMs));
  const ratio = wall(one) / wall(two);
  const isIdle = busy < availableParallelism() / 2;
  const around = isIdle ? '' : `; the machine was busy, load ${busy.toFixed(1)}`;
  measure(
    '10 000 files, --jobs 2 against --jobs 1',
    `${ratio.toFixed(2)} × faster (at least 1.5 × on two idle cores${around})`,
    ratio >= 1.5,
  );
}

type Cost = { readonly processorMs: number; readonly peakMiB: number };

/** Told by the process itself as it ends. */
function costOf(folder: string): Cost {
  const tell =
    'process.on("exit",()=>{const{maxRSS,userCPUTime,systemCPUTime}=process.resourceUsage();' +
    'process.stderr.write(`\\ncost ${maxRSS} ${userCPUTime+systemCPUTime}\\n`)})';
  const hook = `data:text/javascript,${encodeURIComponent(tell)}`;
  const argv = ['--import', hook, main, 'aether', 'check', '--json', '--jobs', '1', folder];
  const { stderr } = spawnSync(process.execPath, argv, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const [, memory = '', time = ''] = /^cost (\d+) (\d+)$/m.exec(stderr) ?? [];
  return { processorMs: Number(time) / 1000, peakMiB: Number(memory) / 1024 };
}

function tenfold(small: string, large: string): void {
  const [one, ten] = [costOf(small), costOf(large)];
  const time = ten.processorMs / one.processorMs;
  const memory = ten.peakMiB / one.peakMiB;
  // Less than ten is the start of the program, which is in both; less than five would be work not done.
  measure(
    '100 000 files against 10 000, time',
    `${time.toFixed(1)} × (at most 12 ×)`,
    time >= 5 && time <= 12,
  );
  measure(
    '100 000 files against 10 000, peak memory',
    `${memory.toFixed(2)} ×, ${ten.peakMiB.toFixed(0)} MiB (at most 1.5 ×, 400 MiB)`,
    memory <= 1.5 && ten.peakMiB <= 400,
  );
}

const editMaxMs = 20;

/** From the edit until the watch has told of it, in a process of its own. */
async function afterOneEdit(folder: string): Promise<void> {
  const child = spawn(process.execPath, [main, 'aether', 'watch', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const tally = async (): Promise<void> => {
    for (let next = await lines.next(); next.done !== true; next = await lines.next())
      if (/^\d+ files: /.test(next.value)) return;
    throw new Error('the watch ended');
  };
  await tally();
  const times: number[] = [];
  for (let edit = 0; edit < 20; edit += 1) {
    const start = performance.now();
    writeFileSync(join(folder, 'edited.aether'), `goal: "edit ${String(edit)}"\n`);
    await tally();
    times.push(performance.now() - start);
  }
  child.kill('SIGTERM');
  const told = median(times);
  measure(
    'one edit among 10 000 files',
    `${told.toFixed(1)} ms until told (at most ${String(editMaxMs)} ms)`,
    told <= editMaxMs,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'seatrial-bench-aether-'));
try {
  againstInterpreter(join(folder, 'few'));
  const paths = writeScripts(join(folder, 'contents'), 1000);
  const [small, large] = [join(folder, 'small'), join(folder, 'large')];
  linkScripts(paths, small, 10_000);
  onTwoCores(small);
  await afterOneEdit(small);
  rmSync(join(small, 'edited.aether'), { force: true });
  linkScripts(paths, large, 100_000);
  tenfold(small, large);
  process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
