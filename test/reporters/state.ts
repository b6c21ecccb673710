// Synthetic runs for the reporters' tests: one that failed, one that passed, one that was cut off.

import { createHash } from 'node:crypto';
import type { ObjectRef } from '../../src/evidence/record.ts';
import type { CheckState, OperationState, RunState } from '../../src/evidence/run-state.ts';
import type { Objects } from '../../src/reporters/evidence-text.ts';

const contents = new Map<string, Uint8Array>();

const sha256 = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex');

/** An object whose content `objects` knows. */
export function evidence(path: string, content: string | Uint8Array, mediaType: string): ObjectRef {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const digest = sha256(bytes);
  contents.set(digest, bytes);
  return { path, sha256: digest, bytes: bytes.length, mediaType };
}

export const objects: Objects = (ref) => contents.get(ref.sha256);

/** A copy that lacks some fields. */
function without<Thing extends object, Key extends keyof Thing>(
  thing: Thing,
  keys: readonly Key[],
): Omit<Thing, Key> {
  const copy: Partial<Thing> = { ...thing };
  for (const key of keys) Reflect.deleteProperty(copy, key);
  return copy as Omit<Thing, Key>;
}

const start = Date.UTC(2026, 2, 1, 9, 30, 0);

/** Record time, `seconds` after the start of the run. */
export const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString();

type CheckFacts = Partial<CheckState> & Pick<CheckState, 'id' | 'after'>;

export const check = (facts: CheckFacts, endSeconds?: number): CheckState => ({
  boundary: 'driver',
  source: 'floor',
  title: `Title of ${facts.id}`,
  verdict: 'passed',
  message: 'as expected',
  evidence: [],
  touched: ['driver'],
  ...(endSeconds === undefined
    ? {}
    : {
        startedAt: at(endSeconds - 0.4),
        endedAt: at(endSeconds),
        durationMs: 400,
        seq: Math.round(endSeconds * 2),
      }),
  ...facts,
});

export const operation = (
  name: string,
  span: readonly [number, number] | undefined,
  more: Partial<OperationState> = {},
): OperationState => ({
  name,
  outcome: 'done',
  observations: [],
  ...(span === undefined
    ? {}
    : { startedAt: at(span[0]), endedAt: at(span[1]), durationMs: (span[1] - span[0]) * 1000 }),
  ...more,
});

const diff = evidence(
  'evidence/floor.upgrade.data-kept/difference.json',
  '{"volume":"data","missing":[{"path":"notes/17.md","sha256":"9f2c"}],"changed":[],"big":12345678901234567890}',
  'application/json',
);
const answer = evidence(
  'evidence/floor.upgrade.serving/answer.txt',
  'HTTP/1.1 200 OK\ncontent-type: text/html\n\n<h1>Notes</h1>\n',
  'text/plain',
);
const appLog = evidence('logs/upgrade.txt', 'listening on 3000\nmigrated 4 tables\n', 'text/plain');
const plan = evidence('plan.json', '{"format":"seatrial.plan/v1"}', 'application/json');
const picture = evidence(
  'evidence/notes.front/page.png',
  Uint8Array.of(137, 80, 0, 1),
  'image/png',
);

const operations: readonly OperationState[] = [
  operation('install', [2, 8.2], { stage: 'base' }),
  operation('upgrade', [11, 16.5], {
    stage: 'head',
    observations: [{ operation: 'upgrade', what: 'logs', stage: 'head', object: appLog, seq: 41 }],
  }),
  operation('backup', [21, 22.8], { stage: 'head' }),
  operation('restore', [24, 29], {
    outcome: 'timed-out',
    stage: 'restored',
    cause: 'timeout',
    message: 'The restore hook ran longer than 5 s.',
  }),
  operation('rebuild', undefined, {
    outcome: 'skipped',
    skip: { kind: 'structural', reason: 'the driver cannot rebuild' },
  }),
  operation('remove', [31, 32], { stage: 'restored' }),
];

const checks: readonly CheckState[] = [
  check({ id: 'floor.install.done', after: 'install', title: 'Installation ends' }, 8.8),
  check({ id: 'floor.install.serving', after: 'install', boundary: 'http' }, 9.6),
  check({ id: 'floor.upgrade.done', after: 'upgrade' }, 17),
  check(
    { id: 'floor.upgrade.serving', after: 'upgrade', boundary: 'http', evidence: [answer] },
    18,
  ),
  check(
    {
      id: 'floor.upgrade.data-kept',
      after: 'upgrade',
      boundary: 'state',
      title: 'Data survives the upgrade',
      verdict: 'failed',
      message: 'One of 3 markers is gone from volume data.\nexpected 3, found 2',
      evidence: [diff, picture],
      touched: ['state'],
    },
    19,
  ),
  check(
    {
      id: 'notes.front',
      after: 'upgrade',
      source: 'overlay',
      boundary: 'http',
      evidence: [picture],
    },
    20,
  ),
  check({ id: 'floor.backup.artifact', after: 'backup', boundary: 'state' }, 23.4),
  check(
    {
      id: 'floor.restore.done',
      after: 'restore',
      verdict: 'error',
      message: 'timeout: the restore hook ran longer than 5 s',
    },
    29.5,
  ),
  check({
    id: 'floor.restore.files-back',
    after: 'restore',
    verdict: 'not-run',
    message: 'no record',
  }),
  check(
    {
      id: 'floor.restore.serving',
      after: 'restore',
      verdict: 'inconclusive',
      message: 'two answers',
    },
    30,
  ),
  check({
    id: 'floor.rebuild.fresh',
    after: 'rebuild',
    verdict: 'skipped',
    message: '',
    skip: { kind: 'structural', reason: 'the driver cannot rebuild' },
  }),
  check({ id: 'floor.remove.gone', after: 'remove' }, 32.6),
  check({ id: 'run.deployment.once', after: 'run', source: 'run', boundary: 'state' }, 33),
];

const started: RunState['started'] = {
  format: 'seatrial.journal/v1',
  store: 'store-1',
  run: '20260301-093000-notes-k3q9',
  job: 'job-1',
  attempt: 1,
  tool: { name: 'seatrial', version: '0.1.0' },
  host: {
    os: 'linux',
    arch: 'x64',
    kernel: '6.1.0',
    node: 'v20.20.2',
    bootId: '5e0f6a52-0000-4000-8000-2d4b8f1f7a11',
    name: 'worker-1',
  },
  pid: 4711,
  app: 'notes',
  instance: 'notes-test',
  lock: 'notes-test',
  scenario: 'lifecycle',
  driver: { kind: 'process', version: '1', fake: false },
  work: 'work/notes-test',
  plan,
  planDigest: sha256('plan'),
  operations: operations.map(({ name, skip }) => ({ name, ...(skip ? { skip } : {}) })),
  expected: checks,
  base: { origin: 'npm', ref: 'npm:notes@1.4.2', version: '1.4.2', digest: sha256('base') },
  head: {
    origin: 'git',
    ref: 'git:change-7',
    version: '1.5.0',
    commit: '4be1c0b1f9d3a6f28f0c1ee6b8f3f3f4a1b2c3d4',
    digest: sha256('head'),
  },
  selection: 'full',
};

/** Ended, with every verdict and every kind of trouble once. */
export const failedState: RunState = {
  started,
  startedAt: at(0),
  ended: { outcome: 'completed' },
  endedAt: at(34),
  lastAt: at(34),
  records: 68,
  head: sha256('chain'),
  operations,
  checks,
  undos: [
    { undo: 'u1', kind: 'file', target: 'conf/app.ini', budgetMs: 5000, outcome: 'restored' },
    {
      undo: 'u2',
      kind: 'service',
      target: 'proxy',
      budgetMs: 60_000,
      outcome: 'failed',
      message: 'the proxy did not answer',
    },
  ],
  resources: [
    { kind: 'deployment', name: 'notes-test', undo: {}, state: 'removed' },
    { kind: 'folder', name: 'work/notes-test/data', undo: {}, state: 'created' },
    { kind: 'process', name: 'notes-test/web', undo: {}, state: 'intended' },
  ],
  notes: [
    { code: 'clock-went-back', message: 'by 40 ms', severity: 'warning', at: at(12), seq: 30 },
    { code: 'base-chosen', message: 'npm:notes@1.4.2', severity: 'info', at: at(1), seq: 2 },
  ],
  deployments: 1,
  verdict: 'failed',
  reasons: [
    'floor.upgrade.data-kept failed: One of 3 markers is gone from volume data.',
    'floor.restore.done could not be judged: timeout',
  ],
  exitCode: 1,
};

/** All green. */
export const passedState: RunState = {
  ...failedState,
  operations: operations.map((each) => ({
    ...without(each, ['cause', 'message', 'skip']),
    outcome: 'done',
  })),
  checks: checks.map((each) => ({
    ...without(each, ['skip']),
    verdict: 'passed',
    message: 'as expected',
  })),
  undos: failedState.undos.map((each) => ({
    ...without(each, ['message']),
    outcome: 'restored',
  })),
  resources: failedState.resources.map((each) => ({ ...each, state: 'removed' })),
  notes: [],
  verdict: 'passed',
  reasons: [],
  exitCode: 0,
};

/** Every check so far passed, but the process died: no end record. */
export const cutState: RunState = {
  ...without(passedState, ['ended', 'endedAt']),
  operations: passedState.operations.map((each, index) =>
    index === 5 ? { name: each.name, outcome: 'not-run', observations: [] } : each,
  ),
  verdict: 'not-run',
  reasons: ['The run has no end record.'],
  exitCode: 3,
};
