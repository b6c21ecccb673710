// `run` from its arguments to its exit code.

import { statSync } from 'node:fs';
import { answerOf, combineCodes, refusal, type Answer } from '../aether/answer.ts';
import type { CheckedText } from '../aether/check-text.ts';
import type { Effects } from '../aether/effects.ts';
import { interpret, type RunOutcome, type RunRecord } from '../aether/interpret.ts';
import { planRun, type PlanEntry } from '../aether/plan-run.ts';
import { renderAnswerJson, renderStatus } from '../aether/render-answer.ts';
import { placeAt } from '../aether/text.ts';
import { printable } from '../diagnostics/printable.ts';
import { systemClock } from '../drivers/clock.ts';
import { systemFiles } from '../drivers/files.ts';
import { exitCodeOf, stopOf } from '../lifecycle/stop.ts';
import { WorldError } from '../ports/world-error.ts';
import { fakeCapabilities, fakePlugins, makeFakeEffects } from './aether-fake-provider.ts';
import type { OpenEffects } from './aether-provider.ts';
import { checkWith, printAnswer } from './aether-judge.ts';
import {
  count,
  exitStyle,
  openFiles,
  readJudgeSettings,
  readPrintSettings,
} from './aether-options.ts';
import { paced } from './aether-pace.ts';
import type { Found } from './aether-paths.ts';
import { readFound } from './aether-read.ts';
import type { JudgeSettings, PrintSettings } from './aether-settings.ts';
import { flag, text, UsageError, type Input, type Terminal, type Values } from './command.ts';
import { exit } from './exit-codes.ts';

type RunSettings = {
  readonly judge: JudgeSettings;
  readonly print: PrintSettings;
  readonly dryRun: boolean;
  readonly limits: {
    readonly maxSteps: number;
    readonly timeoutMs: number;
    readonly maxParallel: number;
    readonly strict: boolean;
  };
  readonly openEffects: OpenEffects;
};

type Ran = {
  readonly answer: Answer;
  readonly record?: RunRecord;
  readonly plan?: readonly PlanEntry[];
  readonly interrupted?: true;
};

export async function runScripts(input: Input, terminal: Terminal): Promise<number> {
  const { values } = input;
  const settings = await readSettings(values, terminal);
  const codes: number[] = [];
  const records: object[] = [];
  const files = await openFiles(input, terminal, settings.judge.maxBytes);
  for await (const found of paced(files, terminal.signal)) {
    const ran = await runFound(found, settings, terminal.signal);
    if (ran.interrupted) return interrupted(terminal);
    tell(ran, settings, terminal);
    codes.push(ran.answer.code);
    if (ran.record !== undefined) records.push({ file: found.name, ...ran.record });
  }
  const failed = await keepRecords(text(values, 'record'), records, terminal);
  return failed ? exit.unjudged : combineCodes(codes, exitStyle(values));
}

async function readSettings(values: Values, terminal: Terminal): Promise<RunSettings> {
  const limits = {
    maxSteps: count(values, 'max-steps', 10_000),
    timeoutMs: count(values, 'timeout', 60) * 1000,
    maxParallel: count(values, 'max-parallel', 8),
    strict: flag(values, 'strict'),
  };
  const judge = await readJudgeSettings(values, terminal);
  const print = readPrintSettings(values, terminal);
  const openEffects = await readProvider(values, terminal, print.timestamp);
  return { judge, print, dryRun: flag(values, 'dry-run'), limits, openEffects };
}

/** Without a provider the clock is real and every call fails: nothing is ever made up. */
async function readProvider(
  values: Values,
  terminal: Terminal,
  timestamp: string,
): Promise<OpenEffects> {
  const given = text(values, 'provider');
  const [plugins, capabilities] = [
    list(values, 'plugin').map(readPlugin),
    list(values, 'capability'),
  ];
  if (given === 'fake') {
    const settings = {
      plugins: new Map([...fakePlugins, ...plugins]),
      capabilities: new Set([...fakeCapabilities, ...capabilities]),
      startMs: Date.parse(timestamp),
    };
    return () => Promise.resolve({ effects: makeFakeEffects(settings), close: nothingToClose });
  }
  if (given === undefined)
    return () => Promise.resolve({ effects: realTime, close: nothingToClose });
  if (plugins.length + capabilities.length > 0)
    throw new UsageError(
      '--plugin and --capability go with --provider fake',
      'a module exports its own `plugins` and `capabilities`',
    );
  const { approveProvider } = await import('./aether-provider.ts');
  return approveProvider(given, values, terminal, realTime);
}

const nothingToClose = (): Promise<void> => Promise.resolve();

const realTime: Effects = {
  now: () => systemClock.monotonicMs(),
  timestamp: () => systemClock.now().toISOString(),
  sleep: async (ms, signal) => {
    await systemClock.sleep(ms, signal).catch(() => undefined);
  },
};

function list(values: Values, name: string): readonly string[] {
  const given = values[name];
  return Array.isArray(given) ? (given as readonly string[]) : [];
}

function readPlugin(given: string): readonly [string, string] {
  const [, name, version] = /^([^@]+)@(\d+(?:\.\d+)*)$/.exec(given) ?? [];
  if (name === undefined || version === undefined)
    throw new UsageError(`--plugin takes NAME@VERSION, not ${JSON.stringify(given)}`);
  return [name, version];
}

async function runFound(found: Found, settings: RunSettings, signal: AbortSignal): Promise<Ran> {
  const { name } = found;
  const read = readFound(found, settings.judge.maxBytes);
  if ('refusal' in read) return { answer: refusal(name, read.refusal.code, read.refusal.message) };
  try {
    return await runBytes(name, read.bytes, settings, signal);
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    return { answer: refusal(name, 'E_INTERNAL', told.split('\n')[0] ?? '') };
  }
}

async function runBytes(
  name: string,
  bytes: Uint8Array,
  settings: RunSettings,
  signal: AbortSignal,
): Promise<Ran> {
  const checked = checkWith(name, bytes, settings.judge);
  const { source, problems, decision } = checked;
  const judged = { source, problems, dialect: decision.dialect };
  const { denyWarnings } = settings.judge;
  const answer = answerOf(name, judged, { denyWarnings });
  if (answer.code !== 0) return { answer };
  if (settings.dryRun)
    return { answer: { ...answer, phase: 'plan', message: 'ok' }, plan: planRun(checked.script) };
  const outcome = await execute(checked, settings, signal);
  if (outcome.interrupted) return { answer, interrupted: true };
  return { answer: concluded(answer, checked, outcome), record: outcome.record };
}

async function execute(
  checked: CheckedText,
  { judge: { registry }, limits, openEffects }: RunSettings,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const { effects, close } = await openEffects(signal);
  try {
    return await interpret(checked, effects, signal, { registry, ...limits });
  } finally {
    await close();
  }
}

function concluded(answer: Answer, { source }: CheckedText, outcome: RunOutcome): Answer {
  const { code, message, problem } = outcome;
  const span = problem?.span ?? null;
  const problems = problem === undefined ? answer.problems : [...answer.problems, problem];
  const line = span === null ? null : placeAt(source, span.start).line;
  return { ...answer, code, message, line, problems, phase: 'execute' };
}

function tell(ran: Ran, { print }: RunSettings, terminal: Terminal): void {
  const { answer, plan, record } = ran;
  const printed = printAnswer(answer, print);
  if (printed.err !== '') terminal.err(printed.err);
  if (print.format === 'status') terminal.out(renderStatus(answer, print.timestamp));
  else if (print.format === 'json') {
    const line = JSON.parse(renderAnswerJson(answer, print.maxDiagnostics)) as object;
    terminal.out(`${JSON.stringify({ ...line, plan: plan ?? null, record: record ?? null })}\n`);
  } else terminal.out(`${printed.out}${plan === undefined ? '' : renderPlan(plan)}${summary(ran)}`);
}

function renderPlan(plan: readonly PlanEntry[]): string {
  return plan
    .map(({ depth, kind, text: told }) => `${'  '.repeat(depth + 1)}${kind}: ${printable(told)}\n`)
    .join('');
}

function summary({ answer, record, plan }: Ran): string {
  const name = printable(answer.file);
  if (plan !== undefined) return `${name}: plan only, nothing was called\n`;
  const calls = record === undefined ? '' : `, ${String(record.calls.length)} calls`;
  return `${name}: ${printable(answer.message)}${calls}\n`;
}

function interrupted({ signal, err }: Terminal): number {
  const stop = stopOf(signal);
  err(`seatrial: ${stop?.message ?? 'interrupted'}; open transactions were undone\n`);
  return (stop === undefined ? undefined : exitCodeOf(stop)) ?? exit.unjudged;
}

/** Whether the record could not be kept: a run whose evidence is lost does not count as one. */
async function keepRecords(
  path: string | undefined,
  records: readonly object[],
  terminal: Terminal,
): Promise<boolean> {
  if (path === undefined) return false;
  try {
    const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    await systemFiles.replace(path.startsWith('/') ? path : `${terminal.cwd}/${path}`, lines);
    return false;
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    terminal.err(`seatrial: the record was not kept: ${error.message}\n`);
    return true;
  }
}

export function refuseFolders(args: readonly string[], { cwd }: Terminal): void {
  for (const given of args) {
    const stat = statSync(given.startsWith('/') ? given : `${cwd}/${given}`, {
      throwIfNoEntry: false,
    });
    if (stat?.isDirectory() === true)
      throw new UsageError(`${given} is a folder`, 'run takes files; check takes folders');
  }
}
