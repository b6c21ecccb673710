// A problem of a recipe: a diagnostic together with the file it is about, since a recipe is many files.

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { FileProblems } from '../diagnostics/file-problems.ts';
import type { Source } from '../diagnostics/source.ts';
import type { RecipeCode } from './codes.ts';
import { severityOf } from './codes.ts';
import type { Place } from './tree.ts';

export type RecipeProblem = { readonly source: Source; readonly diagnostic: Diagnostic };

/** `severity` only where it differs from the code's own. */
export function problemAt(
  { source, span }: Place,
  code: RecipeCode,
  message: string,
  more: {
    readonly hint?: string;
    readonly severity?: Diagnostic['severity'];
    readonly conceal?: boolean;
  } = {},
): RecipeProblem {
  return {
    source,
    diagnostic: {
      code,
      severity: more.severity ?? severityOf(code),
      message,
      span,
      ...(more.hint === undefined ? {} : { hint: more.hint }),
      ...(more.conceal === true ? { conceal: [span] } : {}),
    },
  };
}

/** By file, in the order in which files were first met; each problem once. */
export function problemsByFile(problems: readonly RecipeProblem[]): readonly FileProblems[] {
  const files = new Map<string, { source: Source; diagnostics: Diagnostic[] }>();
  const seen = new Set<string>();
  for (const { source, diagnostic } of problems) {
    const { span, code, message } = diagnostic;
    const key = `${source.path}\0${String(span.start)}\0${code}\0${message}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const file = files.get(source.path) ?? { source, diagnostics: [] };
    file.diagnostics.push(diagnostic);
    files.set(source.path, file);
  }
  return [...files.values()];
}

export const isError = ({ diagnostic }: RecipeProblem): boolean => diagnostic.severity === 'error';
