// What the shared options of aether commands mean.

import { addAbortSignal } from 'node:stream';
import type { DialectId } from '../aether/dialect.ts';
import { bytesMax, diagnosticsMax } from '../aether/limits.ts';
import { findFiles, stdinName, type Found } from './aether-paths.ts';
import { readStream } from './aether-read.ts';
import { loadRegistry } from './aether-registry.ts';
import type { JudgeSettings, PrintSettings } from './aether-settings.ts';
import { flag, text, UsageError, type Input, type Terminal, type Values } from './command.ts';

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
  { cwd, signal }: Pick<Terminal, 'cwd' | 'signal'>,
  maxBytes: number,
): Promise<Iterable<Found>> {
  if (args.length === 0) throw new UsageError('PATH is missing');
  const options = { extensions: readExtensions(values), cwd };
  const piped = args.filter((each) => each === stdinName).length;
  if (piped === 0) return findFiles(args, options);
  if (piped > 1) throw new UsageError('standard input can be read once only');
  const read = await readStream(addAbortSignal(signal, process.stdin), maxBytes);
  const name = text(values, 'stdin-name') ?? stdinName;
  return findFiles(args, { ...options, stdin: { name, read } });
}
