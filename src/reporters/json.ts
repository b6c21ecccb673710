import type { CheckState, OperationState, RunState } from '../evidence/run-state.ts';
import { jsonText } from './json-text.ts';
import { notProven } from './not-proven.ts';
import { countVerdicts, leftovers, runDurationMs } from './overview.ts';
import type { Report } from './report-schema.ts';

/** The run as a document of schema `seatrial.report/v1`, ending in a line break. */
export const renderJson = (state: RunState): string => jsonText(buildReport(state));

function buildReport(state: RunState): Report {
  const { started, ended } = state;
  return {
    // The schema's literal; importing its value would build the whole schema for every report.
    format: 'seatrial.report/v1',
    run: started.run,
    job: started.job,
    attempt: started.attempt,
    app: started.app,
    instance: started.instance,
    scenario: started.scenario,
    selection: started.selection,
    ...present({ canary: started.canary }),
    verdict: state.verdict,
    exitCode: state.exitCode,
    reasons: [...state.reasons],
    ...present({ outcome: ended?.outcome }),
    startedAt: state.startedAt,
    ...present({ endedAt: state.endedAt }),
    durationMs: runDurationMs(state),
    tool: started.tool,
    host: started.host,
    driver: started.driver,
    base: started.base,
    head: started.head,
    plan: { digest: started.planDigest, object: started.plan },
    chain: { records: state.records, head: state.head },
    deployments: state.deployments,
    counts: countVerdicts(state.checks),
    operations: state.operations.map(operationOf),
    checks: state.checks.map(checkOf),
    undos: state.undos.map(({ undo, kind, target, outcome, message }) => ({
      undo,
      kind,
      target,
      outcome,
      ...present({ message }),
    })),
    leftovers: leftovers(state).map(({ kind, name, state: left }) => ({
      kind,
      name,
      state: left === 'intended' ? left : 'created',
    })),
    notes: state.notes.map(({ at, seq, severity, code, message }) => ({
      at,
      seq,
      severity,
      code,
      message,
    })),
    ...present({ dropped: state.dropped }),
    notProven: [...notProven(state)],
  };
}

const operationOf = (operation: OperationState): Report['operations'][number] => ({
  name: operation.name,
  outcome: operation.outcome,
  ...present({
    skip: operation.skip,
    stage: operation.stage,
    startedAt: operation.startedAt,
    endedAt: operation.endedAt,
    durationMs: operation.durationMs,
    cause: operation.cause,
    message: operation.message,
  }),
  observations: operation.observations.map(({ what, stage, seq, object }) => ({
    what,
    ...present({ stage }),
    seq,
    object,
  })),
});

const checkOf = (check: CheckState): Report['checks'][number] => ({
  id: check.id,
  after: check.after,
  title: check.title,
  boundary: check.boundary,
  source: check.source,
  verdict: check.verdict,
  message: check.message,
  ...present({ skip: check.skip }),
  touched: [...check.touched],
  evidence: [...check.evidence],
  ...present({
    startedAt: check.startedAt,
    endedAt: check.endedAt,
    durationMs: check.durationMs,
    seq: check.seq,
    unexpected: check.unexpected,
  }),
});

/** The fields that have a value: an absent one is left out of the document, never null. */
function present<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
  };
}
