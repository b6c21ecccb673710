// From records to the state of a run. Pure, and whatever the journal says or leaves out, the state
// never claims more than a record proves.

import assert from 'node:assert/strict';
import { makeCheckFold } from './fold-checks.ts';
import { judgeRun } from './fold-verdict.ts';
import type { JournalRecord, RecordData } from './record.ts';
import type { OperationState, ResourceState, RunState, UndoState } from './run-state.ts';

export type Fold = {
  /** Records in journal order, each once; the first is `run.started`. */
  readonly add: (record: JournalRecord) => void;
  /** The state so far; `head` is the digest of the last record's line. */
  readonly state: (head: string) => RunState;
};

/** More than a person reads; beyond it they are counted, so that memory stays flat. */
const keptMax = 10_000;

type Draft<State> = { -readonly [Field in keyof State]: State[Field] };
type Operation = Draft<Omit<OperationState, 'outcome' | 'observations'>> & {
  outcome?: OperationState['outcome'];
  observations: OperationState['observations'][number][];
};
type Run = {
  started: { data: RecordData['run.started']; at: string };
  ended?: { data: RecordData['run.ended']; at: string };
  lastAt: string;
  records: number;
  deployments: number;
  observations: number;
  dropped: number;
  readonly operations: Map<string, Operation>;
  readonly undos: Map<string, UndoState>;
  readonly resources: Map<string, ResourceState>;
  readonly notes: RunState['notes'][number][];
};

export function fold(records: Iterable<JournalRecord>, head: string): RunState {
  const reducer = makeFold();
  for (const record of records) reducer.add(record);
  return reducer.state(head);
}

export function makeFold(): Fold {
  const checks = makeCheckFold();
  let run: Run | undefined;
  return {
    add: (record) => {
      run ??= startRun(record);
      run.lastAt = record.at;
      run.records += 1;
      checks.add(record);
      addToRun(run, record);
    },
    state: (head) => {
      assert(run !== undefined, 'a run without records has no state');
      const operations = [...run.operations.values()].map(operationState);
      const parts = {
        started: run.started.data,
        startedAt: run.started.at,
        ...(run.ended === undefined ? {} : { ended: run.ended.data, endedAt: run.ended.at }),
        lastAt: run.lastAt,
        records: run.records,
        head,
        operations,
        checks: checks.states(run.started.data.expected, operations),
        undos: [...run.undos.values()],
        resources: [...run.resources.values()],
        notes: [...run.notes],
        ...(run.dropped === 0 ? {} : { dropped: run.dropped }),
        deployments: run.deployments,
      };
      return { ...parts, ...judgeRun(parts) };
    },
  };
}

function startRun(record: JournalRecord): Run {
  assert(record.type === 'run.started', 'the first record of a run is run.started');
  const operations = new Map<string, Operation>();
  for (const operation of record.data.operations)
    operations.set(operation.name, { ...operation, observations: [] });
  return {
    started: { data: record.data, at: record.at },
    lastAt: record.at,
    records: 0,
    deployments: 0,
    observations: 0,
    dropped: 0,
    operations,
    undos: new Map(),
    resources: new Map(),
    notes: [],
  };
}

function addToRun(run: Run, record: JournalRecord): void {
  const { type } = record;
  if (type === 'run.ended') run.ended ??= { data: record.data, at: record.at };
  else if (type === 'note') addNote(run, record);
  else if (type === 'observation') addObservation(run, record);
  else if (type === 'operation.started' || type === 'operation.ended') addOperation(run, record);
  else if (type === 'undo.registered' || type === 'undo.ended') addUndo(run.undos, record);
  else if (type === 'fixture.applied') addApplied(run.undos, record);
  else addResource(run, record);
}

type Of<Type extends JournalRecord['type']> = Extract<JournalRecord, { type: Type }>;

function addNote(run: Run, { data, at, seq }: Of<'note'>): void {
  if (run.notes.length >= keptMax) {
    run.dropped += 1;
    return;
  }
  // By name, in the order of the line: a spread takes twenty times as long, and most journals are mostly notes.
  const { code, details, message, severity } = data;
  run.notes.push(
    details === undefined
      ? { code, message, severity, at, seq }
      : { code, details, message, severity, at, seq },
  );
}

function addObservation(run: Run, { data, seq }: Of<'observation'>): void {
  run.observations += 1;
  if (run.observations > keptMax) run.dropped += 1;
  else operationNamed(run, data.operation).observations.push({ ...data, seq });
}

function addOperation(run: Run, record: Of<'operation.started' | 'operation.ended'>): void {
  const operation = operationNamed(run, record.data.operation);
  if (record.type === 'operation.started') {
    operation.outcome ??= 'unfinished';
    operation.stage ??= record.data.stage;
    operation.startedAt ??= record.at;
  } else if (operation.endedAt === undefined) {
    const { outcome, durationMs, cause, message } = record.data;
    Object.assign(operation, { outcome, durationMs, endedAt: record.at });
    if (cause !== undefined) operation.cause = cause;
    if (message !== undefined) operation.message = message;
  }
}

function operationNamed(run: Run, name: string): Operation {
  const known = run.operations.get(name) ?? { name, observations: [] };
  run.operations.set(name, known);
  return known;
}

function operationState(operation: Operation): OperationState {
  const never = operation.skip === undefined ? 'not-run' : 'skipped';
  const observations = [...operation.observations];
  return { ...operation, outcome: operation.outcome ?? never, observations };
}

function addUndo(undos: Run['undos'], record: Of<'undo.registered' | 'undo.ended'>): void {
  if (record.type === 'undo.registered') {
    undos.set(record.data.undo, { ...record.data, outcome: 'open' });
    return;
  }
  const registered = undos.get(record.data.undo);
  if (registered !== undefined) undos.set(record.data.undo, { ...registered, ...record.data });
}

/** Only an undo that knows what was applied can tell that somebody else changed it since. */
function addApplied(
  undos: Run['undos'],
  { data: { fixture, details } }: Of<'fixture.applied'>,
): void {
  const { applied } = details;
  for (const [name, undo] of undos)
    if (undo.fixture === fixture && typeof applied === 'string')
      undos.set(name, { ...undo, applied });
}

function addResource(run: Run, record: JournalRecord): void {
  if (record.type === 'resource.intended') {
    const { kind, name, undo } = record.data;
    run.resources.set(`${kind} ${name}`, { kind, name, undo, state: 'intended' });
  }
  if (record.type !== 'resource.created' && record.type !== 'resource.removed') return;
  const { kind, name } = record.data;
  const known = run.resources.get(`${kind} ${name}`) ?? { kind, name, undo: {} };
  if (record.type === 'resource.removed')
    run.resources.set(`${kind} ${name}`, { ...known, state: 'removed' });
  else {
    if (kind === 'deployment') run.deployments += 1;
    const { details } = record.data;
    run.resources.set(`${kind} ${name}`, { ...known, state: 'created', details });
  }
}
