// The main job on a real application: Node-RED from the npm registry, as plain processes.
//   1. 3.1.15 → 4.1.15, as published: passes.
//   2. 4.1.15 with a change that silently loses the user's data: caught, exit code 1.
//   3. Seatrial itself killed in the middle of an upgrade: recover leaves nothing, report says so.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { heading, run, say, type Ended } from './steps.ts';

const manifest = 'examples/node-red/seatrial.yaml';
const [base, head] = ['3.1.15', '4.1.15'];
const store = process.env['SEATRIAL_STORE'] ?? '.seatrial';
const [key, trustedKeys] = [join(store, 'demo-key.pem'), join(store, 'seatrial.keys.yaml')];
const started = performance.now();

const seatrial = (args: readonly string[], options: Parameters<typeof run>[2] = {}) =>
  run(process.execPath, ['dist/cli/main.js', ...args, '--store', store], {
    show: true,
    ...options,
  });

function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(`The demo did not go as it must: ${what}`);
}

const took = ({ seconds }: Pick<Ended, 'seconds'>): void => {
  say(`\nThis scenario took ${seconds.toFixed(1)} s.`);
};

const bundleOf = (ended: Ended): string => /Bundle\s+(\S+)/.exec(ended.stdout)?.[1] ?? '';

type Ran = { readonly bundle: string };

async function firstScenario(): Promise<Ran> {
  heading(`1 of 3: Node-RED ${base} → ${head}, as its makers published it`);
  const ended = await seatrial(['run', '--manifest', manifest, '--base', base, '--head', head]);
  demand(ended.code === 0, `a sound upgrade must pass with exit code 0, not ${String(ended.code)}`);
  took(ended);
  return { bundle: bundleOf(ended) };
}

/**
 * Begun beside the first, since both mostly wait for the app: another head is another instance, with folders,
 * ports and locks of its own. What it says is kept back until the first is told.
 */
async function beginSecond(signal: AbortSignal): Promise<Second> {
  const change = await makeBadChange();
  const output = heldBack();
  const args = ['run', '--manifest', manifest, '--base', base, '--head', `dir:${change}`];
  return { change, output, ended: seatrial(args, { show: output.write, signal }) };
}

type Second = {
  readonly change: string;
  readonly output: ReturnType<typeof heldBack>;
  readonly ended: Promise<Ended>;
};

/** Passes on what was said so far, and from then on at once. */
function heldBack() {
  const held: (readonly ['stdout' | 'stderr', string])[] = [];
  let isHeld = true;
  return {
    write: (text: string, to: 'stdout' | 'stderr'): void => {
      if (isHeld) held.push([to, text]);
      else process[to].write(text);
    },
    release: (): void => {
      isHeld = false;
      for (const [to, text] of held) process[to].write(text);
    },
  };
}

async function secondScenario({ change, output, ended: ending }: Second): Promise<Ran> {
  heading(`2 of 3: a change on top of ${head} that silently loses what users made`);
  say(`The change under test, in ${change}/red.js:\n`);
  say(plantedChange.trim().replaceAll(/^/gm, '    + '));
  say('\nIt was begun while the first run waited for Node-RED:\n');
  output.release();
  const ended = await ending;
  demand(ended.code === 1, `losing data must fail with exit code 1, not ${String(ended.code)}`);
  const caught = ['floor.upgrade.data-kept', 'overlay.upgrade.entries-are-kept'];
  for (const id of caught)
    demand(ended.stdout.includes(id), `the summary must name ${id} as failed`);
  took(ended);
  return { bundle: bundleOf(ended) };
}

const plantedChange = `
// "Version 4.2 starts with a clean user folder." The service comes up and every page still answers.
{
  const fs = require('node:fs');
  const folder = process.argv[process.argv.indexOf('--userDir') + 1];
  const aside = folder + '/.before-4.2';
  if (!fs.existsSync(aside)) {
    const names = fs.readdirSync(folder);
    fs.mkdirSync(aside);
    for (const name of names) fs.renameSync(folder + '/' + name, aside + '/' + name);
  }
}
`;

/** The published package with a change to one file, as it would lie in a developer's checkout. */
async function makeBadChange(): Promise<string> {
  const folder = join(store, 'demo', 'node-red-change');
  rmSync(join(store, 'demo'), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const packed = await run('npm', [
    'pack',
    '--silent',
    `node-red@${head}`,
    '--pack-destination',
    folder,
  ]);
  demand(packed.code === 0, `npm pack node-red@${head}: ${packed.stderr}`);
  const archive = join(folder, packed.stdout.trim().split('\n').at(-1) ?? '');
  const unpacked = await run('tar', ['-xzf', archive, '-C', folder, '--strip-components=1']);
  demand(unpacked.code === 0, unpacked.stderr);
  rmSync(archive);
  const program = join(folder, 'red.js');
  const text = readFileSync(program, 'utf8');
  writeFileSync(
    program,
    text.replace(/^(#!.*\n)?/, (first) => `${first}${plantedChange}`),
  );
  return folder;
}

async function thirdScenario(): Promise<void> {
  const begun = performance.now();
  heading('3 of 3: Seatrial itself is killed in the middle of the upgrade (kill -9)');
  const args = ['run', '--manifest', manifest, '--base', base, '--head', head];
  const ended = await seatrial(args, {
    onLine: (line, kill) => {
      if (/upgrade.*started/.test(line)) setTimeout(kill, 300);
    },
  });
  demand(ended.code === 137, 'the run must have been killed during the upgrade');
  say('\nkilled. What it says about itself, before anyone cleaned up:\n');
  const before = await seatrial(['report', '--format', 'json'], { show: false });
  const told = JSON.parse(before.stdout) as { verdict: string };
  say(`  verdict: ${told.verdict} (exit code of report: ${String(before.code)})`);
  demand(before.code === 3 && told.verdict !== 'passed', 'a killed run must never read as passed');
  say('\n$ seatrial recover\n');
  const recovered = await seatrial(['recover']);
  demand(recovered.code === 0, `recover must end with exit code 0, not ${String(recovered.code)}`);
  const left = await run('pgrep', ['-f', 'node_modules/node-red/red.js']);
  demand(left.stdout.trim() === '', `processes were left behind: ${left.stdout}`);
  say('\nNo Node-RED process is left, and the report tells the truth:\n');
  const after = await seatrial(['show']);
  demand(
    after.code === 3,
    `a killed run must read as not judged, exit code 3, not ${String(after.code)}`,
  );
  took({ seconds: (performance.now() - begun) / 1000 });
}

async function makeKey(): Promise<void> {
  if (existsSync(key)) return;
  mkdirSync(store, { recursive: true });
  const args = ['keys', 'new', '--owner', 'demo', '--out', key, '--keys', trustedKeys];
  const made = await run(process.execPath, ['dist/cli/main.js', ...args]);
  demand(made.code === 0, made.stderr);
}

async function scenarios(): Promise<readonly [Ran, Ran]> {
  const failed = new AbortController();
  const second = beginSecond(failed.signal);
  // Judged when its turn comes; nobody waits for it if the first does not go as it must.
  second.catch(() => undefined);
  try {
    const first = await firstScenario();
    return [first, await secondScenario(await second)];
  } catch (error) {
    failed.abort();
    await second.then(({ ended }) => ended).catch(() => undefined);
    throw error;
  }
}

async function demo(): Promise<void> {
  demand(existsSync('dist/cli/main.js'), 'build first: npm run build');
  await makeKey();
  process.env['SEATRIAL_SIGNING_KEY'] = key;
  const [passed, failed] = await scenarios();
  await thirdScenario();
  heading('done');
  say('What to open:');
  for (const [what, { bundle }] of [
    ['the passed upgrade', passed],
    ['the caught data loss', failed],
  ] as const) {
    say(`  ${what}`);
    for (const file of ['report.html', 'journal.jsonl', 'attestation.intoto.jsonl'])
      say(`    ${join(bundle, file)}`);
  }
  say(`\nCheck the evidence yourself:  npx seatrial verify --store ${store} --keys ${trustedKeys}`);
  say(`Took ${String(Math.round((performance.now() - started) / 1000))} s.`);
}

try {
  await demo();
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
