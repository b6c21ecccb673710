// The canaries of a gate pack: each planted fault in a run of its own, held against a clean run of
// its gate. A check that no fault turns red proves nothing by being green.

import { join, resolve } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import { openStore } from '../evidence/store.ts';
import type { RunState } from '../evidence/run-state.ts';
import type { Gate, GateCanary } from '../gates/gate-schema.ts';
import type { GateRunOptions } from '../gates/gate-session.ts';
import type { GateWorld } from '../gates/gate-world.ts';
import { judgeCanary, judgeClean, type GateCanaryResult } from '../gates/judge-canary.ts';
import { runGates } from '../gates/run-gates.ts';
import type { Planting } from '../gates/target-instance.ts';
import { endOfCanaries } from './canaries-end.ts';
import type { Terminal, Values } from './command.ts';
import { gateNamed, openGates, type OpenedGates } from './gates-file.ts';
import { commonOptions } from './gates-run.ts';
import { makeGateWorld } from './gates-world.ts';

export const canariesFile = 'canaries.json';

type Asked = {
  readonly world: GateWorld;
  readonly options: Omit<GateRunOptions, 'evidenceBase'>;
  readonly terminal: Terminal;
};

type Trial = () => Promise<GateCanaryResult>;

/** Runs them, so many at once, and writes `canaries.json` to the current folder. */
export async function runGateCanaries(
  pack: string,
  {
    names,
    store: root,
    parallel,
    terminal,
  }: {
    readonly names: readonly string[];
    readonly store: string;
    readonly parallel: number;
    readonly terminal: Terminal;
  },
): Promise<{ readonly results: readonly GateCanaryResult[]; readonly code: number }> {
  const world = await makeGateWorld(terminal);
  const store = await openStore({ ...world, root });
  const files = await openFiles(pack, terminal);
  const trials: Trial[] = [];
  // A name that no file knows ends the command before anything runs.
  for (const name of names)
    if (!files.some(({ opened }) => Object.hasOwn(opened.file.gates, name)))
      gateNamed(files[0].opened, name);
  for (const { opened, values } of files) {
    const options = await commonOptions(opened, { world, store, terminal, values });
    for (const [name, gate] of selected(opened, names))
      trials.push(...trialsOf(name, gate, { world, options, terminal }));
  }
  const results = await runTrials(trials, parallel, terminal);
  terminal.err('\n');
  const text = `${JSON.stringify({ schema: 'urn:seatrial:schema:gate-canaries:1', results }, null, 2)}\n`;
  await systemFiles.replace(resolve(terminal.cwd, canariesFile), text, 0o644);
  const outcomes = results.map(({ outcome }) => outcome);
  const wanted = { good: 'as-demanded', planned: trials.length };
  return { results, code: endOfCanaries(outcomes, wanted, terminal) };
}

type Opened = { readonly opened: OpenedGates; readonly values: Values };

/** The pack's gates, and its runbook where it has one: each of its rows needs a canary too. */
async function openFiles(pack: string, terminal: Terminal): Promise<[Opened, ...Opened[]]> {
  const open = async (name: string): Promise<Opened> => {
    const values: Values = { file: join(pack, name) };
    return { opened: await openGates(values, terminal), values };
  };
  const gates = await open('gates.yaml');
  const runbook = await systemFiles.stat(join(pack, 'runbook.yaml'));
  return runbook === undefined ? [gates] : [gates, await open('runbook.yaml')];
}

const selected = ({ file }: OpenedGates, names: readonly string[]) =>
  Object.entries(file.gates).filter(([name]) => names.length === 0 || names.includes(name));

/** In the order of the trials, whichever ended first. */
async function runTrials(
  trials: readonly Trial[],
  parallel: number,
  { signal, err }: Terminal,
): Promise<readonly GateCanaryResult[]> {
  const results: GateCanaryResult[] = [];
  const queue = trials.entries();
  const worker = async (): Promise<void> => {
    for (const [index, trial] of queue) {
      if (signal.aborted) return;
      const result = await trial();
      results[index] = result;
      err(result.outcome === 'as-demanded' ? '.' : '!');
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  // Trials that an interruption kept from running have left holes.
  return results.flat();
}

/** The gate without any fault, which the others are held against, and then each fault. */
function trialsOf(name: string, gate: Gate, asked: Asked): readonly Trial[] {
  if (gate.checks.length === 0) return [];
  let known: Promise<RunState> | undefined;
  const clean = (): Promise<RunState> => (known ??= runOnce(name, asked));
  return [
    async () => judgeClean(name, gate, await clean()),
    ...gate.canary.map((canary, index): Trial => async () => {
      const id = `${name}/${plantedName(canary) ?? String(index + 1)}`;
      const planted = { id, gate: name, planting: plantingOf(canary) };
      const state = await runOnce(name, asked, planted);
      return judgeCanary({ id, gate: name, canary }, { clean: await clean(), state });
    }),
  ];
}

const plantedName = ({ fault, from, stub = {} }: GateCanary): string | undefined =>
  fault ?? from ?? Object.values(stub)[0];

function plantingOf({ fault, env, put, from, stub }: GateCanary): Planting {
  return {
    fault,
    env,
    stub,
    ...(put === undefined || from === undefined ? {} : { put: { [put]: from } }),
  };
}

async function runOnce(
  name: string,
  { world, options }: Asked,
  canary?: GateRunOptions['canary'],
): Promise<RunState> {
  const { state } = await runGates(world, {
    ...options,
    selected: [name],
    evidenceBase: (run) => `runs/${run}`,
    ...(canary === undefined ? {} : { canary }),
  });
  return state;
}

export function renderGateCanaries(results: readonly GateCanaryResult[]): string {
  const word = { 'as-demanded': 'ok', green: 'GREEN', 'could-not-run': 'not run' } as const;
  const lines = results.map(({ id, outcome, message }) => {
    return `${word[outcome].padEnd(8)} ${id}${message === '' ? '' : `: ${message}`}`;
  });
  const fine = results.filter(({ outcome }) => outcome === 'as-demanded').length;
  return `${[...lines, '', `${String(fine)} of ${String(results.length)} as demanded`].join('\n')}\n`;
}
