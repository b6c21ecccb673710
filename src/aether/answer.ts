// What is said about one file, whichever checker said it, and the exit code of many answers.

import type { CheckedText } from './check-text.ts';
import { judge } from './check-text.ts';
import type { DialectId } from './dialect.ts';
import { problem, type Problem } from './problem.ts';
import { referenceVerdict } from './reference.ts';
import type { RuleClass } from './rule.ts';
import { makeText, placeAt, type Text } from './text.ts';

/** How far a file came. */
export type Phase = 'read' | 'signature' | 'parse' | 'execute' | 'plan';

export const codeNames: Readonly<Record<RuleClass | 1, string>> = {
  0: 'SUCCESS',
  1: 'GENERIC_FAILURE',
  20: 'PARSE_ERROR',
  21: 'RUNTIME_ERROR',
  22: 'SIGNATURE_ERROR',
  23: 'TIMEOUT_ERROR',
  24: 'UNSUPPORTED_FEATURE',
  25: 'VALIDATION_ERROR',
  26: 'IO_ERROR',
  27: 'INTERNAL_ERROR',
};

export type Answer = {
  /** The file as it was given. */
  readonly file: string;
  readonly checker: 'seatrial' | 'reference';
  readonly code: RuleClass;
  readonly phase: Phase;
  readonly message: string;
  /** From 1; null where the answer has no place. */
  readonly line: number | null;
  /** Null where no dialect was looked for. */
  readonly dialect: DialectId | null;
  /** What the spans of `problems` point into. */
  readonly source: Text;
  readonly problems: readonly Problem[];
};

export type AnswerOptions = {
  readonly phase?: Phase;
  /** Warnings of a file without errors fail it with 25. */
  readonly denyWarnings?: boolean;
};

export type Judged = Pick<CheckedText, 'source' | 'problems'> & {
  readonly dialect: DialectId | null;
};

export function answerOf(file: string, judged: Judged, options: AnswerOptions = {}): Answer {
  const { source, problems, dialect } = judged;
  const { code, main } = verdictOf(problems, options.denyWarnings ?? false);
  const span = main?.span ?? null;
  return {
    file,
    checker: 'seatrial',
    code,
    phase: options.phase ?? 'parse',
    message: main?.message ?? 'parse ok',
    line: span === null ? null : placeAt(source, span.start).line,
    dialect,
    source,
    problems,
  };
}

function verdictOf(
  problems: readonly Problem[],
  denyWarnings: boolean,
): Pick<CheckedText, 'code' | 'main'> {
  const judged = judge(problems);
  const [first] = problems;
  return judged.code === 0 && denyWarnings && first !== undefined
    ? { code: 25, main: first }
    : judged;
}

const phases: Readonly<Partial<Record<RefusalCode, Phase>>> = {
  E_IO_NOT_FOUND: 'read',
  E_IO_ACCESS: 'read',
  E_IO_KIND: 'read',
  E_SIG_MISMATCH: 'signature',
  E_SIG_FORMAT: 'signature',
};

/** The answer about a file that could not be looked at: one diagnostic without a place. */
export function refusal(file: string, code: RefusalCode, message: string): Answer {
  const judged = { source: makeText(file, ''), problems: [problem(code, null, message)] };
  const phase = phases[code] ?? 'parse';
  return answerOf(file, { ...judged, dialect: null }, { phase });
}

export type RefusalCode =
  | 'E_IO_NOT_FOUND'
  | 'E_IO_ACCESS'
  | 'E_IO_KIND'
  | 'E_LIMIT'
  | 'E_INTERNAL'
  | 'E_DIALECT_UNSUPPORTED'
  | 'E_SIG_MISMATCH'
  | 'E_SIG_FORMAT';

/** The reference checker's answer. It has no diagnostics: it knows one message and one line. */
export function referenceAnswer(file: string, bytes: Uint8Array): Answer {
  const { code, message, line } = referenceVerdict(bytes);
  const source = makeText(file, '');
  const about = { file, checker: 'reference', phase: 'parse', dialect: null } as const;
  return { ...about, code, message, line, source, problems: [] };
}

/** One exit code for many files: theirs if all failing ones agree; 27, then 26, wins over all. */
export function combineCodes(
  codes: Iterable<number>,
  style: 'exact' | 'generic' = 'exact',
): number {
  const failing = new Set(codes);
  failing.delete(0);
  if (failing.size === 0) return 0;
  if (style === 'generic') return 1;
  for (const code of [27, 26]) if (failing.has(code)) return code;
  const [only] = failing;
  return failing.size === 1 && only !== undefined ? only : 1;
}
