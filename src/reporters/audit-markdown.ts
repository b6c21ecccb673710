// An audit as Markdown: the matrix, the work queue with its statuses, the block of a change's
// description, and the reconciliation. Text of people and apps stands in code spans.

import type { Audit, AuditIndex } from '../audit/audit.ts';
import type { AuditAnswer } from '../audit/check-audit.ts';
import type { RowAnswer } from '../audit/derive.ts';
import { countedBundles } from '../audit/gates-run.ts';
import { matrixRow, type MatrixCell, type MatrixRow } from '../audit/matrix.ts';
import type { Reconciliation } from '../audit/reconcile.ts';
import { countLine } from './audit-text.ts';
import { cell, code } from './markdown.ts';

const listed = (names: readonly string[]): string =>
  names.length === 0 ? '' : names.map(cell).join(' ');

const matrixHead = [
  '| row | status | legacy subject | environment | manifest or contract | fixtures | actions | check | verdict | boundary | evidence | canary |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
];

/** A line for each planned check of each row. */
export function renderAuditMarkdown(audit: Audit, answer: AuditAnswer): string {
  const { index, rows, counts } = answer;
  return [
    `## Audit of ${code(audit.pack.id)}, subject ${code(audit.subject)}`,
    '',
    countLine(counts),
    '',
    ...matrixHead,
    ...rows.flatMap((row) => matrixLines(matrixRow(index, row))),
    '',
    ...reasonLines(rows),
  ].join('\n');
}

const matrixLines = (row: MatrixRow): readonly string[] =>
  row.cells.length === 0
    ? [`${rowCells(row)} | | | | |`]
    : row.cells.map((each) => `${rowCells(row)} ${checkCells(each)}`);

const rowCells = ({ answer, environment, about, fixtures, actions }: MatrixRow): string =>
  `| ${[
    answer.row.id,
    answer.status,
    ...[answer.row.legacySubject, environment, about, fixtures, actions].map(listed),
  ].join(' | ')} |`;

const checkCells = ({ check, verdict, boundary, evidence, canary }: MatrixCell): string =>
  `${cell(check)} | ${verdict} | ${boundary} | ${evidence === undefined ? '' : `[object](${evidence})`} | ${canary === undefined ? 'none' : cell(canary)} |`;

function reasonLines(rows: readonly RowAnswer[]): readonly string[] {
  const open = rows.filter(({ reasons }) => reasons.length > 0);
  if (open.length === 0) return [];
  return [
    '### What is missing',
    '',
    ...open.flatMap(({ row, reasons }) => [
      `- ${row.id}`,
      ...reasons.map(({ code: name, message }) => `  - ${code(name)}: ${code(message)}`),
    ]),
    '',
  ];
}

/** `audit/work-queue.md`. It names no run and no moment, so that it changes when a status does. */
export const renderWorkQueue = (pack: string, rows: readonly RowAnswer[]): string =>
  [
    `# Audit queue of ${code(pack)}`,
    '',
    'Rendered by `seatrial audit export`; a status is derived from evidence and is not edited here.',
    '',
    '| row | phase | status | missing | coverage | owner |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map(({ row, status, reasons }) => {
      const missing = [...new Set(reasons.map((each) => each.code))];
      const said = status === 'evidence-complete' ? '' : listed(missing);
      return `| ${row.id} | ${String(row.phase)} | ${status} | ${said} | ${cell(row.coverage)} | ${cell(row.owner)} |`;
    }),
    '',
  ].join('\n');

export const prBegin = '<!-- seatrial:audit:begin -->';
export const prEnd = '<!-- seatrial:audit:end -->';

export function renderPrBlock(
  audit: Audit,
  answer: AuditAnswer,
  issues: readonly string[],
): string {
  const { index, rows } = answer;
  return [
    prBegin,
    `### Audit rows of ${code(audit.pack.id)}`,
    '',
    '| row | status | missing |',
    '| --- | --- | --- |',
    ...rows.map(
      ({ row, status, reasons }) =>
        `| ${row.id} | ${status} | ${listed([...new Set(reasons.map((each) => each.code))])} |`,
    ),
    '',
    ...(issues.length === 0 ? [] : [`Issues: ${issues.join(', ')}`, '']),
    '| scenario | run | chain head |',
    '| --- | --- | --- |',
    ...countedBundles({ index, answers: rows }).map(
      ({ scenario, summary }) =>
        `| ${cell(scenario)} | ${cell(summary.run)} | ${cell(summary.head)} |`,
    ),
    '',
    prCounts(index, rows),
    `Subject ${code(audit.subject)} at ${code(index.auditedHead ?? 'no run')}.`,
    '',
    'Verify it again:',
    '',
    '```sh',
    'seatrial verify --all',
    `seatrial audit check --release --rows ${rows.map(({ row }) => row.id).join(',')}`,
    '```',
    prEnd,
    '',
  ].join('\n');
}

function prCounts(index: AuditIndex, rows: readonly RowAnswer[]): string {
  const cells = rows.flatMap((row) => matrixRow(index, row).cells);
  const bundles = countedBundles({ index, answers: rows });
  const restored = bundles.flatMap(({ summary }) =>
    Object.values(summary.fixtures).filter((fixture) => fixture.restored !== undefined),
  );
  const counts = [
    `${String(cells.length)} checks planned`,
    `${String(cells.filter(({ verdict }) => verdict !== 'not-run').length)} executed`,
    `${String(cells.filter(({ verdict }) => verdict === 'passed').length)} passed`,
    `${String(cells.filter(({ canary }) => canary !== undefined).length)} killed by a canary`,
    `${String(restored.length)} fixtures restored`,
  ];
  return `${counts.join(', ')}.`;
}

/** The text with its block replaced, or with the block at its end. Doing it again changes nothing. */
export function placePrBlock(text: string, block: string): string {
  const from = text.indexOf(prBegin);
  const to = text.indexOf(prEnd, from);
  if (from === -1 || to === -1)
    return text === '' ? block : `${text.slice(0, endOfText(text))}\n\n${block}`;
  return text.slice(0, from) + block.trimEnd() + text.slice(to + prEnd.length);
}

/** Where the line breaks at its end begin. */
function endOfText(text: string): number {
  let end = text.length;
  while (text[end - 1] === '\n') end -= 1;
  return end;
}

export function renderReconciliation(
  audit: Audit,
  answer: AuditAnswer,
  { equations, subjects, amendments, unusedCanaries, unusedChecks, completePhases }: Reconciliation,
): string {
  return [
    `# Reconciliation of ${code(audit.pack.id)}, subject ${code(audit.subject)}, at ${code(audit.at)}`,
    '',
    ...equations.map(({ name, left, right, holds }) => {
      const sum = right.map(([part, count]) => `${String(count)} ${part}`).join(' + ');
      return `- ${name}: ${String(left)} = ${sum}: ${holds ? 'holds' : 'DOES NOT HOLD'}`;
    }),
    '',
    ...section('Rows', [
      ...answer.rows.map(({ row, status, reasons, runs }) => {
        const shown =
          status === 'evidence-complete'
            ? runs.map(({ run }) => run)
            : reasons.map((each) => each.code);
        return `${row.id}: ${status}: ${listed([...new Set(shown)])}`;
      }),
    ]),
    ...section(
      'Legacy subjects',
      subjects.map(({ subject, rows, retired }) => {
        const became =
          retired === undefined ? rows.join(', ') || 'no row' : `retired: ${code(retired)}`;
        return `${code(subject)}: ${became}`;
      }),
    ),
    ...section(
      'Amendments',
      amendments.map(({ id, row, days }) => `${code(id)} of ${row}: ${String(days)} days left`),
    ),
    ...section(
      'Claims',
      answer.claims.map(({ claim, outcome }) => `${code(claim.id)} of ${claim.row}: ${outcome}`),
    ),
    ...section(
      'Gates',
      answer.gates.map(
        ({ gate, verdict, items, failed }) =>
          `${gate}: ${verdict}, ${String(failed)} of ${String(items)} failed`,
      ),
    ),
    ...section('Canaries that nothing needs', unusedCanaries.map(code)),
    ...section('Checks that nothing plans', unusedChecks.map(code)),
    ...section('Phases that are complete', completePhases.map(String)),
  ].join('\n');
}

const section = (title: string, items: readonly string[]): readonly string[] => [
  `## ${title}`,
  '',
  ...(items.length === 0 ? ['None.'] : items.map((item) => `- ${item}`)),
  '',
];
