// A scenario of the pack, tried out: its actions once each, its collectors before and after, its facts
// judged by the register. It keeps no evidence; it shows that actions, collectors and expectations of
// the pack fit together, and that each planted fault is noticed.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import type {
  JsonObject,
  PackAction,
  PackCollector,
  PackContext,
  PackFile,
  PackPorts,
  PackResult,
} from 'seatrial';
import type { Expectation } from '../../../src/evidence/expectation.ts';
import { judgeFacts } from '../../../src/evidence/judge.ts';
import type { Json } from '../../../src/ports/json.ts';
import type { Pack } from '../../../src/scenario/load-pack.ts';
import { afterAction, packContext } from './pack-context.ts';
import { applyFixture, type AppliedFixture } from './try-fixtures.ts';

export type Verdicts = Readonly<Record<string, 'passed' | 'failed' | 'inconclusive' | 'not-run'>>;

type Trial = {
  readonly pack: Pack;
  readonly scenario: string;
  /** The built subject. */
  readonly product: string;
  /** For homes and stubs. */
  readonly work: string;
  readonly mutant?: string;
};

const nonce = 'nonce-0123456789abcdef';

type Spec = NonNullable<ReturnType<Pack['scenarios']['get']>>['value']['spec'];
type RuntimeAction = Spec['runtimeActions'][number];
type Place = Pick<PackContext, 'product' | 'home'>;
type Fixtures = Map<string, AppliedFixture>;

/** Verdicts by check id. */
export async function tryScenario(trial: Trial): Promise<Verdicts> {
  const spec = trial.pack.scenarios.get(trial.scenario)?.value.spec;
  if (spec === undefined) throw new Error(`there is no scenario ${trial.scenario}`);
  const place: Place = { product: trial.product, home: mkdtempSync(join(trial.work, 'home-')) };
  const fixtures: Fixtures = new Map();
  try {
    for (const { id, kind, with: inputs } of spec.fixtures)
      fixtures.set(id, await applyFixture(kind, filled(inputs, place, fixtures), place.home));
    return await tryActions(trial, spec, { place, fixtures });
  } finally {
    for (const { restore } of fixtures.values()) restore();
  }
}

/** Until one does not end as it must; what follows is not run. */
async function tryActions(
  { pack, mutant }: Trial,
  { runtimeActions, expectedChecks }: Spec,
  { place, fixtures }: { readonly place: Place; readonly fixtures: Fixtures },
): Promise<Verdicts> {
  const context = packContext({ ...place, ports: portsFor(place.home, mutant) });
  const verdicts: Record<string, Verdicts[string]> = {};
  for (const { id } of expectedChecks) verdicts[id] = 'not-run';
  for (const action of runtimeActions) {
    const checks = expectedChecks.filter(({ after }) => after === action.id).map(({ id }) => id);
    const before = await observe(pack, checks, context);
    const perform = await actionOf(pack, action.action ?? action.use);
    const inputs = filled(action.with, place, fixtures) as JsonObject;
    const ended = await perform({ ...context, with: inputs });
    for (const id of checks) {
      const { after } = await collectorOf(pack, id);
      const facts = await after({ ...context, ...afterAction(ended) });
      verdicts[id] = judge(pack, id, { ...facts, ...before.get(id) });
    }
    if (!isMet(action, ended.exit ?? null)) break;
  }
  return verdicts;
}

async function observe(
  pack: Pack,
  checks: readonly string[],
  context: PackContext,
): Promise<ReadonlyMap<string, JsonObject>> {
  const seen = new Map<string, JsonObject>();
  for (const id of checks) {
    const facts = await (await collectorOf(pack, id)).before?.(context);
    if (facts !== undefined) seen.set(id, { before: facts });
  }
  return seen;
}

function isMet({ expect }: RuntimeAction, exit: number | null): boolean {
  const wanted = expect?.exit ?? 0;
  return wanted === 'nonzero' ? exit !== 0 : exit === wanted;
}

function judge(pack: Pack, id: string, facts: JsonObject): Verdicts[string] {
  const { expect = [] } = pack.register.get(id) ?? {};
  return judgeFacts(facts, expect as readonly Expectation[]).verdict;
}

async function exportOf<Value>(pack: Pack, reference: string): Promise<Value> {
  const [module = '', name = ''] = reference.split('#');
  const exports = (await import(join(pack.root, module))) as Record<string, Value>;
  const found = exports[name];
  if (found === undefined) throw new Error(`${reference} is not exported`);
  return found;
}

const collectorOf = (pack: Pack, id: string): Promise<PackCollector> =>
  exportOf(pack, pack.register.get(id)?.collector ?? '');
const actionOf = (pack: Pack, name: string): Promise<PackAction> =>
  exportOf(pack, pack.file.actions[name] ?? '');

/** Places and outputs of fixtures, wherever a text names them. */
function filled(value: unknown, place: Place, fixtures: Fixtures): Json {
  const places: Readonly<Record<string, string>> = place;
  const names = /\{(?:fixture\.([a-z0-9-]+)\.([a-z]+)|([a-z]+))\}/g;
  const known = (whole: string, fixture?: string, output = '', name = ''): string =>
    (fixture === undefined ? places[name] : fixtures.get(fixture)?.outputs[output]) ?? whole;
  return JSON.parse(JSON.stringify(value).replace(names, known)) as Json;
}

function portsFor(home: string, mutant: string | undefined): Pick<PackPorts, 'run' | 'state'> {
  return {
    run: ({ argv, cwd = home, env = {} }) => {
      const base = { PATH: process.env['PATH'], HOME: home, ...env };
      return run(argv, cwd, { ...base, ...planted(base.HOME, mutant) });
    },
    state: {
      read: (path) => Promise.resolve(fileAt(path)),
      tree: (path) => Promise.resolve(treeAt(path)),
    },
  };
}

function planted(home: string, mutant: string | undefined): NodeJS.ProcessEnv {
  if (mutant === undefined) return {};
  writeFileSync(join(home, '.seatrial-canary'), nonce);
  return { NEMOCLAW_REF_MUTANT: mutant, NEMOCLAW_REF_NONCE: nonce };
}

function run(
  argv: readonly [string, ...string[]],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<PackResult> {
  const [program, ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', (error) => {
      resolve({ exit: undefined, timedOut: false, stdout: '', stderr: error.message });
    });
    child.on('close', (code) => {
      resolve({ exit: code ?? undefined, timedOut: false, stdout, stderr });
    });
  });
}

function fileAt(path: string): PackFile {
  if (!existsSync(path)) return { kind: 'absent' };
  const stats = lstatSync(path);
  if (!stats.isFile()) return { kind: stats.isDirectory() ? 'directory' : 'other' };
  const bytes = readFileSync(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const mode = (stats.mode & 0o7777).toString(8);
  return { kind: 'file', mode, inode: stats.ino, sha256, text: bytes.toString('utf8') };
}

function treeAt(path: string): Readonly<Record<string, PackFile>> {
  if (!existsSync(path)) return {};
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
  const entries = names.map((name) => [relative('.', name), fileAt(join(path, name))] as const);
  return { '.': { kind: 'directory' }, ...Object.fromEntries(entries) };
}
