// The object behind a check's verdict: what was observed, what was expected, and where the
// observations come from. The judge answers again from it alone.

import type { Json, JsonObject } from '../ports/json.ts';
import { operators, type Expectation } from './expectation.ts';

export const evidenceSchema = 'seatrial.evidence/v1';

/** One call that facts come from. */
export type EvidenceSource = {
  /** Sequence number of the journal's last record when the call was made. */
  readonly call: number;
  /** How it was asked: `sandbox-exec`, `http`, `file-read` … */
  readonly transport: string;
  /** Digests, `sha256:<hex>`, of what was asked and what came back. */
  readonly command: string;
  readonly output: string;
  /** What a read was of, as `undo.registered` names targets. */
  readonly target?: string;
};

export type EvidenceObject = {
  readonly schema: typeof evidenceSchema;
  readonly check: string;
  readonly observed: JsonObject;
  readonly expect: readonly Expectation[];
  readonly sources: readonly EvidenceSource[];
};

/** Reading a file back may show no more than that it was written; these ask something that lives. */
export const isLiveTransport = (transport: string): boolean => !transport.startsWith('file-');

/** The value as an evidence object; undefined when it is anything else. */
export function readEvidenceObject(value: Json): EvidenceObject | undefined {
  if (!isObject(value) || value['schema'] !== evidenceSchema) return undefined;
  const { check, observed, expect, sources } = value;
  const fine =
    typeof check === 'string' &&
    isObject(observed) &&
    listOf(expect, isExpectation) &&
    listOf(sources, isSource);
  return fine ? (value as unknown as EvidenceObject) : undefined;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: Json | undefined, test: (item: Json) => boolean): boolean =>
  Array.isArray(value) && (value as readonly Json[]).every(test);

const isText = (value: Json | undefined): boolean => typeof value === 'string';
const isTextOrAbsent = (value: Json | undefined): boolean => value === undefined || isText(value);
const known: ReadonlySet<Json | undefined> = new Set<Json>(operators);

const isExpectation = (item: Json): boolean =>
  isObject(item) &&
  isText(item['at']) &&
  known.has(item['op'] ?? null) &&
  ['to', 'mayBeEmpty', 'reason'].every((key) => isTextOrAbsent(item[key]));

const isSource = (item: Json): boolean =>
  isObject(item) &&
  Number.isSafeInteger(item['call']) &&
  isTextOrAbsent(item['target']) &&
  ['transport', 'command', 'output'].every((key) => isText(item[key]));
