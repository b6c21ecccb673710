// Options that several aether commands share, and what they mean.

import { dialectIds, type DialectId } from '../aether/dialect.ts';
import { bytesMax, diagnosticsMax } from '../aether/limits.ts';
import { findFiles, stdinName, type Found } from './aether-paths.ts';
import { readStream } from './aether-read.ts';
import { loadRegistry } from './aether-registry.ts';
import type { JudgeSettings, PrintSettings } from './aether-settings.ts';
import {
  flag,
  text,
  UsageError,
  type Input,
  type Option,
  type Terminal,
  type Values,
} from './command.ts';

export const extOption: Option = {
  name: 'ext',
  value: 'LIST',
  summary: 'endings looked for in folders, separated by commas (default aether)',
};

export const dialectOption: Option = {
  name: 'dialect',
  value: 'ID',
  choices: dialectIds,
  summary: 'read every file as this dialect instead of telling it from its lines',
};

export const functionsOption: Option = {
  name: 'functions',
  value: 'FILE',
  summary: 'functions that scripts may call (default seatrial.functions.yaml, else built in)',
};

/** Flags and shapes of the source document. */
export const statusOptions: readonly Option[] = [
  { name: 'emit-error-code', summary: 'print AETHER_ERROR_CODE:<n> to standard error per file' },
  { name: 'json-status', summary: 'print one JSON status line per file, and nothing else' },
];

export const exitStyleOption: Option = {
  name: 'exit-style',
  value: 'STYLE',
  choices: ['exact', 'generic'],
  summary: 'generic: every failure is exit code 1',
};

export const stdinNameOption: Option = {
  name: 'stdin-name',
  value: 'NAME',
  summary: 'what standard input, -, is called in answers',
};

export const jobsOption: Option = {
  name: 'jobs',
  value: 'N',
  summary: 'processor cores to use (default all); the output is the same for any number',
};

export const judgeOptions: readonly Option[] = [
  ...statusOptions,
  extOption,
  stdinNameOption,
  dialectOption,
  functionsOption,
  { name: 'deny-warnings', summary: 'a file with warnings fails with 25' },
  { name: 'max-bytes', value: 'N', summary: `largest file (default ${String(bytesMax)})` },
  {
    name: 'max-diagnostics',
    value: 'N',
    summary: `diagnostics shown per file (default ${String(diagnosticsMax)})`,
  },
  exitStyleOption,
];

export async function readJudgeSettings(
  values: Values,
  terminal: Terminal,
): Promise<JudgeSettings> {
  const dialect = text(values, 'dialect') as DialectId | undefined;
  return {
    compat: text(values, 'compat') === 'reference',
    ...(dialect === undefined ? {} : { dialect }),
    registry: await loadRegistry(text(values, 'functions'), terminal),
    maxBytes: count(values, 'max-bytes', bytesMax),
    denyWarnings: flag(values, 'deny-warnings'),
  };
}

export function readPrintSettings(values: Values, terminal: Terminal): PrintSettings {
  const isStatus = flag(values, 'json-status');
  if (isStatus && flag(values, 'json'))
    throw new UsageError('--json and --json-status exclude each other');
  const json = flag(values, 'json') ? 'json' : 'text';
  return {
    format: isStatus ? 'status' : json,
    errorCodeLine: flag(values, 'emit-error-code'),
    maxDiagnostics: count(values, 'max-diagnostics', diagnosticsMax),
    timestamp: timestamp(terminal),
  };
}

/** Now, unless the build says what time its outputs carry. */
export function timestamp({ env }: Pick<Terminal, 'env'>): string {
  const epoch = env['SOURCE_DATE_EPOCH'];
  const isSet = epoch !== undefined && /^\d{1,11}$/.test(epoch);
  return (isSet ? new Date(Number(epoch) * 1000) : new Date()).toISOString();
}

export function readExtensions(values: Values): readonly string[] {
  const extensions = (text(values, 'ext') ?? 'aether').split(',').map((each) => each.trim());
  if (extensions.some((each) => !/^[\w.-]+$/.test(each)))
    throw new UsageError('--ext takes endings separated by commas, such as aether,neuro');
  return extensions.map((each) => each.replace(/^\./, ''));
}

/** A whole number of at least one. */
export function count(values: Values, name: string, fallback: number): number {
  const value = text(values, name);
  if (value === undefined) return fallback;
  if (!/^[1-9]\d{0,11}$/.test(value))
    throw new UsageError(`--${name} takes a whole number above 0, not ${JSON.stringify(value)}`);
  return Number(value);
}

export const exitStyle = (values: Values): 'exact' | 'generic' =>
  text(values, 'exit-style') === 'generic' ? 'generic' : 'exact';

/** The files of a command line, found as they are asked for; standard input is read at once. */
export async function openFiles(
  { args, values }: Input,
  { cwd }: Pick<Terminal, 'cwd'>,
  maxBytes: number,
): Promise<Iterable<Found>> {
  if (args.length === 0) throw new UsageError('PATH is missing');
  const options = { extensions: readExtensions(values), cwd };
  const piped = args.filter((each) => each === stdinName).length;
  if (piped === 0) return findFiles(args, options);
  if (piped > 1) throw new UsageError('standard input can be read once only');
  const read = await readStream(process.stdin, maxBytes);
  const name = text(values, 'stdin-name') ?? stdinName;
  return findFiles(args, { ...options, stdin: { name, read } });
}
