// The same things as the commands, for TypeScript. Nothing here prints or sets an exit code.

import { resolve } from 'node:path';
import type { RunState } from '../evidence/run-state.ts';
import type { JournalRecord } from '../evidence/record.ts';
import type { RunResult } from '../lifecycle/planned-run.ts';
import { runPlanned } from '../lifecycle/run.ts';
import { recoverAll, type Recovered } from '../lifecycle/recover.ts';
import { openStore } from '../evidence/store.ts';
import type { Plan } from '../scenario/plan.ts';
import { InvalidInput, type Terminal } from './command.ts';
import { composeRun, type Composed } from './compose-run.ts';
import { projectReports } from './projections.ts';
import { reportFormats, type ReportFormat } from './report-formats.ts';
import { readRunInputs } from './run-options.ts';
import { findSigner } from './signing.ts';
import { openRun } from './store.ts';
import { verifyRuns, type VerifiedRun } from './verify-runs.ts';
import { describeHost, makeDrivers, makeSystem } from './world.ts';

export type PlanOptions = {
  /** Path of `seatrial.yaml`; default in the working directory. */
  readonly manifest?: string;
  /** `lifecycle` (default), `fresh`, or the path of a scenario file. */
  readonly scenario?: string;
  /** The code under test, as `--head` takes it. */
  readonly head?: string;
  /** The release to upgrade from, as `--base` takes it. */
  readonly base?: string;
  /** Operations asked for alone: a partial run, which is evidence of nothing more. */
  readonly ops?: readonly string[];
  /** Folder that keeps runs; default `.seatrial`. */
  readonly store?: string;
  readonly signal?: AbortSignal;
};

export type RunOptions = PlanOptions & {
  /** File of the private key that signs the bundle. */
  readonly key?: string;
  /** How long to wait for another run of the same instance; default an hour. */
  readonly waitMs?: number;
  /** After that long the run stops and cleans up; default an hour. */
  readonly maxLifetimeMs?: number;
  /** Each record as it is written. */
  readonly onRecord?: (record: JournalRecord) => void;
};

const hourMs = 3_600_000;

/**
 * Takes one deployment through its life. Resolves for passed and failed runs alike: look at
 * `state.verdict`. Rejects when there was nothing to judge: invalid manifest, unknown release, a
 * WorldError before the first record.
 */
export async function run(options: RunOptions = {}): Promise<RunResult> {
  const composed = await compose(options);
  return runPlanned(composed.world, composed.planned, {
    store: composed.store,
    settings: composed.settings,
    folder: composed.folder,
    signal: options.signal ?? new AbortController().signal,
    waitMs: options.waitMs ?? hourMs,
    maxLifetimeMs: Math.min(composed.limitMs ?? hourMs, options.maxLifetimeMs ?? hourMs),
    project: projectReports(composed.store.root),
    ...(options.onRecord === undefined ? {} : { onRecord: options.onRecord }),
  });
}

/** What a run would do and must show. Fetches releases, deploys nothing. */
export async function plan(options: PlanOptions = {}): Promise<Plan> {
  return (await compose(options)).planned.plan;
}

/** A run of a store as its records tell it; the newest when no id is given. */
export async function readRun(
  options: { readonly store?: string; readonly run?: string } = {},
): Promise<RunState> {
  return (await openRun(resolve(options.store ?? '.seatrial'), options.run)).state;
}

/** A report of a run, rendered from its records. */
export async function report(
  format: ReportFormat,
  options: { readonly store?: string; readonly run?: string } = {},
): Promise<string> {
  const opened = await openRun(resolve(options.store ?? '.seatrial'), options.run);
  return reportFormats[format](opened.state, opened.objects);
}

/** Reads a bundle again and believes nothing in it that can be worked out. */
export async function verify(options: {
  readonly store?: string;
  readonly run: string;
  /** File of trusted keys; with it, a signature by any other key is an error. */
  readonly keys?: string;
}): Promise<VerifiedRun> {
  const { bundles } = await verifyRuns(resolve(options.store ?? '.seatrial'), [options.run], {
    terminal: quietTerminal(() => undefined),
    strict: options.keys !== undefined,
    keys: options.keys,
  });
  const [bundle] = bundles;
  if (bundle === undefined) throw new Error(`no run ${options.run}`);
  return bundle;
}

/** Cleans up after dead runs of a store; those that are alive are left alone. */
export async function recover(
  options: { readonly store?: string } = {},
): Promise<readonly Recovered[]> {
  const root = resolve(options.store ?? '.seatrial');
  const terminal = quietTerminal(() => undefined);
  const system = makeSystem(terminal);
  const store = await openStore({ ...system, root });
  const signer = await findSigner({}, terminal);
  const drivers = makeDrivers(system, { worldFile: `${root}/fake-world.json` });
  const world = { ...system, ...drivers, host: describeHost(), ...(signer ? { signer } : {}) };
  return recoverAll(world, { store, project: projectReports(root) });
}

async function compose(options: RunOptions): Promise<Composed> {
  let said = '';
  const terminal = quietTerminal((text) => (said += text), options.signal);
  const { manifest, scenario, head, base, ops, store } = options;
  const values = { manifest, scenario, head, base, ops: ops?.join(','), store };
  const inputs = readRunInputs(values, terminal);
  try {
    const key = options.key === undefined ? {} : { key: options.key };
    return await composeRun(inputs, terminal, { json: false, ...key });
  } catch (error) {
    if (error instanceof InvalidInput) throw new Error(said.trim(), { cause: error });
    throw error;
  }
}

function quietTerminal(err: (text: string) => void, signal?: AbortSignal): Terminal {
  return {
    out: () => undefined,
    err,
    outIsTty: false,
    errIsTty: false,
    columns: 100,
    colour: false,
    env: process.env,
    cwd: process.cwd(),
    pid: process.pid,
    node: process.execPath,
    signal: signal ?? new AbortController().signal,
  };
}
