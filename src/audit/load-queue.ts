// The queue in either encoding. A line of `queue.jsonl` that is written as a program writes it is read
// by the JSON parser alone; any other goes the way of YAML, which knows where each part stands.

import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
import { makeSource, type Source } from '../diagnostics/source.ts';
import type { JsonObject } from '../ports/json.ts';
import { jsonSchemaOf } from '../scenario/json-schema.ts';
import { readYaml } from '../scenario/yaml-document.ts';
import { auditFileMaxBytes, judgeDocument, loadAuditFile } from './audit-file.ts';
import { isOwner, queueSchema, rowSchema, type Row } from './queue-schema.ts';

export type LoadedQueue = {
  /** Empty when a problem is an error. */
  readonly rows: readonly Row[];
  readonly problems: readonly Diagnostic[];
};

type Placed = { readonly row: Row; readonly id: Span; readonly owner: Span };

const title = 'Seatrial audit queue';
const problemsMax = 100;

export const renderQueueSchema = (): JsonObject => jsonSchemaOf(queueSchema, title);

/** Codes: those of every audit file, AU001 for ids, AU003 (a warning) for a missing owner. */
export function loadQueue(source: Source): LoadedQueue {
  const { rows, problems } = source.path.endsWith('.jsonl') ? readLines(source) : readList(source);
  return problems.length > 0 ? { rows: [], problems: problems.slice(0, problemsMax) } : judge(rows);
}

type Reading = { readonly rows: readonly Placed[]; readonly problems: readonly Diagnostic[] };

function readList(source: Source): Reading {
  const { value, document, problems } = loadAuditFile(source, queueSchema, title);
  if (value === undefined || document === undefined) return { rows: [], problems };
  return {
    problems,
    rows: value.map((row, index) => ({
      row,
      id: document.spanOf([index, 'id']),
      owner: document.spanOf([index, 'owner']),
    })),
  };
}

function readLines({ path, text, lineStarts }: Source): Reading {
  const rows: Placed[] = [];
  const problems: Diagnostic[] = [];
  for (const [index, start] of lineStarts.entries()) {
    const end = (lineStarts[index + 1] ?? text.length + 1) - 1;
    const line = text.slice(start, end);
    if (line.trim() === '') continue;
    const row = quickRow(line);
    if (row === undefined) {
      const slow = slowRow(makeSource(path, line), start);
      problems.push(...slow.problems);
      rows.push(...slow.rows);
    } else {
      // The whole line: an exact place is worked out only for lines with a problem.
      const span = { start, end };
      rows.push({ row, id: span, owner: span });
    }
    if (problems.length >= problemsMax) break;
  }
  return { rows, problems };
}

/** Only what JSON would write the same way again: no key twice, no other spelling. */
function quickRow(line: string): Row | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (JSON.stringify(value) !== line) return undefined;
    return rowSchema.safeParse(value).data;
  } catch {
    return undefined;
  }
}

function slowRow(source: Source, shift: number): Reading {
  const reading = readYaml(source, auditFileMaxBytes);
  const { value, problems } =
    reading.document === undefined
      ? { value: undefined, problems: reading.problems }
      : judgeDocument(reading.document, rowSchema, title);
  const span = { start: shift, end: shift + source.text.length };
  return {
    rows: value === undefined ? [] : [{ row: value, id: span, owner: span }],
    problems: problems.map((problem) => shifted(problem, shift)),
  };
}

const moved = ({ start, end }: Span, by: number): Span => ({ start: start + by, end: end + by });

function shifted(problem: Diagnostic, by: number): Diagnostic {
  return {
    ...problem,
    span: moved(problem.span, by),
    ...(problem.related === undefined
      ? {}
      : { related: problem.related.map((each) => ({ ...each, span: moved(each.span, by) })) }),
    ...(problem.conceal === undefined
      ? {}
      : { conceal: problem.conceal.map((each) => moved(each, by)) }),
  };
}

function judge(placed: readonly Placed[]): LoadedQueue {
  const problems: Diagnostic[] = [];
  let before = '';
  for (const { row, id, owner } of placed) {
    if (compareIds(before, row.id) >= 0 && before !== '') problems.push(disorder(before, row, id));
    before = row.id;
    if (!isOwner(row.owner)) problems.push(ownerless(row, owner));
  }
  const broken = problems.some(({ severity }) => severity === 'error');
  return { rows: broken ? [] : placed.map(({ row }) => row), problems };
}

/** By prefix, then by numbers: `AQ-099` comes before `AQ-1000`, `DG4` before `DG4.1` and `DG10`. */
export function compareIds(a: string, b: string): number {
  const [one, other] = [rowPrefix(a), rowPrefix(b)];
  if (one !== other) return one < other ? -1 : 1;
  const [partsA, partsB] = [a, b].map((id) => id.slice(one.length).split('.').map(Number));
  const byPart = [0, 1].map((at) => (partsA?.[at] ?? -1) - (partsB?.[at] ?? -1));
  return byPart.find((difference) => difference !== 0) ?? a.length - b.length;
}

/** Letters, and the dash where there is one. */
export const rowPrefix = (id: string): string => /^[A-Z]*-?/.exec(id)?.[0] ?? '';

function disorder(before: string, { id }: Row, span: Span): Diagnostic {
  const twice = before === id;
  return {
    code: 'AU001',
    severity: 'error',
    span,
    message: twice ? `The row ${id} is here twice.` : `The row ${id} comes after ${before}.`,
    hint: twice ? 'Give one of them another id.' : 'Sort the rows by id.',
  };
}

const ownerless = ({ id, owner }: Row, span: Span): Diagnostic => ({
  code: 'AU003',
  severity: 'warning',
  span,
  message: `The row ${id} has no owner: ${JSON.stringify(owner)}.`,
  hint: 'Name a person or a team; its gate fails until then.',
});
