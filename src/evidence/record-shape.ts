// Whether a parsed value has the shape that its record type promises, as far as anything in Seatrial
// relies on it. A chain proves that nobody changed a line afterwards, not that it was ever sensible.

import type { RecordType } from './record.ts';

type Test = (value: unknown) => boolean;
type Fields = Readonly<Record<string, Test>>;

const text: Test = (value) => typeof value === 'string';
const number: Test = (value) => typeof value === 'number';
const count: Test = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const flag: Test = (value) => typeof value === 'boolean';
const digest: Test = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const object: Test = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const optional =
  (test: Test): Test =>
  (value) =>
    value === undefined || test(value);
const listOf =
  (test: Test): Test =>
  (value) =>
    Array.isArray(value) && value.every(test);
const oneOf = (...words: readonly string[]): Test => {
  const known = new Set<unknown>(words);
  return (value) => known.has(value);
};
const having =
  (fields: Fields): Test =>
  (value) =>
    object(value) && wrongField(value as Readonly<Record<string, unknown>>, fields) === undefined;

const objectRef = having({ path: text, sha256: digest, bytes: count, mediaType: text });
const skip = having({ kind: oneOf('structural', 'declared', 'not-asked'), reason: text });
const verdict = oneOf('passed', 'skipped', 'inconclusive', 'not-run', 'error', 'failed');
const boundary = oneOf(
  ...['host-cli', 'http', 'gateway', 'sandbox', 'agent', 'provider', 'state', 'driver'],
);
const stage = oneOf('base', 'head', 'restored');
const named =
  (field: string, test: Test): Test =>
  (value) => {
    if (!listOf(test)(value)) return false;
    const items = value as readonly Readonly<Record<string, unknown>>[];
    return new Set(items.map((item) => item[field])).size === items.length;
  };

const expectedCheck = having({
  id: text,
  after: text,
  boundary,
  source: oneOf('floor', 'overlay', 'scenario', 'run'),
  title: text,
  skip: optional(skip),
  authority: optional(oneOf('sandboxed', 'approved')),
});
const release = having({ origin: text, ref: text, digest: text });
const skipped = having({ skipped: text });

/** Also of what a store's list says. */
export const isAskedRun: Test = having({
  ...{ manifest: text, head: optional(text), base: optional(text) },
});

const bound = having({
  pack: text,
  subject: having({
    ...{ name: text, digest, commit: optional(text), tree: optional(text) },
    builds: named('component', having({ component: text, version: text, content: text })),
  }),
  plan: digest,
  collectors: digest,
  asked: optional(isAskedRun),
});

const shapes: Readonly<Record<RecordType, Fields>> = {
  'run.started': {
    format: text,
    store: text,
    run: text,
    job: text,
    attempt: count,
    tool: having({ name: text, version: text }),
    host: object,
    pid: count,
    app: text,
    instance: text,
    lock: text,
    scenario: text,
    driver: having({ kind: text, version: text, fake: flag }),
    work: text,
    plan: objectRef,
    planDigest: digest,
    operations: named('name', having({ name: text, skip: optional(skip) })),
    expected: named('id', expectedCheck),
    base: (value) => release(value) || skipped(value),
    head: release,
    selection: oneOf('full', 'partial'),
    bound: optional(bound),
    canary: optional(text),
  },
  'undo.registered': { undo: text, kind: text, target: text, budgetMs: number },
  'undo.ended': {
    undo: text,
    outcome: oneOf('restored', 'failed', 'timed-out'),
    message: optional(text),
  },
  'resource.intended': { kind: text, name: text, undo: object },
  'resource.created': { kind: text, name: text, details: object },
  'resource.removed': { kind: text, name: text },
  'fixture.applied': { fixture: text, details: object },
  'fixture.restored': { fixture: text, details: object },
  'operation.started': { operation: text, stage, budgetMs: number },
  'operation.ended': {
    operation: text,
    outcome: oneOf('done', 'failed', 'error', 'timed-out', 'interrupted'),
    durationMs: number,
    cause: optional(text),
    message: optional(text),
  },
  observation: { operation: text, what: text, stage: optional(stage), object: objectRef },
  'check.started': { check: text, operation: text, boundary },
  'check.ended': {
    check: text,
    operation: text,
    boundary,
    verdict,
    attempt: (value) => value === 1,
    message: text,
    evidence: listOf(objectRef),
    touched: listOf(boundary),
    durationMs: number,
  },
  note: {
    code: text,
    message: text,
    severity: oneOf('info', 'warning', 'error'),
    details: optional(object),
  },
  'run.ended': {
    outcome: oneOf('completed', 'interrupted', 'stopped', 'crashed', 'recovered'),
    cause: optional(text),
    message: optional(text),
    exitCode: optional(count),
  },
};

/** What is wrong with a record's type and data; undefined when nothing. */
export function wrongData(type: unknown, data: unknown): string | undefined {
  if (typeof type !== 'string' || !Object.hasOwn(shapes, type)) return 'its type is unknown';
  if (!object(data)) return `${type} has no data`;
  const field = wrongField(data as Readonly<Record<string, unknown>>, shapes[type as RecordType]);
  return field === undefined ? undefined : `${type} has no valid ${field}`;
}

function wrongField(value: Readonly<Record<string, unknown>>, fields: Fields): string | undefined {
  for (const field in fields) if (fields[field]?.(value[field]) !== true) return field;
  return undefined;
}
