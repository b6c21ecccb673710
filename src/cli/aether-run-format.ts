// `format` from its arguments to its exit code.

import { realpathSync, statSync } from 'node:fs';
import { combineCodes, refusal, type Answer } from '../aether/answer.ts';
import { formatBytes, type Formatted } from '../aether/format-bytes.ts';
import { bytesMax } from '../aether/limits.ts';
import { renderAnswer } from '../aether/render-answer.ts';
import { printable } from '../diagnostics/printable.ts';
import { systemFiles } from '../drivers/files.ts';
import { WorldError } from '../ports/world-error.ts';
import { exitStyle, openFiles, readJudgeSettings } from './aether-options.ts';
import type { Found } from './aether-paths.ts';
import { readFound } from './aether-read.ts';
import { emptyInput } from './aether-run-check.ts';
import type { JudgeSettings } from './aether-settings.ts';
import { flag, UsageError, type Input, type Terminal, type Values } from './command.ts';
import { exit } from './exit-codes.ts';

type Mode = 'check' | 'write' | 'print';

export async function runFormat(input: Input, terminal: Terminal): Promise<number> {
  const { args, values } = input;
  const mode = modeOf(values);
  const judge = await readJudgeSettings(values, terminal);
  const codes: number[] = [];
  for (const found of await openFiles(input, terminal, bytesMax)) {
    const result = await formatFound(found, judge, mode);
    codes.push(result.code);
    tell(result, { mode, terminal, json: flag(values, 'json') });
  }
  return codes.length === 0 ? emptyInput(args, terminal) : combineCodes(codes, exitStyle(values));
}

function modeOf(values: Values): Mode {
  if (flag(values, 'check') && flag(values, 'write'))
    throw new UsageError('--check and --write exclude each other');
  if (flag(values, 'check')) return 'check';
  return flag(values, 'write') ? 'write' : 'print';
}

type Result = {
  readonly file: string;
  readonly code: number;
  readonly formatted: Formatted;
};

async function formatFound(found: Found, judge: JudgeSettings, mode: Mode): Promise<Result> {
  const { name: file } = found;
  const formatted = await formatAndWrite(found, judge, mode);
  if ('refused' in formatted) return { file, code: formatted.refused.code, formatted };
  return { file, code: mode === 'check' && formatted.isChanged ? exit.failed : 0, formatted };
}

async function formatAndWrite(found: Found, judge: JudgeSettings, mode: Mode): Promise<Formatted> {
  const { name, path } = found;
  const { dialect, registry, maxBytes } = judge;
  const read = readFound(found, maxBytes);
  if ('refusal' in read) return { refused: refusal(name, read.refusal.code, read.refusal.message) };
  const asked = dialect === undefined ? {} : { dialect };
  const formatted = formatBytes(name, read.bytes, { registry, bytesMax: maxBytes, ...asked });
  if (mode !== 'write' || 'refused' in formatted || !formatted.isChanged) return formatted;
  const failed = await write(path, formatted.bytes);
  return failed === undefined ? formatted : { refused: refusal(name, 'E_IO_ACCESS', failed) };
}

/** A link that a person named stays one: the file it leads to is written. */
async function write(path: string | Buffer, bytes: Uint8Array): Promise<string | undefined> {
  try {
    const real = realpathSync(path);
    await systemFiles.replace(real, bytes, statSync(real).mode & 0o7777);
    return undefined;
  } catch (error) {
    if (error instanceof WorldError) return error.message;
    return error instanceof Error ? error.message : String(error);
  }
}

type Voice = { readonly mode: Mode; readonly terminal: Terminal; readonly json: boolean };

function tell({ file, code, formatted }: Result, { mode, terminal, json }: Voice): void {
  if (json) {
    const refused = 'refused' in formatted ? formatted.refused.message : null;
    const changed = 'refused' in formatted ? false : formatted.isChanged;
    terminal.out(`${JSON.stringify({ file, code, changed, refused })}\n`);
  } else if ('refused' in formatted) terminal.err(told(formatted.refused));
  else if (mode === 'print') terminal.out(new TextDecoder().decode(formatted.bytes));
  else if (formatted.isChanged) terminal.out(`${printable(file)}\n`);
}

/** Only errors: warnings do not keep a file from being formatted. */
function told(refused: Answer): string {
  const problems = refused.problems.filter(({ severity }) => severity === 'error');
  return renderAnswer({ ...refused, problems });
}
