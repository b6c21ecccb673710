// The matrix as comma-separated values by RFC 4180, a line for each planned check.

import type { AuditAnswer } from '../audit/check-audit.ts';
import { matrixRow } from '../audit/matrix.ts';
import { inline } from './neutralise.ts';

const head = [
  ...['row', 'phase', 'status', 'reasons', 'legacy subject', 'environment'],
  ...['manifest or contract', 'fixtures', 'actions', 'owner'],
  ...['check', 'scenario', 'verdict', 'boundary', 'evidence', 'canary'],
];

export function* renderAuditCsv({ index, rows }: AuditAnswer): Generator<string> {
  yield line(head);
  for (const answer of rows) {
    const { row, status, reasons } = answer;
    const { cells, environment, about, fixtures, actions } = matrixRow(index, answer);
    const shared = [
      ...[
        row.id,
        String(row.phase),
        status,
        joined([...new Set(reasons.map((each) => each.code))]),
      ],
      ...[row.legacySubject, environment, about, fixtures, actions].map(joined),
      row.owner,
    ];
    if (cells.length === 0) yield line([...shared, '', '', '', '', '', '']);
    for (const { check, scenario, verdict, boundary, evidence, canary } of cells)
      yield line([...shared, check, scenario, verdict, boundary, evidence ?? '', canary ?? '']);
  }
}

const joined = (names: readonly string[]): string => names.join(' ');

const line = (values: readonly string[]): string => `${values.map(quoted).join(',')}\r\n`;

/** A spreadsheet runs what begins like a formula. */
function quoted(value: string): string {
  const text = inline(value).replace(/^(?=[=+\-@\t])/, "'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
