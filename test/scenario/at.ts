// Problems as a test table names them: `code line:column`.

import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { positionAt, type Source } from '../../src/diagnostics/source.ts';

export function placesOf(source: Source, problems: readonly Diagnostic[]): readonly string[] {
  return problems.map(({ code, span }) => {
    const { line, column } = positionAt(source, span.start);
    return `${code} ${String(line)}:${String(column)}`;
  });
}

/** What the spans of the problems mark. */
export function markedBy(source: Source, problems: readonly Diagnostic[]): readonly string[] {
  return problems.map(({ span }) => source.text.slice(span.start, span.end));
}
