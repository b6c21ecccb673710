// `seatrial.suppressions.yaml` as records and comments, for whatever writes the file again: sorted by
// fingerprint and one record a line, so that two branches rarely touch the same line.

import { isSeq, parseDocument, visit, type Document, type Node } from 'yaml';
import type { Json, JsonObject } from '../ports/json.ts';
import { conflictMarkerLine } from './conflict-markers.ts';
import { compareText } from './order.ts';
import { sizeMax } from './suppression.ts';
import { tooDeepAt } from '../evidence/yaml-depth.ts';

export type SuppressionRecord = {
  readonly fingerprint: string;
  /** As written, valid or not. */
  readonly fields: JsonObject;
  /** Without `#`; wherever they stood in the record, they are written above it. */
  readonly comments: readonly string[];
};

export type SuppressionFile = {
  readonly head: readonly string[];
  readonly records: readonly SuppressionRecord[];
  readonly foot: readonly string[];
};

/** A sentence when the file is no list of records with a fingerprint each. */
export function readRecords(text: string): SuppressionFile | string {
  const refusal = whyUnread(text);
  if (refusal !== undefined) return refusal;
  const document = parseDocument(text, {
    schema: 'failsafe',
    uniqueKeys: true,
    logLevel: 'silent',
  });
  if (document.errors.length > 0) return 'it is not YAML';
  const { contents } = document;
  if (!isSeq(contents) && !isNothing(document)) return 'it is no list of records';
  const items = isSeq(contents) ? (contents.items as readonly Node[]) : [];
  const records = readItems(items, document);
  if (typeof records === 'string') return records;
  return {
    head: [document.commentBefore, contents?.commentBefore, headIn(items[0])].flatMap(linesOf),
    records,
    foot: [contents?.comment, document.comment].flatMap(linesOf),
  };
}

function whyUnread(text: string): string | undefined {
  const marker = conflictMarkerLine(text);
  if (marker !== undefined) return `line ${String(marker)} is a conflict marker`;
  if (text.length > sizeMax || tooDeepAt(text) !== undefined) return 'it is too large or too deep';
  return undefined;
}

/** What stands right above the first record is about it; a blank line ends the head of the file. */
function headIn(first: Node | undefined): string {
  const before = first?.commentBefore ?? '';
  return before.slice(0, Math.max(0, before.lastIndexOf('\n\n')));
}

function readItems(
  items: readonly Node[],
  document: Document,
): readonly SuppressionRecord[] | string {
  const records = new Map<string, SuppressionRecord>();
  for (const item of items) {
    const fields = item.toJS(document, { maxAliasCount: 100 }) as Json;
    const fingerprint = fingerprintIn(fields);
    if (fingerprint === undefined) return 'a record has no fingerprint';
    if (records.has(fingerprint)) return `${fingerprint} is there twice`;
    records.set(fingerprint, {
      fingerprint,
      fields: fields as JsonObject,
      comments: ownComments(item, items[0]),
    });
  }
  return [...records.values()];
}

const isNothing = ({ contents }: Document): boolean => {
  const value: unknown = contents?.toJSON();
  return value === undefined || value === null || value === '';
};

function fingerprintIn(fields: Json): string | undefined {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return undefined;
  const { fingerprint } = fields as JsonObject;
  return typeof fingerprint === 'string' ? fingerprint : undefined;
}

const ownComments = (item: Node, first: Node | undefined): readonly string[] =>
  commentsOf(item).slice(item === first ? linesOf(headIn(item)).length : 0);

function commentsOf(item: Node): readonly string[] {
  const found: string[] = [];
  visit(item, {
    Node: (_, { commentBefore, comment }) => {
      found.push(...linesOf(commentBefore), ...linesOf(comment));
    },
  });
  return found;
}

const linesOf = (comment: string | null | undefined): readonly string[] =>
  (comment ?? '').split('\n').filter((line) => line.trim() !== '');

const order = ['fingerprint', 'rule', 'reason', 'owner', 'created', 'expires', 'issue', 'paths'];
const rankOf = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length);

/** One line without its end. Quoted as JSON quotes: no text can be taken for something else. */
export function recordLine({ fields }: Pick<SuppressionRecord, 'fields'>): string {
  const keys = Object.keys(fields).sort((a, b) => rankOf(a) - rankOf(b) || compareText(a, b));
  const pairs = keys.map((key) => `${JSON.stringify(key)}: ${JSON.stringify(fields[key])}`);
  return `- {${pairs.join(', ')}}`;
}

export const commentLines = (comments: readonly string[]): readonly string[] =>
  comments.map((comment) => `#${comment}`);

/** `block`: the lines of one record. */
export function renderRecords(
  { head, records, foot }: SuppressionFile,
  block: (record: SuppressionRecord) => readonly string[] = blockOf,
): string {
  const sorted = [...records].sort((a, b) => compareText(a.fingerprint, b.fingerprint));
  const lines = [
    ...commentLines(head),
    ...(head.length > 0 && sorted.length > 0 ? [''] : []),
    ...(sorted.length === 0 ? ['[]'] : sorted.flatMap(block)),
    ...(foot.length > 0 ? ['', ...commentLines(foot)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

export const blockOf = (record: SuppressionRecord): readonly string[] => [
  ...commentLines(record.comments),
  recordLine(record),
];
