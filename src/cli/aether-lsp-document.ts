// An open document: its text as the editor changes it, and what the checker says of it. Positions are
// in the units the editor negotiated; inside everything counts UTF-16 units.

import type { Position, Range, TextDocumentContentChangeEvent } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { checkString, type CheckedText } from '../aether/check-text.ts';
import type { Registry } from '../aether/registry.ts';
import type { Span } from '../diagnostics/diagnostic.ts';

export type Encoding = 'utf-16' | 'utf-8';

export type Units = {
  readonly positionAt: (offset: number) => Position;
  readonly offsetAt: (position: Position) => number;
  readonly rangeOf: (span: Span) => Range;
};

/** Conversions for one state of a document; `shift` is 1 where the text begins with a mark. */
export function makeUnits(document: TextDocument, encoding: Encoding): Units {
  const shift = document.getText().startsWith('\ufeff') ? 1 : 0;
  const lineOf = (line: number): string =>
    document.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
  const positionAt = (offset: number): Position => {
    const { line, character } = document.positionAt(offset + shift);
    if (encoding === 'utf-16') return { line, character };
    return { line, character: Buffer.byteLength(lineOf(line).slice(0, character)) };
  };
  return {
    positionAt,
    offsetAt: ({ line, character }) => {
      const units = encoding === 'utf-16' ? character : unitsIn(lineOf(line), character);
      return Math.max(0, document.offsetAt({ line, character: units }) - shift);
    },
    rangeOf: ({ start, end }) => ({ start: positionAt(start), end: positionAt(end) }),
  };
}

/** UTF-16 units that so many bytes of UTF-8 are; a character that is cut in two counts as a whole. */
function unitsIn(line: string, bytes: number): number {
  let [units, left] = [0, bytes];
  for (const character of line) {
    if (left <= 0) break;
    left -= Buffer.byteLength(character);
    units += character.length;
  }
  return units;
}

/** Applies changes in their order, each to the text that the one before left. */
export function applyChanges(
  document: TextDocument,
  changes: readonly TextDocumentContentChangeEvent[],
  version: number,
  encoding: Encoding,
): TextDocument {
  let current = document;
  for (const change of changes) {
    const converted =
      'range' in change
        ? { text: change.text, range: toUtf16(current, change.range, encoding) }
        : change;
    current = TextDocument.update(current, [converted], version);
  }
  return current;
}

function toUtf16(document: TextDocument, { start, end }: Range, encoding: Encoding): Range {
  if (encoding === 'utf-16') return { start, end };
  const line = (index: number): string =>
    document.getText({
      start: { line: index, character: 0 },
      end: { line: index + 1, character: 0 },
    });
  const convert = (position: Position): Position => {
    return { line: position.line, character: unitsIn(line(position.line), position.character) };
  };
  return { start: convert(start), end: convert(end) };
}

export type OpenDocument = {
  readonly document: TextDocument;
  readonly checked: CheckedText;
  readonly units: Units;
};

export function openDocument(
  document: TextDocument,
  registry: Registry,
  encoding: Encoding,
): OpenDocument {
  const checked = checkString(document.getText(), { path: pathOf(document.uri), registry });
  return { document, checked, units: makeUnits(document, encoding) };
}

/** Empty for what is no file yet. */
function pathOf(uri: string): string {
  if (!uri.startsWith('file:') || !URL.canParse(uri)) return '';
  const { pathname } = new URL(uri);
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}
