// What Seatrial costs beyond starting Node: the program's version, and a whole run on the fake driver in
// a store that knows the releases. What counts are medians of differences within one round.
// npm run build && npx tsx bench/startup.ts [rounds]

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTurns, median, say, timed, type Program, type Timing } from './timed.ts';

const rounds = Number(process.argv[2] ?? 15);
const limits = { versionRatioMax: 1.6, runMsMax: 250 };
const least = { operations: 5, checks: 40 };

const store = mkdtempSync(join(tmpdir(), 'seatrial-bench-'));
const program = (name: string, ...args: readonly string[]): Program => ({
  name,
  argv: [process.execPath, ...args],
});
const manifest = ['--manifest', 'packs/floor/apps/fake/seatrial.yaml', '--store', store];
const run = program('seatrial run', 'dist/cli/main.js', 'run', ...manifest, '--quiet');

type Result = {
  readonly operations: readonly { readonly outcome: string }[];
  readonly checks: readonly { readonly verdict: string }[];
};

/** That the run is the one whose speed is promised. */
function demandWholeRun(): void {
  const [only = ''] = readdirSync(join(store, 'runs'));
  const text = readFileSync(join(store, 'runs', only, 'result.json'), 'utf8');
  const { operations, checks } = JSON.parse(text) as Result;
  const done = operations.filter(({ outcome }) => outcome === 'done').length;
  const passed = checks.filter(({ verdict }) => verdict === 'passed').length;
  if (done < least.operations || passed < least.checks)
    throw new Error(`${String(done)} operations and ${String(passed)} checks are not a whole run`);
}

const over = (some: readonly Timing[], base: readonly Timing[], key: keyof Timing): number =>
  median(some.map((timing, at) => timing[key] - (base[at]?.[key] ?? 0)));

try {
  timed(run);
  demandWholeRun();
  const [empty = [], version = [], runs = []] = inTurns(
    [
      program('node -e 0', '-e', '0'),
      program('seatrial --version', 'dist/cli/main.js', '--version'),
      run,
    ],
    rounds,
  );
  const ratio = median(version.map(({ wallMs }, at) => wallMs / (empty[at]?.wallMs ?? 1)));
  const runMs = over(runs, empty, 'wallMs');
  say(`startup.version: ratio ${ratio.toFixed(2)} (limit ≤ ${limits.versionRatioMax.toFixed(2)})`);
  say(
    `startup.run: ${runMs.toFixed(0)} ms more than node -e 0, of the processor ${over(runs, empty, 'processorMs').toFixed(0)} ms, ratio ${(runMs / limits.runMsMax).toFixed(2)} (limit ≤ 1.00 = ${String(limits.runMsMax)} ms)`,
  );
  process.exitCode = ratio <= limits.versionRatioMax && runMs <= limits.runMsMax ? 0 : 1;
} finally {
  rmSync(store, { recursive: true, force: true });
}
