// One file from its path to what is printed about it. Everything here can be sent to a worker.

import { answerOf, referenceAnswer, refusal, type Answer } from '../aether/answer.ts';
import { checkBytes, type CheckedText } from '../aether/check-text.ts';
import { renderAnswer, renderAnswerJson, renderStatus } from '../aether/render-answer.ts';
import { decodeText, makeText } from '../aether/text.ts';
import type { Found, ReadBytes } from './aether-paths.ts';
import { readFound } from './aether-read.ts';
import type { JudgeSettings, Memory, PrintSettings } from './aether-settings.ts';
import { version } from './version.ts';

/** What is printed about a file; `code` is its answer. */
export type Printed = { readonly code: number; readonly out: string; readonly err: string };

/** Checks a file. Never throws: a bug in the checker is this file's answer, 27. */
export function judgeFound(found: Found, settings: JudgeSettings, memory?: Memory): Answer {
  return judgeRead(found.name, readFound(found, settings.maxBytes), settings, memory);
}

export function judgeRead(
  name: string,
  read: ReadBytes,
  settings: JudgeSettings,
  memory?: Memory,
): Answer {
  if ('refusal' in read) return refusal(name, read.refusal.code, read.refusal.message);
  return guarded(name, () => judgeBytes(name, read.bytes, settings, memory));
}

/** Turns a bug met on one file into that file's answer, so that the others are still answered. */
export function guarded(name: string, judge: () => Answer): Answer {
  try {
    return judge();
  } catch (error) {
    const told = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return refusal(name, 'E_INTERNAL', `${withoutPaths(told)} (seatrial ${version})`);
  }
}

/** The first line, with absolute paths cut down to their last part. */
function withoutPaths(text: string): string {
  const [line = ''] = text.split('\n');
  return line.replaceAll(/(?:file:\/\/)?(?:\/[^\s/:'")]+)+\/(?=[^\s/])/g, '');
}

function judgeBytes(
  name: string,
  bytes: Uint8Array,
  settings: JudgeSettings,
  memory: Memory | undefined,
): Answer {
  if (settings.compat) return referenceAnswer(name, bytes);
  const { denyWarnings } = settings;
  const key = memory?.keyOf(name, bytes) ?? '';
  const known = memory?.find(key);
  if (known !== undefined) {
    const source = known.problems.length === 0 ? makeText(name, '') : decodeText(name, bytes);
    return answerOf(name, { source, ...known }, { denyWarnings });
  }
  const { source, problems, decision } = checkWith(name, bytes, settings);
  memory?.keep(key, { dialect: decision.dialect, problems });
  return answerOf(name, { source, problems, dialect: decision.dialect }, { denyWarnings });
}

export function checkWith(
  name: string,
  bytes: Uint8Array,
  { dialect, registry, maxBytes }: Pick<JudgeSettings, 'dialect' | 'registry' | 'maxBytes'>,
): CheckedText {
  const asked = dialect === undefined ? {} : { dialect };
  return checkBytes(bytes, { path: name, registry, bytesMax: maxBytes, ...asked });
}

/** Standard output holds what was asked for and nothing else; text for people makes way for it. */
export function printAnswer(answer: Answer, settings: PrintSettings): Printed {
  const { format, errorCodeLine, maxDiagnostics, timestamp } = settings;
  const codeLine = errorCodeLine ? `AETHER_ERROR_CODE:${String(answer.code)}\n` : '';
  const told = renderAnswer(answer, maxDiagnostics);
  if (format === 'text') return { code: answer.code, out: told, err: codeLine };
  const out =
    format === 'status'
      ? renderStatus(answer, timestamp)
      : renderAnswerJson(answer, maxDiagnostics);
  return { code: answer.code, out, err: format === 'status' ? codeLine + told : codeLine };
}
