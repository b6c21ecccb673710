// The nemoclaw pack as its users run it: every planted fault, the validations 9.1 to 9.3 with all their
// members, the rows that come of it, and runs that are killed. Prints PASS: or FAIL: for each, and says
// what this host or the pack does not have; ends with 1 on any FAIL.
//
//   npm run acceptance:nemoclaw            in a store of its own, which is removed
//   npm run acceptance:nemoclaw -- DIR     in this store: what is fresh there is not run again

import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { killedWithEngine } from './acceptance-nemoclaw-engine.ts';
import { heading, say } from './steps.ts';

const program = resolve('dist/cli/main.js');
const pack = resolve('packs/nemoclaw');
const work = mkdtempSync(join(tmpdir(), 'seatrial-nemoclaw-'));
const store = resolve(process.argv[2] ?? join(work, 'store'));
const outputMax = 256 << 20;
let [passed, failed] = [0, 0];

function tell(isHeld: boolean, what: string, why = ''): void {
  if (isHeld) passed += 1;
  else failed += 1;
  say(`${isHeld ? 'PASS' : 'FAIL'}: ${what}${isHeld || why === '' ? '' : ` (${why})`}`);
}

type Said = { readonly code: number | null; readonly out: string; readonly err: string };

function seatrial(...args: readonly string[]): Said {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    maxBuffer: outputMax,
  });
  return { code: status, out: stdout, err: stderr };
}

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';

/** Once for a store; without npm what needs the packages cannot run, and says so. */
function prepare(): void {
  heading('published packages');
  const set = ['fixtures', 'prepare', 'nemoclaw-real', '--pack', pack] as const;
  const { code, err } = seatrial(...set, '--store', store);
  tell(code === 0, 'published packages are prepared', firstLine(err));
}

function canaries(): void {
  heading('planted faults');
  const { out, err } = seatrial('canaries', 'run', pack, '--store', store, '--json');
  if (out === '') {
    tell(false, 'canaries run', firstLine(err));
    return;
  }
  const { results } = JSON.parse(out) as {
    readonly results: readonly { id: string; scenario: string; outcome: string; message: string }[];
  };
  for (const { id, scenario, outcome, message } of results)
    tell(outcome === 'red', `canary ${id} (${scenario})`, message);
  tell(results.length > 0, 'faults were planted');
}

const validations = ['validation-9.1', 'validation-9.2', 'validation-9.3'] as const;

function validate(): void {
  for (const id of validations) {
    heading(id);
    const file = join(pack, 'scenarios', `${id}.yaml`);
    const { out, err } = seatrial('run', '--scenario', file, '--store', store, '--json');
    for (const line of err.trim().split('\n')) say(`  ${line}`);
    const checks = checksIn(out);
    for (const { id: check, verdict, message } of checks)
      tell(verdict === 'passed', check, `${verdict}: ${message}`);
    tell(checks.length > 0, `${id} was judged`, firstLine(err));
  }
}

type Checked = { readonly id: string; readonly verdict: string; readonly message: string };

function checksIn(out: string): readonly Checked[] {
  if (out.trim() === '') return [];
  const { checks = [] } = JSON.parse(out) as { readonly checks?: readonly Checked[] };
  return checks;
}

type Row = {
  readonly id: string;
  readonly status: string;
  readonly reasons: readonly { code: string; message: string }[];
  readonly runs: readonly { scenario: string; run: string }[];
};

function rowsOf(at: string): readonly Row[] {
  const { out } = seatrial('audit', 'status', '--pack', pack, '--store', at, '--json');
  return out === '' ? [] : (JSON.parse(out) as { readonly rows: readonly Row[] }).rows;
}

function rows(): void {
  heading('rows');
  const all = rowsOf(store);
  for (const { id, status, reasons } of all) {
    const codes = [...new Set(reasons.map(({ code }) => code))].join(', ');
    tell(status === 'evidence-complete', `audit.row.${id.toLowerCase()}`, `${status}: ${codes}`);
  }
  tell(all.length === 7, 'there are seven rows');
  const empty = rowsOf(join(work, 'empty'));
  const open = empty.every(({ status }) => status === 'unresolved');
  tell(empty.length === 7 && open, 'no row is complete without these bundles');
  withoutOne(all);
}

/** Each row that is complete needs each of its bundles: without it, it is open again. */
function withoutOne(all: readonly Row[]): void {
  const complete = all.filter(({ status }) => status === 'evidence-complete');
  const used = new Map(
    complete.flatMap(({ runs }) => runs.map(({ run, scenario }) => [run, scenario])),
  );
  for (const [run, scenario] of used) {
    const copy = join(work, 'copy');
    // Images and packages are no evidence, and large.
    const isEvidence = (path: string): boolean => path !== join(store, 'cache');
    cpSync(store, copy, { recursive: true, filter: isEvidence });
    rmSync(join(copy, 'runs', run), { recursive: true });
    const still = rowsOf(copy).filter(
      ({ id, status }) =>
        status === 'evidence-complete' &&
        complete.some((row) => row.id === id && row.runs.some((each) => each.run === run)),
    );
    tell(still.length === 0, `no row is complete without ${scenario}`);
    rmSync(copy, { recursive: true });
  }
}

const ofEveryRun = /^(?:fixture\..*\.restored|run\.secrets\.absent|floor\.remove\.no-leftovers)$/;

/** What every run without a planted fault must show, whatever else it is about. */
function afterwards(): void {
  heading('after every run');
  const folder = join(store, 'runs');
  for (const run of existsSync(folder) ? readdirSync(folder) : []) {
    const { canary, scenario = run } = startedIn(join(folder, run, 'journal.jsonl'));
    if (canary !== undefined) continue;
    const { out } = seatrial('show', run, '--store', store, '--json');
    const asked = checksIn(out).filter(({ id }) => ofEveryRun.test(id));
    if (asked.length === 0) continue;
    const red = asked.find(({ verdict }) => verdict !== 'passed');
    tell(red === undefined, `${scenario}: secrets nowhere, digests as before`, red?.id);
  }
}

function startedIn(journal: string): { readonly canary?: string; readonly scenario?: string } {
  const line = readFileSync(journal, 'utf8').split('\n', 1)[0] ?? '{}';
  const { data = {} } = JSON.parse(line) as { data?: { canary?: string; scenario?: string } };
  return data;
}

/** A real run, ended by the kernel once a fixture is in place. */
async function killed(): Promise<void> {
  heading('a run that is killed');
  const at = join(work, 'killed');
  const file = join(pack, 'scenarios/installer-openshell-version-pin.yaml');
  const args = [program, 'run', '--scenario', file, '--store', at, '--quiet'];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const ended = new Promise<boolean>((done) => {
    child.on('exit', (_code, signal) => {
      done(signal === 'SIGKILL');
    });
  });
  const journal = await staged(at, child.exitCode === null ? ended : Promise.resolve(false));
  child.kill('SIGKILL');
  tell(await ended, 'it was killed while a fixture was in place');
  const { code, err } = seatrial('recover', '--store', at);
  tell(code === 0, 'recover ends with 0', firstLine(err));
  const text = journal === undefined ? '' : readFileSync(journal, 'utf8');
  const registered = new Set(targets(text, 'undo.registered'));
  const restored = targets(text, 'undo.ended', '"outcome":"restored"');
  tell(
    registered.size > 0 && [...registered].every((undo) => restored.includes(undo)),
    'every undo of it is restored',
  );
  const [run = ''] = readdirSync(join(at, 'runs'));
  tell(seatrial('show', run, '--store', at).code !== 0, 'it never passed');
}

function targets(journal: string, type: string, having = ''): readonly string[] {
  return journal
    .split('\n')
    .filter((line) => line.includes(`"type":"${type}"`) && line.includes(having))
    .map((line) => (JSON.parse(line) as { data: { undo: string } }).data.undo);
}

/** Path of the journal once it says that a fixture was applied; undefined when the run ended before. */
async function staged(at: string, over: Promise<boolean>): Promise<string | undefined> {
  const end = { isOver: false };
  void over.then(() => {
    end.isOver = true;
  });
  for (;;) {
    const runs = existsSync(join(at, 'runs')) ? readdirSync(join(at, 'runs')) : [];
    const journal = join(at, 'runs', runs[0] ?? '', 'journal.jsonl');
    if (runs.length > 0 && existsSync(journal)) {
      if (readFileSync(journal, 'utf8').includes('"type":"fixture.applied"')) return journal;
    }
    if (end.isOver) return undefined;
    await changed(runs.length === 0 ? undefined : join(at, 'runs', runs[0] ?? ''));
  }
}

const lookAgainMs = 100;

/** Until something changes in the folder; a while, where there is none yet. */
function changed(folder: string | undefined): Promise<void> {
  return new Promise((done) => {
    const watcher = folder === undefined ? undefined : watch(folder);
    const end = (): void => {
      watcher?.close();
      clearTimeout(timer);
      done();
    };
    const timer = setTimeout(end, lookAgainMs);
    watcher?.on('change', end);
  });
}

if (!existsSync(program))
  throw new Error('npm run build first: the built program is what is tried');

const startedMs = performance.now();
try {
  prepare();
  canaries();
  validate();
  rows();
  afterwards();
  await killed();
  await killedWithEngine({ program, pack, store: join(work, 'killed-engine'), tell });
} finally {
  rmSync(work, { recursive: true, force: true });
}
const seconds = Math.round((performance.now() - startedMs) / 1000);
say(`\n${String(passed)} passed, ${String(failed)} failed, ${String(seconds)} s`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
