// An audit for a terminal: rows with what is missing, gates, markers, and a derivation as a tree.

import type { AuditAnswer } from '../audit/check-audit.ts';
import type { ClaimAnswer } from '../audit/claim.ts';
import type { RowAnswer } from '../audit/derive.ts';
import type { Step } from '../audit/explain.ts';
import type { GateAnswer } from '../audit/gate.ts';
import { inline } from './neutralise.ts';

const findingsMax = 20;

export function renderAuditStatus({ rows, counts }: AuditAnswer): string {
  const width = Math.max(...rows.map(({ row }) => row.id.length), 3);
  const lines = rows.flatMap(({ row, status, reasons, amendment, warnings }) => [
    `${row.id.padEnd(width)}  ${status.padEnd(17)}  ${inline(row.coverage)}`,
    ...(amendment === undefined ? [] : [indented(`${amendment.id} until ${amendment.expires}`)]),
    ...reasons.slice(0, findingsMax).map((each) => indented(`${each.code}: ${each.message}`)),
    ...more(reasons.length),
    ...(reasons[0] === undefined || status !== 'unresolved' ? [] : [indented(reasons[0].advice)]),
    ...warnings.map((warning) => indented(`warning: ${warning}`)),
  ]);
  return [...lines, ...(lines.length === 0 ? [] : ['']), countLine(counts), ''].join('\n');
}

const indented = (text: string): string => `    ${inline(text)}`;
const more = (count: number): readonly string[] =>
  count > findingsMax ? [indented(`… and ${String(count - findingsMax)} more`)] : [];

export const countLine = (counts: AuditAnswer['counts']): string =>
  `${String(counts.rows)} rows: ${String(counts['evidence-complete'])} evidence-complete, ${String(counts['audit-amended'])} audit-amended, ${String(counts.unresolved)} unresolved`;

const words = {
  'evidence-complete': 'PASS',
  'audit-amended': 'AMENDED',
  unresolved: 'FAIL',
} as const;

/** Row markers, for readers of logs. */
export const renderRowMarkers = (rows: readonly RowAnswer[]): string =>
  rows.map(({ row, status }) => `${words[status]}: audit.row.${row.id.toLowerCase()}\n`).join('');

export function renderAuditCheck(answer: AuditAnswer): string {
  const { rows, gates, claims, counts } = answer;
  const unresolved = rows.filter(({ status }) => status === 'unresolved');
  return [
    ...unresolved.flatMap(({ row, reasons }) => [
      `${row.id}: unresolved`,
      ...reasons.slice(0, findingsMax).map((each) => indented(`${each.code}: ${each.message}`)),
      ...more(reasons.length),
    ]),
    ...gates.flatMap(gateLines),
    ...claims.flatMap(claimLines),
    countLine(counts),
    '',
  ].join('\n');
}

function gateLines({ gate, verdict, items, failed, findings }: GateAnswer): readonly string[] {
  const counted = `${String(failed)} of ${String(items)} failed`;
  return [
    `${gate}: ${verdict} (${verdict === 'inconclusive' ? 'nothing to evaluate' : counted})`,
    ...findings
      .slice(0, findingsMax)
      .map(({ code, item, message }) => indented(`${code} ${item}: ${message}`)),
    ...more(findings.length),
  ];
}

const claimLines = ({ claim, outcome, reasons }: ClaimAnswer): readonly string[] => [
  `claim ${claim.id} of ${claim.row}: ${outcome}`,
  ...reasons.slice(0, findingsMax).map((each) => indented(`${each.code}: ${each.message}`)),
  ...more(reasons.length),
];

/** One line a step; a record is `run#seq`. */
export function renderSteps(step: Step, depth = 0): string {
  const at = [
    ...(step.run === undefined
      ? []
      : [step.seq === undefined ? step.run : `${step.run}#${String(step.seq)}`]),
    ...(step.digest === undefined ? [] : [`sha256:${step.digest.slice(0, 16)}`]),
  ];
  const where = at.length === 0 ? '' : ` [${at.join(' ')}]`;
  const line = `${'  '.repeat(depth)}${step.holds ? '✓' : '✕'} ${step.rule} ${inline(step.text)}${where}\n`;
  return line + step.below.map((each) => renderSteps(each, depth + 1)).join('');
}
