// An answer as text for people and as lines for machines.

import { printable } from '../diagnostics/printable.ts';
import { renderText } from '../diagnostics/render.ts';
import type { Span } from '../diagnostics/diagnostic.ts';
import { codeNames, type Answer } from './answer.ts';
import { diagnosticsMax } from './limits.ts';
import type { Edit, Problem } from './problem.ts';
import { placeAt, type Place, type Text } from './text.ts';

/** The line that the source document asks for: these keys in this order, and no others. */
export function renderStatus(answer: Answer, timestamp: string): string {
  const { code, file, phase, message, line } = answer;
  const name = codeNames[code];
  const ok = code === 0;
  return `${JSON.stringify({ ok, code, code_name: name, file, phase, message, line, timestamp })}\n`;
}

export type PlacedSpan = { readonly start: Place; readonly end: Place };

/** A diagnostic that can be understood without its file. Lines and columns from 1. */
export type PlacedProblem = {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly file: string;
  readonly span: PlacedSpan | null;
  readonly hint?: string;
  readonly related?: readonly { readonly message: string; readonly span: PlacedSpan }[];
  readonly fix?: {
    readonly title: string;
    readonly edits: readonly { readonly span: PlacedSpan; readonly text: string }[];
  };
};

export function placeProblem(file: string, source: Text, found: Problem): PlacedProblem {
  const { code, severity, message, span, hint, related, fix } = found;
  const placed = (range: Span): PlacedSpan => placeSpan(source, range);
  const edit = (each: Edit) => ({ span: placed(each), text: each.text });
  return {
    code,
    severity,
    message,
    file,
    span: span === null ? null : placed(span),
    ...(hint === undefined ? {} : { hint }),
    ...(related === undefined
      ? {}
      : { related: related.map((each) => ({ message: each.message, span: placed(each.span) })) }),
    ...(fix === undefined ? {} : { fix: { title: fix.title, edits: fix.edits.map(edit) } }),
  };
}

function placeSpan(source: Text, { start, end }: Span): PlacedSpan {
  return { start: placeAt(source, start), end: placeAt(source, end) };
}

export const answerSchemaId = 'seatrial/aether-answer/1';

/** One line of `--json`; `diagnosticsMax` are shown, `omitted` counts the rest. */
export function renderAnswerJson(answer: Answer, limit: number = diagnosticsMax): string {
  const { file, code, phase, dialect, checker, message, line, problems, source } = answer;
  const shown = problems.slice(0, limit);
  return `${JSON.stringify({
    schema: answerSchemaId,
    file,
    ok: code === 0,
    code,
    code_name: codeNames[code],
    phase,
    dialect,
    checker,
    message,
    line,
    diagnostics: shown.map((each) => placeProblem(file, source, each)),
    omitted: problems.length - shown.length,
  })}\n`;
}

/** The diagnostics with the lines they are about; nothing for a clean file. */
export function renderAnswer(answer: Answer, limit: number = diagnosticsMax): string {
  const { file, checker, code, line, message, problems } = answer;
  const name = printable(file);
  if (checker === 'reference') {
    if (code === 0) return '';
    return `${name}:${String(line ?? 0)}: error[${codeNames[code]}]: ${printable(message)}\n`;
  }
  const omitted = problems.length - limit;
  const note = omitted > 0 ? `${name}: ${String(omitted)} more are not shown\n` : '';
  const shown = problems.slice(0, limit).map((each) => `${renderProblem(answer, each)}\n`);
  return shown.join('') + note;
}

function renderProblem({ file, source }: Answer, found: Problem): string {
  const { code, severity, message, span, hint } = found;
  if (span === null) {
    const first = `${printable(file)}: ${severity}[${code}]: ${printable(message)}`;
    return hint === undefined ? first : `${first}\n  = hint: ${printable(hint)}`;
  }
  return renderText({ ...source, path: file }, { ...found, span, related: [] });
}
