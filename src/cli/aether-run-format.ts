// `format` from its arguments to its exit code.

import { combineCodes, refusal, type Answer } from '../aether/answer.ts';
import { formatBytes, type Formatted } from '../aether/format-bytes.ts';
import { bytesMax } from '../aether/limits.ts';
import { renderAnswer } from '../aether/render-answer.ts';
import { isSigned, signBytes, type SigningKey } from '../aether/signature.ts';
import { printable } from '../diagnostics/printable.ts';
import { exitStyle, openFiles, readJudgeSettings } from './aether-options.ts';
import { paced } from './aether-pace.ts';
import type { Found } from './aether-paths.ts';
import { readFound } from './aether-read.ts';
import { emptyInput } from './aether-run-check.ts';
import { requireSigner } from './aether-run-sign.ts';
import type { JudgeSettings } from './aether-settings.ts';
import { rewrite } from './aether-write.ts';
import { flag, text, UsageError, type Input, type Terminal, type Values } from './command.ts';
import { exit } from './exit-codes.ts';

type Mode = 'check' | 'write' | 'print';

export async function runFormat(input: Input, terminal: Terminal): Promise<number> {
  const { args, values } = input;
  const mode = modeOf(values);
  const judge = await readJudgeSettings(values, terminal);
  const asked = text(values, 're-sign');
  const key = asked === undefined ? undefined : await requireSigner(asked, terminal);
  const codes: number[] = [];
  const files = await openFiles(input, terminal, bytesMax);
  for await (const found of paced(files, terminal.signal)) {
    const result = await formatFound(found, { judge, mode, key });
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

type Job = {
  readonly judge: JudgeSettings;
  readonly mode: Mode;
  /** Signs what was signed again. */
  readonly key: SigningKey | undefined;
};

async function formatFound(found: Found, job: Job): Promise<Result> {
  const { name: file } = found;
  const { mode } = job;
  const formatted = await formatAndWrite(found, job);
  if ('refused' in formatted) return { file, code: formatted.refused.code, formatted };
  return { file, code: mode === 'check' && formatted.isChanged ? exit.failed : 0, formatted };
}

async function formatAndWrite(found: Found, { judge, mode, key }: Job): Promise<Formatted> {
  const { name, path } = found;
  const { dialect, registry, maxBytes } = judge;
  const read = readFound(found, maxBytes);
  if ('refusal' in read) return { refused: refusal(name, read.refusal.code, read.refusal.message) };
  const asked = dialect === undefined ? {} : { dialect };
  const options = { registry, bytesMax: maxBytes, ...asked, signsAgain: key !== undefined };
  const formatted = await signAgain(formatBytes(name, read.bytes, options), key);
  if (mode !== 'write' || 'refused' in formatted || !formatted.isChanged) return formatted;
  const failed = await rewrite(path, formatted.bytes);
  return failed === undefined ? formatted : { refused: refusal(name, 'E_IO_ACCESS', failed) };
}

async function signAgain(formatted: Formatted, key: SigningKey | undefined): Promise<Formatted> {
  if (key === undefined || 'refused' in formatted || !formatted.isChanged) return formatted;
  if (!isSigned(formatted.bytes)) return formatted;
  const bytes = await signBytes(formatted.bytes, key);
  return bytes === undefined ? formatted : { ...formatted, bytes };
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
