import { sortProblems, type FileProblems } from './file-problems.ts';
import { positionAt, type Source } from './source.ts';

/** One diagnostic as machines read it. Lines and columns count from 1, columns in UTF-16 units. */
export type DiagnosticJson = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint: string | null;
  readonly related: readonly {
    readonly line: number;
    readonly column: number;
    readonly message: string;
  }[];
};

/** All problems, sorted by file, offset and code. No part of a source's text is in the result. */
export function renderJson(files: readonly FileProblems[]): readonly DiagnosticJson[] {
  return sortProblems(files).map(({ source, diagnostic }) => {
    const { line, column } = positionAt(source, diagnostic.span.start);
    const end = positionAt(source, diagnostic.span.end);
    return {
      file: source.path,
      line,
      column,
      endLine: end.line,
      endColumn: end.column,
      code: diagnostic.code,
      severity: diagnostic.severity,
      message: diagnostic.message,
      hint: diagnostic.hint ?? null,
      related: related(source, diagnostic.related ?? []),
    };
  });
}

function related(
  source: Source,
  notes: readonly { readonly span: { readonly start: number }; readonly message: string }[],
): DiagnosticJson['related'] {
  return notes.map(({ span, message }) => ({ ...positionAt(source, span.start), message }));
}
