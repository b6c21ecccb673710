// `verify` from its arguments to its exit code.

import { resolve } from 'node:path';
import { answerOf, combineCodes, refusal, type Answer } from '../aether/answer.ts';
import { bytesMax } from '../aether/limits.ts';
import { renderAnswer } from '../aether/render-answer.ts';
import { verifyBytes, type SignatureAnswer, type VerifyOptions } from '../aether/signature.ts';
import { decodeText } from '../aether/text.ts';
import { printable } from '../diagnostics/printable.ts';
import { systemClock } from '../drivers/clock.ts';
import { systemFiles } from '../drivers/files.ts';
import { systemIds } from '../drivers/ids.ts';
import { sha256Hex } from '../evidence/canonical.ts';
import { printAnswer } from './aether-judge.ts';
import { exitStyle, openFiles, readPrintSettings, timestamp } from './aether-options.ts';
import { paced } from './aether-pace.ts';
import type { Found } from './aether-paths.ts';
import { readFound } from './aether-read.ts';
import {
  readRiskSettings,
  riskLines,
  scanBytes,
  withoutExcluded,
  type RiskSettings,
  type ScannedFile,
} from './aether-scan.ts';
import { emptyInput } from './aether-run-check.ts';
import type { PrintSettings } from './aether-settings.ts';
import { renderStaticReport, type ReportLine } from './aether-static-report.ts';
import { flag, text, type Input, type Terminal, type Values } from './command.ts';
import { exit } from './exit-codes.ts';
import { readTrustedKeys } from './signing.ts';

const secretVariable = 'AETHERRA_AETHER_SCRIPT_SIGNING_SECRET';
const strictVariable = 'AETHERRA_SCRIPT_VERIFY_STRICT';

type VerifySettings = {
  readonly options: VerifyOptions;
  readonly risk: RiskSettings;
  /** Unsigned files fail. */
  readonly strict: boolean;
};

type Verified = {
  readonly answer: Answer;
  readonly line: ReportLine;
  readonly code: number;
  /** Of the content; absent where it could not be read. */
  readonly digest?: string;
};

export async function runVerify(input: Input, terminal: Terminal): Promise<number> {
  const { values } = input;
  const args = input.args.length === 0 ? ['.'] : input.args;
  const settings = await readSettings(input, terminal);
  const print = readPrintSettings(values, terminal);
  const files = await openFiles({ args, values }, terminal, bytesMax);
  const verified: Verified[] = [];
  for await (const found of paced(withoutExcluded(files, values), terminal.signal)) {
    const one = verifyFound(found, settings);
    verified.push(one);
    tell(one, print, terminal);
  }
  if (verified.length === 0) return emptyInput(args, terminal);
  await writeReport(values, verified, terminal);
  return combineCodes(
    verified.map(({ code }) => code),
    exitStyle(values),
  );
}

async function readSettings({ values }: Input, terminal: Terminal): Promise<VerifySettings> {
  const { env } = terminal;
  const strict = flag(values, 'strict') || env[strictVariable] === '1';
  const secret = flag(values, 'legacy-hmac') ? env[secretVariable] : undefined;
  const keys = await readTrustedKeys(text(values, 'keys'), terminal);
  const legacy = secret === undefined || secret === '' ? {} : { legacySecret: secret };
  // Validity of keys is judged by the real clock, whatever time outputs are to carry.
  const options = { keys, now: systemClock.now().toISOString(), ...legacy };
  return { options, strict, risk: readRiskSettings(values, strict) };
}

function verifyFound(found: Found, settings: VerifySettings): Verified {
  const { name } = found;
  const read = readFound(found, bytesMax);
  if ('refusal' in read) {
    const answer = refusal(name, read.refusal.code, read.refusal.message);
    const line = {
      path: name,
      signature: `FAIL (${answer.message})`,
      score: 0,
      risks: [],
      omitted: 0,
    };
    return { answer, line, code: answer.code };
  }
  const signature = verifyBytes(read.bytes, settings.options);
  const scanned = scanBytes(name, read.bytes, settings.risk);
  const answer = answerTo(name, read.bytes, signature, settings.strict);
  const { lines: risks, omitted } = riskLines(scanned, settings.risk);
  const told = { path: name, signature: tellSignature(signature, answer) };
  const line = { ...told, score: scanned.risk.score, risks, omitted };
  return { answer, line, code: codeOf(answer, scanned), digest: sha256Hex(read.bytes) };
}

function codeOf({ code }: Answer, { fails }: ScannedFile): number {
  if (code !== 0) return code;
  return fails ? exit.failed : exit.passed;
}

/** An unsigned file fails only where signatures are demanded. */
function answerTo(
  name: string,
  bytes: Uint8Array,
  signature: SignatureAnswer,
  strict: boolean,
): Answer {
  const isTolerated = !signature.ok && signature.problem.code === 'E_SIG_MISSING' && !strict;
  const problems = signature.ok || isTolerated ? [] : [signature.problem];
  const judged = { source: decodeText(name, bytes), problems, dialect: null };
  const answer = answerOf(name, judged, { phase: 'signature' });
  return answer.code === 0 ? { ...answer, message: 'ok' } : answer;
}

function tellSignature(signature: SignatureAnswer, answer: Answer): string {
  if (!signature.ok)
    return answer.code === 0
      ? 'SKIP (unsigned)'
      : `FAIL (${signature.problem.code}: ${answer.message})`;
  return 'keyId' in signature
    ? `OK (key ${signature.keyId} of ${signature.owner})`
    : `OK (old form, over ${signature.fitted})`;
}

function tell({ answer, line, code }: Verified, print: PrintSettings, terminal: Terminal): void {
  const { path, signature, score, risks, omitted } = line;
  if (print.format === 'json') {
    terminal.out(
      `${JSON.stringify({ file: path, ok: code === 0, code, signature, score, risks, omitted })}\n`,
    );
    return;
  }
  const printed = printAnswer(answer, print);
  if (printed.err !== '') terminal.err(printed.err);
  if (print.format === 'status') terminal.out(printed.out);
  else terminal.out(`${printable(path)}: ${printable(signature)}, risk ${String(score)}\n`);
  if (print.format === 'text' && answer.code === 26) terminal.err(renderAnswer(answer));
}

/** Written whenever it is asked for, failures or not. */
async function writeReport(
  values: Values,
  verified: readonly Verified[],
  terminal: Terminal,
): Promise<void> {
  const path = text(values, 'output');
  if (path === undefined) return;
  const inputs = verified.map(({ line, digest }) => `${digest ?? '-'} ${line.path}\n`);
  const report = renderStaticReport({
    run: printable(text(values, 'run-id') ?? systemIds.nonce(8)),
    time: timestamp(terminal),
    inputDigest: sha256Hex(inputs.join('')),
    lines: verified.map(({ line }) => line),
  });
  await systemFiles.replace(resolve(terminal.cwd, path), report);
}
