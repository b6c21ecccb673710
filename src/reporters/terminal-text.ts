// Text for a terminal: columns, wrapping, colour. App text passes `safe` first.

import { columnsOf } from '../diagnostics/columns.ts';
import { block, disarm, inline } from './neutralise.ts';

export type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'dim' | 'bold';
export type Paint = (colour: Colour, text: string) => string;

const codes: Readonly<Record<Colour, number>> = {
  bold: 1,
  dim: 2,
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
};

/** Select Graphic Rendition, or the text as it is. */
export const painter =
  (colour: boolean): Paint =>
  (name, text) =>
    colour ? `\u001b[${String(codes[name])}m${text}\u001b[0m` : text;

/** App text on one line that neither a terminal nor a build server obeys. */
export const safe = (text: string): string => disarm(inline(text));

/** The same for text of several lines. */
export const safeLines = (text: string): readonly string[] =>
  disarm(block(text)).replaceAll('\t', '    ').split('\n');

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** At most `columns` columns, ending in `…` when cut. */
export function fit(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let width = 1;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    width += columnsOf(segment);
    if (width > columns) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Padded on the right to `columns`. */
export const padded = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - columnsOf(text)));

/** Words filled into lines of `columns`; a longer word stays whole so that ids can be copied. */
export function wrap(text: string, columns: number): readonly string[] {
  const [first = '', ...words] = text.split(' ');
  const lines: string[] = [];
  let line = first;
  for (const word of words) {
    const joined = `${line} ${word}`;
    if (columnsOf(joined) > columns) {
      lines.push(line);
      line = word;
    } else line = joined;
  }
  return [...lines, line];
}

/** Wrapped text after a bullet, following lines indented below its start. */
export function hanging(bullet: string, text: string, columns: number): readonly string[] {
  const indent = columnsOf(bullet);
  return wrap(text, Math.max(20, columns - indent)).map((line, index) =>
    index === 0 ? bullet + line : ' '.repeat(indent) + line,
  );
}
