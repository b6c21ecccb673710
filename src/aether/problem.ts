import type { Span } from '../diagnostics/diagnostic.ts';
import { ruleClass, type RuleCode } from './rules.ts';

export type Edit = { readonly start: number; readonly end: number; readonly text: string };

/** One diagnostic of a workflow file. `span` is null where the rule has no place in the file. */
export type Problem = {
  readonly code: RuleCode;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly span: Span | null;
  readonly hint?: string;
  readonly related?: readonly { readonly message: string; readonly span: Span }[];
  readonly fix?: { readonly title: string; readonly edits: readonly Edit[] };
};

export type ProblemDetail = Pick<Problem, 'hint' | 'related' | 'fix'>;

export function problem(
  code: RuleCode,
  span: Span | null,
  message: string,
  detail: ProblemDetail = {},
): Problem {
  const severity = code.startsWith('W_') ? 'warning' : 'error';
  return { code, severity, message, span, ...detail };
}

/** By place, placeless last, then by code. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => start(a) - start(b) || compareCodes(a.code, b.code));
}

function start({ span }: Problem): number {
  return span?.start ?? Number.MAX_SAFE_INTEGER;
}

function compareCodes(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function isSyntaxError({ code, severity }: Problem): boolean {
  return severity === 'error' && ruleClass(code) === 20;
}
