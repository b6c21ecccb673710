import { resolve } from 'node:path';
import { systemClock } from '../../drivers/clock.ts';
import type { RunResult } from '../../lifecycle/planned-run.ts';
import {
  flag,
  seconds,
  text,
  UsageError,
  type Command,
  type Input,
  type Terminal,
} from '../command.ts';
import { planOptions, recipeArgument, scenarioAsked } from '../run-options.ts';
import { exit } from '../exit-codes.ts';
import type { PackRun } from '../run-pack.ts';
import type { ValidationRun } from '../run-validation.ts';

const defaultWaitS = 3600;
const defaultLifetimeS = 3600;

export const run: Command = {
  name: 'run',
  summary: 'Take one deployment through its life and record the evidence',
  details: [
    'Exit code 0: every expected check passed. 1: the app failed one. 3: something could not be',
    'judged (testbed error, inconclusive, not run). 130 or 143: interrupted, after cleanup.',
    'SEATRIAL_INGRESS=https://ADDRESS:PORT names the proxy in front of the apps of the engine, and',
    'SEATRIAL_INGRESS_CA a file of the authorities that it is verified against (default the system).',
  ],
  args: [recipeArgument],
  options: [
    ...planOptions,
    { name: 'key', value: 'FILE', summary: 'sign with this key (default SEATRIAL_SIGNING_KEY)' },
    {
      name: 'wait',
      value: 'SECONDS',
      summary: 'how long to wait for another run of this instance (default 3600)',
    },
    {
      name: 'max-lifetime',
      value: 'SECONDS',
      summary: 'give up, clean up and exit 3 after that long (default 3600)',
    },
    { name: 'subject', value: 'NAME', summary: 'of a pack: what to run on; default its first' },
    {
      name: 'subject-file',
      value: 'FILE',
      summary: 'of a pack: what is said about the subject; default where its pack.yaml says',
    },
    {
      name: 'allow-system',
      summary: 'of a pack: fixtures that say `system: true` may change the host',
    },
    { name: 'quiet', short: 'q', summary: 'no progress on standard error' },
  ],
  examples: [
    'seatrial run',
    'seatrial run --base 3.1.15 --head 4.1.15',
    'seatrial run --head dir:.',
    'seatrial run ./my-recipe --change 7',
  ],
  run: runCommand,
};

async function runCommand(input: Input, terminal: Terminal): Promise<number> {
  const { scenarioFile } = scenarioAsked(text(input.values, 'scenario') ?? '', terminal.cwd);
  if (scenarioFile === undefined) return runOfApp(input, terminal);
  const { openPackScenario } = await import('../open-pack.ts');
  const { openProblemReport } = await import('../load-manifest.ts');
  const problems = openProblemReport(terminal, flag(input.values, 'json'));
  const found = await openPackScenario(scenarioFile, problems);
  if (found === undefined) return runOfApp(input, terminal);
  const { storeOf } = await import('../store.ts');
  const store = resolve(terminal.cwd, storeOf(input.values, terminal));
  return 'validation' in found
    ? runOfValidation({ ...found, store }, input, terminal)
    : runOfPack({ ...found, store }, input, terminal);
}

const membersAtOnce = 2;

async function runOfValidation(
  asked: Pick<ValidationRun, 'pack' | 'validation' | 'store'>,
  { values }: Input,
  terminal: Terminal,
): Promise<number> {
  const { runPackValidation } = await import('../run-validation.ts');
  const key = text(values, 'key');
  const result = await runPackValidation(
    {
      ...asked,
      parallel: membersAtOnce,
      allowSystem: flag(values, 'allow-system'),
      waitMs: seconds(values, 'wait', defaultWaitS) * 1000,
      maxLifetimeMs: seconds(values, 'max-lifetime', defaultLifetimeS) * 1000,
      ...(key === undefined ? {} : { key }),
      onMember: (line) => {
        if (!flag(values, 'quiet')) terminal.err(`${line}\n`);
      },
    },
    terminal,
  );
  return showResult(result, asked.store, { json: flag(values, 'json'), terminal });
}

async function runOfPack(
  asked: Pick<PackRun, 'pack' | 'scenario' | 'store'>,
  { values }: Input,
  terminal: Terminal,
): Promise<number> {
  const { runPack } = await import('../run-pack.ts');
  const { readSubjectFile } = await import('../subject-file.ts');
  const { openLiveView } = await import('../live-view.ts');
  const view = flag(values, 'quiet')
    ? undefined
    : openLiveView(terminal, () => systemClock.now().toISOString());
  const [key, subject] = [text(values, 'key'), text(values, 'subject')];
  const named = subject === undefined ? asked : { ...asked, subject };
  const settings = await readSubjectFile(named, values, terminal);
  const result = await runPack(
    {
      ...named,
      ...(settings === undefined ? {} : { settings }),
      allowSystem: flag(values, 'allow-system'),
      waitMs: seconds(values, 'wait', defaultWaitS) * 1000,
      maxLifetimeMs: seconds(values, 'max-lifetime', defaultLifetimeS) * 1000,
      ...(key === undefined ? {} : { key }),
      ...(view === undefined ? {} : { onRecord: view.onRecord }),
    },
    terminal,
  ).finally(() => {
    view?.close();
  });
  return showResult(result, asked.store, { json: flag(values, 'json'), terminal });
}

async function runOfApp({ args, values }: Input, terminal: Terminal): Promise<number> {
  const { composeRun } = await import('../compose-run.ts');
  const { openLiveView } = await import('../live-view.ts');
  const { runPlanned } = await import('../../lifecycle/run.ts');
  const { projectReports } = await import('../projections.ts');
  const [json, quiet, key] = [flag(values, 'json'), flag(values, 'quiet'), text(values, 'key')];
  const { inputsOf } = await import('../ci-folder.ts');
  const inputs = await inputsOf(values, terminal, args);
  const tell = (line: string): void => {
    if (!quiet) terminal.err(`${line}\n`);
  };
  const composed = await composeRun(inputs, terminal, {
    json,
    onProgress: tell,
    ...(key === undefined ? {} : { key }),
  });
  const { world, planned, store, settings, folder, limitMs = Infinity } = composed;
  // Said also where progress is not: in CI nobody looks into a green report.
  for (const { code, message } of planned.notes)
    if (code === 'floor-skipped') terminal.err(`seatrial: WARNING: ${JSON.stringify(message)}\n`);
  const view = quiet ? undefined : openLiveView(terminal, () => world.clock.now().toISOString());
  const result = await runPlanned(world, planned, {
    ...{ store, settings, folder, signal: terminal.signal },
    waitMs: seconds(values, 'wait', defaultWaitS) * 1000,
    maxLifetimeMs: Math.min(limitMs, seconds(values, 'max-lifetime', defaultLifetimeS) * 1000),
    project: projectReports(store.root),
    onWait: (waitedMs) => {
      tell(`waiting for another run of this instance, ${String(Math.round(waitedMs / 1000))} s`);
    },
    onUnwritten: (message) => {
      terminal.err(`seatrial: WARNING: the reports could not be made: ${message}\n`);
    },
    ...(view === undefined ? {} : { onRecord: view.onRecord, onOutput: view.onOutput }),
  }).finally(() => {
    view?.close();
  });
  return showResult(result, store.root, { json, terminal });
}

/**
 * Shows what the disk holds now, not what memory remembers: the app runs as the same user and could
 * have written to the store.
 */
async function showResult(
  { run, state: remembered }: RunResult,
  store: string,
  { json, terminal }: { readonly json: boolean; readonly terminal: Terminal },
): Promise<number> {
  const { exitCodeOf, openRun } = await import('../store.ts');
  const opened = await openRun(store, run).catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    terminal.err(`seatrial: the evidence of run ${run} was taken away: ${error.message}\n`);
    return undefined;
  });
  if (opened === undefined) return exit.unjudged;
  const { state, objects, root } = opened;
  const { renderJson } = await import('../../reporters/json.ts');
  const { renderTerminal } = await import('../../reporters/terminal.ts');
  const { columns: width, colour } = terminal;
  terminal.out(
    json ? renderJson(state) : renderTerminal(state, { objects, width, colour, bundle: root }),
  );
  const fault = 'its journal is not the one that this run wrote';
  return exitCodeOf(state.head === remembered.head ? opened : { ...opened, fault }, terminal);
}
