import type { Diagnostic, Span } from './diagnostic.ts';
import type { Source } from './source.ts';

/** What is wrong with one file. */
export type FileProblems = {
  readonly source: Source;
  readonly diagnostics: readonly Diagnostic[];
};

/** One diagnostic with the file it is about, ready to be shown. */
export type LocatedDiagnostic = {
  readonly source: Source;
  readonly diagnostic: Diagnostic;
  /** Concealed by any diagnostic of the file: neighbours on a line must not show it either. */
  readonly conceal: readonly Span[];
};

/** All problems in the order in which they are shown: by file, then offset, then code. */
export function sortProblems(files: readonly FileProblems[]): readonly LocatedDiagnostic[] {
  return files
    .flatMap(({ source, diagnostics }) => {
      const conceal = diagnostics.flatMap((each) => each.conceal ?? []);
      return diagnostics.map((diagnostic) => ({ source, diagnostic, conceal }));
    })
    .sort(
      (a, b) =>
        compareText(a.source.path, b.source.path) ||
        a.diagnostic.span.start - b.diagnostic.span.start ||
        compareText(a.diagnostic.code, b.diagnostic.code) ||
        compareText(a.diagnostic.message, b.diagnostic.message),
    );
}

/** Whether any of them forbids using the files. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}

/** By UTF-16 code units, so that the order does not depend on a locale. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
