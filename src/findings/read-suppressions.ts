// `seatrial.suppressions.yaml`: every problem collected, each in its place. A record without reason,
// owner or end is refused, since it would never be looked at again.

import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type ParsedNode,
  type YAMLMap,
} from 'yaml';
import type * as z from 'zod';
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
import { positionAt, type Source } from '../diagnostics/source.ts';
import { conflictMarkerLine } from './conflict-markers.ts';
import {
  dayNumber,
  daysBetween,
  daysMax,
  sizeMax,
  suppressionSchema,
  type Entry,
  type Suppression,
} from './suppression.ts';
import { tooDeepAt } from '../evidence/yaml-depth.ts';

export type LocatedSuppression = {
  readonly record: Suppression;
  /** Of the whole record in the text. */
  readonly span: Span;
};

export type SuppressionsReading = {
  readonly records: readonly LocatedSuppression[];
  /** All errors, with code E_SUPPRESS_FIELD or E_SUPPRESS_FILE. */
  readonly problems: readonly Diagnostic[];
};

export function readSuppressions(source: Source): SuppressionsReading {
  const refusal = refuseWhole(source.text);
  if (refusal !== undefined) return { records: [], problems: [refusal] };
  // Every scalar is text here: a fingerprint of digits must not become a number.
  const document = parseDocument(source.text, {
    schema: 'failsafe',
    uniqueKeys: true,
    lineCounter: new LineCounter(),
    logLevel: 'silent',
  });
  const faults = [...document.errors, ...document.warnings].map(({ message, pos }) =>
    fileProblem(message.split('\n')[0] ?? message, within(source, pos)),
  );
  if (faults.length > 0) return { records: [], problems: faults };
  return readList(source, document.contents);
}

function refuseWhole(text: string): Diagnostic | undefined {
  const start = { start: 0, end: 0 };
  if (text.length > sizeMax) return fileProblem('The file is larger than 4 MiB.', start);
  const deep = tooDeepAt(text);
  if (deep !== undefined)
    return fileProblem('The file is nested too deeply.', { start: deep, end: deep + 1 });
  const line = conflictMarkerLine(text);
  if (line === undefined) return undefined;
  const offset = text.split('\n', line - 1).join('\n').length + (line > 1 ? 1 : 0);
  return fileProblem('The file holds a conflict marker.', { start: offset, end: offset + 7 });
}

function readList(source: Source, contents: ParsedNode | null): SuppressionsReading {
  // A file that holds comments alone sets nothing aside.
  if (contents === null || (isScalar(contents) && contents.source === ''))
    return { records: [], problems: [] };
  if (!isSeq(contents)) {
    const problem = fileProblem('Expected a list of records.', within(source, contents.range));
    return { records: [], problems: [problem] };
  }
  const records: LocatedSuppression[] = [];
  const problems: Diagnostic[] = [];
  const seen = new Map<string, Span>();
  for (const item of contents.items as readonly ParsedNode[]) {
    const span = within(source, item.range);
    const read = readRecord(source, item);
    problems.push(...read.problems);
    if (read.record === undefined) continue;
    const first = seen.get(read.record.fingerprint);
    if (first === undefined) seen.set(read.record.fingerprint, span);
    else problems.push(twice(span, first));
    records.push({ record: read.record, span });
  }
  return { records, problems };
}

type ReadRecord = { readonly record?: Suppression; readonly problems: readonly Diagnostic[] };

function readRecord(source: Source, item: ParsedNode): ReadRecord {
  const span = within(source, item.range);
  if (!isMap(item))
    return { problems: [fieldProblem('Expected a record with `fingerprint` and more.', span)] };
  const parsed = suppressionSchema.safeParse(item.toJSON());
  if (!parsed.success) {
    // One problem for each key, however many rules it breaks.
    const codes = new Map(parsed.error.issues.map((issue) => [keyOf(issue), issue.code]));
    return {
      problems: [...codes].map(([key, code]) =>
        fieldProblem(sentence(key, item, code), spanOf(source, item, key) ?? span),
      ),
    };
  }
  const wrong = wrongDays(parsed.data);
  if (wrong === undefined) return { record: parsed.data, problems: [] };
  return { problems: [fieldProblem(wrong.message, spanOf(source, item, wrong.key) ?? span)] };
}

const keyOf = (issue: z.core.$ZodIssue): string =>
  String(issue.path[0] ?? (issue.code === 'unrecognized_keys' ? issue.keys[0] : ''));

const meanings: Readonly<Record<string, string>> = {
  fingerprint: '16 hex digits',
  reason: 'at least 10 characters, and not TODO',
  owner: 'who sees to it, and not TODO',
  created: 'a day, YYYY-MM-DD',
  expires: 'a day, YYYY-MM-DD',
  paths: 'a list of globs',
};

function sentence(key: string, item: YAMLMap, code: string): string {
  if (code === 'unrecognized_keys') return `The key \`${key}\` is unknown.`;
  if (!item.has(key)) return `\`${key}\` is required: ${meanings[key] ?? 'text'}.`;
  return `\`${key}\` must be ${meanings[key] ?? 'text'}.`;
}

function wrongDays({ created, expires }: Suppression) {
  for (const [key, day] of [
    ['created', created],
    ['expires', expires],
  ] as const)
    if (dayNumber(day) === undefined)
      return { key, message: `\`${key}\` is no day of the calendar.` };
  const days = daysBetween(created, expires);
  if (days < 0) return { key: 'expires', message: '`expires` lies before `created`.' };
  if (days <= daysMax) return undefined;
  return {
    key: 'expires',
    message: `\`expires\` is more than ${String(daysMax)} days after \`created\`.`,
  };
}

function spanOf(source: Source, item: YAMLMap, key: string): Span | undefined {
  const pair = item.items.find((each) => isScalar(each.key) && each.key.value === key);
  const node = (pair?.value ?? pair?.key) as ParsedNode | null | undefined;
  return node?.range === undefined ? undefined : within(source, node.range);
}

function within({ text }: Source, range: readonly number[] | null | undefined): Span {
  const start = Math.min(range?.[0] ?? 0, text.length);
  return { start, end: Math.min(Math.max(start, range?.[1] ?? start), text.length) };
}

const fileProblem = (message: string, span: Span): Diagnostic => ({
  code: 'E_SUPPRESS_FILE',
  severity: 'error',
  message,
  span,
  hint: 'The file is a YAML list of records, see `seatrial schema suppressions`.',
});

const fieldProblem = (message: string, span: Span): Diagnostic => ({
  code: 'E_SUPPRESS_FIELD',
  severity: 'error',
  message,
  span,
});

const twice = (span: Span, first: Span): Diagnostic => ({
  ...fieldProblem('The fingerprint is here twice.', span),
  related: [{ span: first, message: 'It was first set aside here.' }],
});

/** The records as entries. */
export const entriesOf = (
  source: Source,
  records: readonly LocatedSuppression[],
): readonly Entry[] =>
  records.map(({ record, span }) => ({
    fingerprint: record.fingerprint,
    reason: record.reason,
    record,
    file: source.path,
    line: positionAt(source, span.start).line,
  }));
