// The acceptance list of the coop-cloud pack, row by row, on a real Swarm: what is planted, what is run and
// what must come of it stand in coop-cloud-rows.ts. A row that takes a private engine, a kill or an app of its own
// is shown by the tests that bear its name. Prints PASS: or FAIL: with the bundle that shows it, and
// NOT-RUN: for what this machine cannot run. Then it says of each row of the pack's audit queue what the store that
// it leaves proves of it. Ends with 1 on any FAIL, with 3 when something was not run.
//
//   npm run acceptance:coop-cloud [-- ROW…]      rows by id (FG-06, HC1, DG3, …); default all

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ping } from './docker-engine.ts';
import type { Evidence } from './coop-cloud-evidence.ts';
import { coopRows, type Row } from './coop-cloud-rows.ts';
import { heading, run, say, type Ended } from './steps.ts';

const socket = (
  process.env['SEATRIAL_DOCKER_HOST'] ??
  process.env['DOCKER_HOST'] ??
  'unix:///run/seatrial-docker/docker.sock'
).replace(/^unix:\/\//, '');
const env = { ...process.env, SEATRIAL_DOCKER_HOST: `unix://${socket}` };
const program = resolve(process.env['SEATRIAL_PROGRAM'] ?? 'dist/cli/main.js');
const store = resolve('build/acceptance-coop-cloud');
const shownByTests = join(store, 'tests');
const work = mkdtempSync(join(tmpdir(), 'seatrial-acceptance-'));

type Shown = {
  readonly held: boolean;
  readonly bundles: readonly string[];
  readonly why?: string;
};

const seatrial = (
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Ended> =>
  run(process.execPath, [program, ...args], { cwd: work, env: { ...env, ...more } });

/** At most so many runs at once: they mostly wait for the engine. */
const atOnce = 3;
const shown = new Map<string, Promise<Shown>>();
let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
  while (running >= atOnce) await new Promise<void>((go) => waiting.push(go));
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

/** Equal evidence is made once, however many rows point to it. */
function show(evidence: Evidence): Promise<Shown> {
  const key = JSON.stringify(evidence, (_, value: unknown) =>
    typeof value === 'function' ? String(value) : value,
  );
  const known = shown.get(key) ?? inTurn(() => ask(evidence));
  shown.set(key, known);
  return known;
}

const bundlesOf = (id: unknown): readonly string[] => [
  typeof id === 'string' ? join(store, 'runs', id) : 'no bundle: nothing was run',
];

function ask(evidence: Evidence): Promise<Shown> {
  if ('canary' in evidence) return askCanary(evidence.canary, evidence.pack ?? 'coop-cloud');
  if ('refused' in evidence) return askRefused(evidence);
  if ('plan' in evidence) return askPlan(evidence.plan, evidence.holds);
  return 'tests' in evidence ? askTests(evidence) : askRun(evidence);
}

type Parsed = Readonly<Record<string, unknown>> | undefined;

function parsed(text: string): Parsed {
  try {
    return JSON.parse(text) as Parsed;
  } catch {
    return undefined;
  }
}

const tail = ({ stderr, stdout }: Ended): string => (stderr.trim() || stdout.trim()).slice(-300);

async function askCanary(id: string, pack: string): Promise<Shown> {
  const ended = await seatrial(['canaries', 'run', pack, '--only', id, '--json', '--store', store]);
  const results = (parsed(ended.stdout)?.['results'] ?? []) as {
    outcome: string;
    message: string;
    run?: string;
  }[];
  const [result] = results;
  const bundles = bundlesOf(result?.run);
  return result?.outcome === 'red'
    ? { held: true, bundles }
    : { held: false, bundles, why: result?.message ?? tail(ended) };
}

async function askRefused({
  refused,
  says,
  env,
}: Extract<Evidence, { refused: unknown }>): Promise<Shown> {
  const ended = await seatrial([...refused, '--store', store], env);
  const held = ended.code === 2 && `${ended.stdout}${ended.stderr}`.includes(says);
  const why = `exit ${String(ended.code)}, ${tail(ended)}`;
  return { held, bundles: bundlesOf(undefined), ...(held ? {} : { why }) };
}

async function askPlan(
  args: readonly string[],
  holds: Extract<Evidence, { plan: unknown }>['holds'],
): Promise<Shown> {
  const ended = await seatrial(['plan', ...args, '--json', '--store', store]);
  const plan = parsed(ended.stdout);
  const held = ended.code === 0 && plan !== undefined && holds(plan as never);
  return { held, bundles: bundlesOf(undefined), ...(held ? {} : { why: tail(ended) }) };
}

async function askRun({ run: args, code = 0, holds }: Extract<Evidence, { run: unknown }>) {
  const argv = ['run', ...args, '--json', '--quiet', '--store', store];
  const ended = await seatrial(argv);
  const report = parsed(ended.stdout);
  const checks = (report?.['checks'] ?? []) as { id: string; verdict: string }[];
  const verdicts = Object.fromEntries(checks.map(({ id, verdict }) => [id, verdict]));
  const held = ended.code === code && report !== undefined && (holds?.(verdicts, report) ?? true);
  const bundles = bundlesOf(report?.['run']);
  return { held, bundles, ...(held ? {} : { why: whyNot(ended, checks) }) };
}

function whyNot(ended: Ended, checks: readonly { id: string; verdict: string }[]): string {
  const bad = checks.filter(({ verdict }) => !['passed', 'skipped'].includes(verdict));
  const told = bad.map(({ id, verdict }) => `${id} ${verdict}`).join(', ');
  return `exit ${String(ended.code)}, ${told === '' ? tail(ended) : told}`;
}

type VitestReport = { readonly numPassedTests?: number; readonly numFailedTests?: number };

/** Runs the tests alone; what they ran is kept beside the runner's own report. */
async function askTests({ tests, row }: Extract<Evidence, { tests: unknown }>): Promise<Shown> {
  const folder = mkdtempSync(join(shownByTests, `${row}-`));
  const report = join(folder, 'tests.json');
  const args = [
    'vitest',
    'run',
    ...tests,
    '-t',
    `\\b${row}\\b`,
    '--reporter=json',
    '--outputFile',
    report,
  ];
  const ended = await run('npx', args, {
    env: { ...env, SEATRIAL_GUIDE: 'all', SEATRIAL_ACCEPT: 'all', SEATRIAL_KEEP_BUNDLES: folder },
  });
  const { numPassedTests = 0, numFailedTests = 1 } = (
    existsSync(report) ? (parsed(readFileSync(report, 'utf8')) ?? {}) : {}
  ) as VitestReport;
  const held = ended.code === 0 && numPassedTests > 0 && numFailedTests === 0;
  const why = `${String(numPassedTests)} tests passed, ${String(numFailedTests)} failed`;
  return { held, bundles: [report, ...keptIn(folder)], ...(held ? {} : { why }) };
}

/** Bundles lie one below the folder of the store that they come from. */
const keptIn = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(join(folder, name)).map((run) => join(folder, name, run)));

async function judge({ id, claim, shownBy }: Row): Promise<boolean> {
  const all = await Promise.all(shownBy.map(show));
  const bad = all.find(({ held }) => !held);
  const held = all.length > 0 && bad === undefined;
  say(`${held ? 'PASS' : 'FAIL'}: ${id} ${claim}${bad?.why === undefined ? '' : `: ${bad.why}`}`);
  for (const bundle of new Set(all.flatMap(({ bundles }) => bundles))) say(`      ${bundle}`);
  return held;
}

type DerivedRow = {
  readonly id: string;
  readonly status: string;
  readonly reasons: readonly { readonly code: string; readonly class: string; message: string }[];
};

/** A row is open where only time or another machine can close it; anything else speaks against it. */
async function tellDerived(): Promise<{ readonly failed: number; readonly open: number }> {
  const counted = { failed: 0, open: 0 };
  const ended = await seatrial([
    'audit',
    'status',
    '--pack',
    'coop-cloud',
    '--json',
    '--store',
    store,
  ]);
  const rows = parsed(ended.stdout)?.['rows'] as readonly DerivedRow[] | undefined;
  if (rows === undefined) throw new Error(`no status can be derived: ${tail(ended)}`);
  for (const { id, status, reasons } of rows) {
    const marker = `audit.row.${id.toLowerCase()}`;
    const open = reasons.every((reason) => reason.class === 'unknown');
    if (status === 'evidence-complete') say(`PASS: ${marker}`);
    else say(`${open ? 'NOT-RUN' : 'FAIL'}: ${marker}`);
    for (const { code, message } of reasons) say(`      ${code}: ${message}`);
    if (status !== 'evidence-complete') counted[open ? 'open' : 'failed'] += 1;
  }
  return counted;
}

const asked = process.argv.slice(2);
const rows = coopRows.filter(({ id }) => asked.length === 0 || asked.includes(id));
const unknown = asked.find((each) => coopRows.every(({ id }) => id !== each));
if (unknown !== undefined || rows.length === 0) {
  say(`no row ${unknown ?? ''}; known: ${coopRows.map(({ id }) => id).join(' ')}`);
  process.exitCode = 2;
} else if ((await ping(socket)) === undefined) {
  say(`NOT-RUN: no engine answers on ${socket}; npm run docker -- up`);
  process.exitCode = 3;
} else {
  heading(`acceptance of coop-cloud: ${String(rows.length)} rows`);
  mkdirSync(shownByTests, { recursive: true });
  let failed = 0;
  for (const held of await Promise.all(rows.map(judge))) failed += held ? 0 : 1;
  heading(`what ${store} proves`);
  const derived = await tellDerived();
  rmSync(work, { recursive: true, force: true });
  heading('acceptance of coop-cloud');
  say(`${String(rows.length - failed)} passed, ${String(failed)} failed`);
  // Some rows alone leave the others of the queue as they were.
  const all = asked.length === 0;
  process.exitCode = failed + (all ? derived.failed : 0) > 0 ? 1 : all && derived.open > 0 ? 3 : 0;
}
