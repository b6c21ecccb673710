// `gates run` from its arguments to its exit code.

import { appendFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import { thisBoot } from '../drivers/gate-targets.ts';
import { bundleRoot } from '../evidence/bundle-paths.ts';
import { openStore, type Store } from '../evidence/store.ts';
import type { GateRunOptions } from '../gates/gate-session.ts';
import { loadRisks } from '../gates/risks-file.ts';
import { runGates } from '../gates/run-gates.ts';
import { selectGates } from '../gates/select-gates.ts';
import { marks } from '../gates/gate-state.ts';
import type { GatesReport } from '../gates/gates-report.ts';
import { closeBundle } from '../lifecycle/close-bundle.ts';
import { exitCodeOf, stopOf } from '../lifecycle/stop.ts';
import type { GateWorld } from '../gates/gate-world.ts';
import {
  flag,
  seconds,
  text,
  UsageError,
  type Input,
  type Terminal,
  type Values,
} from './command.ts';
import { makeDocuments, writeDocuments } from './gates-documents.ts';
import { openGates, type OpenedGates } from './gates-file.ts';
import { findHead, makeGateWorld } from './gates-world.ts';
import { openProblemReport } from './load-manifest.ts';
import { projectReports } from './projections.ts';
import { many } from './findings-options.ts';
import { readTrustedKeys } from './signing.ts';
import { storeOf } from './store.ts';

export async function runGatesCommand(input: Input, terminal: Terminal): Promise<number> {
  const { values } = input;
  const opened = await openGates(values, terminal);
  const selected = selectionOf(input, opened);
  const target = targetOf(values);
  const jobs = seconds(values, 'jobs', 1);
  if (jobs < 1) throw new UsageError('--jobs takes a number from 1');
  const sign = text(values, 'sign');
  const world = await makeGateWorld(terminal, {
    sign: sign === undefined ? undefined : resolve(terminal.cwd, sign),
  });
  const root = resolve(terminal.cwd, storeOf(values, terminal));
  const store = await openStore({ ...world, root });
  const out = resolve(terminal.cwd, text(values, 'out') ?? '.');
  const options: GateRunOptions = {
    ...(await commonOptions(opened, { world, store, terminal, values })),
    ...{ selected, target, jobs },
    evidenceBase: (run) => text(values, 'evidence-base') ?? linkTo(out, bundleRoot(root, run)),
    onGate: (name, state) => {
      if (!flag(values, 'quiet') && state === 'started') terminal.err(`${name}\n`);
    },
  };
  const result = await runGates(world, options);
  const documents = await makeDocuments(result.state, result.root);
  await writeDocuments(documents, out, world.signer);
  await appendStepSummary(terminal, documents.signOff);
  terminal.out(flag(values, 'json') ? documents.results : render(documents.report));
  return documents.report.exitCode;
}

const linkTo = (out: string, root: string): string => relative(out, root).replaceAll('\\', '/');

/** What does not depend on which gates are asked. */
export async function commonOptions(
  opened: OpenedGates,
  {
    world,
    store,
    terminal,
    values,
  }: {
    readonly world: GateWorld;
    readonly store: Store;
    readonly terminal: Terminal;
    readonly values: Values;
  },
): Promise<Omit<GateRunOptions, 'evidenceBase'>> {
  const { file, shown, folder, digest } = opened;
  const timeout = text(values, 'timeout');
  return {
    ...{ store, file, shown, here: folder, digest },
    profile: text(values, 'profile') ?? 'test',
    strictManual: flag(values, 'strict-manual'),
    strictRisks: flag(values, 'strict-risks'),
    computeBase: flag(values, 'compute-base'),
    jobs: 1,
    timeoutS: timeout === undefined ? undefined : seconds(values, 'timeout', 0),
    keys: await readTrustedKeys(text(values, 'keys'), terminal),
    head: await findHead(world, folder),
    risks: await readRisks(opened, terminal),
    bootId: thisBoot(),
    signal: terminal.signal,
    howStopped,
    close: (bundle) => closeBundle(world, bundle, { store, project: projectReports(store.root) }),
  };
}

export const howStopped: GateRunOptions['howStopped'] = (signal) => {
  const stop = stopOf(signal) ?? { cause: 'SIGTERM' as const, message: 'it was told to end' };
  const exitCode = exitCodeOf(stop);
  const { cause, message } = stop;
  return exitCode === undefined
    ? { outcome: 'stopped', cause, message }
    : { outcome: 'interrupted', cause, message, exitCode };
};

async function readRisks({ file, folder }: OpenedGates, terminal: Terminal) {
  if (file.risks === undefined) return [];
  const path = resolve(folder, file.risks);
  if ((await systemFiles.stat(path)) === undefined)
    throw new UsageError(`no list of risks at ${path}`, '`risks` in the gates file names it');
  const { source, risks, problems } = loadRisks(file.risks, await systemFiles.read(path));
  const report = openProblemReport(terminal, false);
  report.add({ source, diagnostics: problems });
  report.end();
  return risks ?? [];
}

/** `--gates A B`, `--gates A,B`, `--gates A --gates B`; undefined = all. */
function selectionOf(
  { args, values }: Input,
  { file, shown }: OpenedGates,
): readonly string[] | undefined {
  const given = many(values, 'gates');
  if (given.length === 0) {
    const [word] = args;
    if (word === undefined) return undefined;
    throw new UsageError(
      `unexpected argument ${JSON.stringify(word)}`,
      'verbs: run, list, explain, report, verify, attest, runbook, watch, coverage; --gates names gates',
    );
  }
  if (flag(values, 'all')) throw new UsageError('--all and --gates exclude each other');
  const selection = selectGates([...given, ...args], { known: Object.keys(file.gates), shown });
  if ('problem' in selection) throw new UsageError(selection.problem, selection.hint);
  return selection.names;
}

export function targetOf(values: Values): string | undefined {
  const target = text(values, 'target');
  if (target === undefined) return undefined;
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new UsageError('--target takes an http or https address');
  if (url.username !== '' || url.password !== '')
    throw new UsageError('--target must not hold a password: reports show it');
  return target.replace(/\/$/u, '');
}

/**
 * GitHub and Forgejo show what is appended there with the job. The sign-off is written by then, so a
 * summary that cannot be is no reason to end otherwise.
 */
async function appendStepSummary({ env, err }: Terminal, signOff: string): Promise<void> {
  const path = env['GITHUB_STEP_SUMMARY'];
  if (path === undefined || path === '') return;
  try {
    await appendFile(path, `${signOff}\n`);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    err(`seatrial: the summary of the job was not written: ${said}\n`);
  }
}

function render({ gates, decision, state }: GatesReport): string {
  const width = Math.max(...gates.map(({ name }) => name.length));
  const lines = gates.map((gate) => {
    const bad = gate.checks.find(({ verdict }) => verdict === 'failed' || verdict === 'error');
    const reason = gate.details['reason'];
    const said = gate.reason ?? bad?.message ?? (typeof reason === 'string' ? reason : '');
    return `${marks[gate.state]} ${gate.name.padEnd(width)}  ${gate.state}${said === '' ? '' : `: ${said}`}`;
  });
  return `${[...lines, '', `decision: ${decision}`, `run: ${state.started.run}`].join('\n')}\n`;
}
