// Rows as a command line names them: ids, and ranges of ids with one prefix.

import { nearest } from '../diagnostics/nearest.ts';
import { rowName } from '../scenario/schema-names.ts';
import { compareIds, rowPrefix } from './load-queue.ts';
import type { Row } from './queue-schema.ts';

export type SelectedRows =
  { readonly ids: ReadonlySet<string> } | { readonly problem: string; readonly hint?: string };

/** `AQ-050..AQ-056,AQ-060`; a name that means no row is a problem. */
export function parseRows(asked: string, rows: readonly Row[]): SelectedRows {
  const ids = new Set<string>();
  for (const part of asked.split(',').map((each) => each.trim())) {
    const [from = '', to = from, ...more] = part.split('..');
    if (!rowName.test(from) || !rowName.test(to) || more.length > 0)
      return {
        problem: `${JSON.stringify(part)} is no row`,
        hint: 'write AQ-050 or AQ-050..AQ-056',
      };
    const found = rows.filter((row) => isWithin(row.id, from, to));
    if (found.length === 0) return unknown(part, rows);
    for (const row of found) ids.add(row.id);
  }
  return { ids };
}

const isWithin = (row: string, from: string, to: string): boolean =>
  rowPrefix(row) === rowPrefix(from) && compareIds(from, row) <= 0 && compareIds(row, to) <= 0;

function unknown(part: string, rows: readonly Row[]): SelectedRows {
  const names = rows.slice(0, 10_000).map((row) => row.id);
  const meant = nearest(part, names);
  const hint = meant === undefined ? 'seatrial audit status lists all' : `did you mean ${meant}?`;
  return { problem: `the queue has no row ${part}`, hint };
}
