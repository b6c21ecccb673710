// What the language server says, in the words of the protocol.

import {
  CodeActionKind,
  CompletionItemKind,
  DiagnosticSeverity,
  SymbolKind,
  type CodeAction,
  type CompletionItem,
  type Diagnostic,
  type DocumentSymbol,
  type Hover,
  type Position,
  type Range,
  type TextEdit,
} from 'vscode-languageserver/node';
import { completeAt, type Completion } from '../aether/complete.ts';
import { formatBytes } from '../aether/format-bytes.ts';
import { hoverAt } from '../aether/hover.ts';
import { outlineOf, type OutlineItem, type OutlineKind } from '../aether/outline.ts';
import type { Problem } from '../aether/problem.ts';
import { quickFix } from '../aether/quick-fix.ts';
import type { Registry } from '../aether/registry.ts';
import { encodeText } from '../aether/text.ts';
import type { OpenDocument, Units } from './aether-lsp-document.ts';

const top: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** All of them: the same as `check` prints for the file. A problem without a place is put on top. */
export function diagnosticsOf({ checked, units, document }: OpenDocument): Diagnostic[] {
  const { uri } = document;
  return checked.problems.map((found) => {
    const { code, severity, message, span, hint, related } = found;
    return {
      code,
      source: 'aether',
      severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
      message: hint === undefined ? message : `${message}\n${hint}`,
      range: span === null ? top : units.rangeOf(span),
      ...(related === undefined
        ? {}
        : {
            relatedInformation: related.map((each) => ({
              message: each.message,
              location: { uri, range: units.rangeOf(each.span) },
            })),
          }),
    };
  });
}

export function hoverOf(
  { checked, units }: OpenDocument,
  registry: Registry,
  position: Position,
): Hover | null {
  const found = hoverAt(checked, registry, units.offsetAt(position));
  if (found === undefined) return null;
  const contents = { kind: 'markdown' as const, value: found.markdown };
  return { contents, range: units.rangeOf(found.span) };
}

const completionKinds: Readonly<Record<Completion['kind'], CompletionItemKind>> = {
  function: CompletionItemKind.Function,
  keyword: CompletionItemKind.Keyword,
  name: CompletionItemKind.Variable,
  option: CompletionItemKind.Property,
};

export function completionsOf(
  { checked, units }: OpenDocument,
  registry: Registry,
  position: Position,
): CompletionItem[] {
  return completeAt(checked, registry, units.offsetAt(position)).map(
    ({ label, kind, detail, insert }) => ({
      label,
      kind: completionKinds[kind],
      ...(detail === undefined ? {} : { detail }),
      ...(insert === undefined ? {} : { insertText: insert }),
    }),
  );
}

const symbolKinds: Readonly<Record<OutlineKind, SymbolKind>> = {
  goal: SymbolKind.String,
  block: SymbolKind.Module,
  name: SymbolKind.Variable,
  step: SymbolKind.Function,
  control: SymbolKind.Operator,
};

export function symbolsOf({ checked, units }: OpenDocument): DocumentSymbol[] {
  const symbol = ({ name, kind, span, extent, children }: OutlineItem): DocumentSymbol => ({
    name,
    kind: symbolKinds[kind],
    range: units.rangeOf(extent),
    selectionRange: units.rangeOf(span),
    children: children.map(symbol),
  });
  return outlineOf(checked.script.body, checked.source.text.length).map(symbol);
}

/** None where the text cannot be formatted, or is already. */
export function formattingOf({ checked, units }: OpenDocument, registry: Registry): TextEdit[] {
  const { path, text, hasBom } = checked.source;
  const formatted = formatBytes(path, encodeText({ text, hasBom }), { registry });
  if ('refused' in formatted || !formatted.isChanged) return [];
  const newText = new TextDecoder('utf-8').decode(formatted.bytes);
  return [{ range: units.rangeOf({ start: 0, end: text.length }), newText }];
}

export function actionsOf(open: OpenDocument, range: Range): CodeAction[] {
  const { checked, units, document } = open;
  const start = units.offsetAt(range.start);
  const end = units.offsetAt(range.end);
  const touched = ({ span }: Problem): boolean =>
    span !== null && span.start <= end && start <= span.end;
  const diagnostics = diagnosticsOf(open);
  return checked.problems.flatMap((found, index) => {
    const fix = touched(found) ? quickFix(found) : undefined;
    if (fix === undefined) return [];
    const edits = fix.edits.map((edit) => editOf(edit, units));
    return [
      {
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        diagnostics: diagnostics.slice(index, index + 1),
        isPreferred: true,
        edit: { changes: { [document.uri]: edits } },
      },
    ];
  });
}

function editOf(
  edit: { readonly start: number; readonly end: number; readonly text: string },
  units: Units,
): TextEdit {
  return { range: units.rangeOf(edit), newText: edit.text };
}
