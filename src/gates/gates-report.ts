// From the records of a gate run to what is said of each gate; pure.

import type { CheckState, OperationState, RunState } from '../evidence/run-state.ts';
import type { JsonObject } from '../ports/json.ts';
import { leakCheck, manualCheck } from './gate-plan.ts';
import {
  decide,
  exitCodeOfDecision,
  gateState,
  type Decision,
  type GateState,
} from './gate-state.ts';
import { readPlanNote, type PlanNote } from './plan-note.ts';
import { weighRisks, type WeighedRisk } from './risks.ts';

export type ReportedGate = {
  readonly name: string;
  readonly title: string;
  readonly required: boolean;
  readonly manual: boolean;
  readonly selected: boolean;
  readonly state: GateState;
  readonly durationMs: number;
  readonly details: JsonObject;
  readonly checks: readonly CheckState[];
  /** Why it was not asked, of gates that were not. */
  readonly reason?: string;
};

export type Signature = {
  readonly gate: string;
  readonly signer: string;
  readonly role: string;
  readonly keyId: string;
  readonly statement: string;
  readonly decision: string;
  readonly at: string;
  readonly valid: string;
  readonly evidence: readonly string[];
};

export type GatesReport = {
  readonly state: RunState;
  readonly plan: PlanNote;
  readonly gates: readonly ReportedGate[];
  readonly decision: Decision;
  readonly exitCode: number;
  readonly signatures: readonly Signature[];
  readonly risks: readonly WeighedRisk[];
};

/** Undefined for a run that is not one of gates. */
export function reportGates(state: RunState): GatesReport | undefined {
  const plan = readPlanNote(state);
  if (plan === undefined) return undefined;
  const operations = new Map(state.operations.map((each) => [each.name, each]));
  const byGate = checksByGate(state);
  const details = detailsByGate(state);
  const gates = plan.gates.map((gate) =>
    reportOne(gate, {
      operation: operations.get(gate.name),
      checks: byGate.get(gate.name) ?? [],
      details: details.get(gate.name) ?? {},
      state,
    }),
  );
  const passed = new Set(
    state.checks.filter(({ verdict }) => verdict === 'passed').map(({ id }) => id),
  );
  const risks = weighRisks(plan.risks, passed, state.endedAt ?? state.lastAt);
  const judged = decide(gates, plan.strict_manual);
  const bad = plan.strict_risks && risks.some(({ warning }) => warning !== undefined);
  const decision = bad ? 'no-go' : judged;
  return {
    ...{ state, plan, gates, decision, risks },
    exitCode: exitCodeOf(state, decision),
    signatures: signaturesOf(state),
  };
}

function checksByGate({ checks }: RunState): ReadonlyMap<string, readonly CheckState[]> {
  const byGate = new Map<string, CheckState[]>();
  for (const check of checks) {
    const known = byGate.get(check.after);
    if (known === undefined) byGate.set(check.after, [check]);
    else known.push(check);
  }
  return byGate;
}

type Seen = {
  readonly operation: OperationState | undefined;
  readonly checks: readonly CheckState[];
  readonly details: JsonObject;
  readonly state: RunState;
};

function reportOne(gate: PlanNote['gates'][number], seen: Seen): ReportedGate {
  const { operation, checks } = seen;
  const base = { ...gate, durationMs: operation?.durationMs ?? 0 };
  if (operation?.skip !== undefined)
    return notRun(base, operation.skip.reason, { ...seen, checks: [] });
  const unfinished = whyUnfinished(operation, seen.state);
  const reached = stateOf(gate.name, checks);
  // A fault that was seen stays seen, whatever became of the rest of the gate.
  if (reached !== 'fail' && unfinished !== undefined) return notRun(base, unfinished, seen);
  return reached === 'not-run'
    ? notRun(base, 'no check ran', seen)
    : { ...base, state: reached, details: seen.details, checks };
}

function stateOf(name: string, checks: readonly CheckState[]): GateState {
  const manual = checks.find(({ id }) => id === manualCheck(name));
  const automated = checks.filter(({ id }) => id !== manualCheck(name));
  const verdicts = automated.map(({ verdict }) => verdict);
  return gateState(verdicts, manual?.verdict);
}

const notRun = (
  base: Omit<ReportedGate, 'state' | 'details' | 'checks'>,
  reason: string,
  { details, checks }: Pick<Seen, 'details' | 'checks'>,
): ReportedGate => ({
  ...base,
  state: 'not-run',
  details: { ...details, error: reason },
  checks,
  reason,
});

/** Only a gate that came to its end has an answer. */
function whyUnfinished(
  operation: OperationState | undefined,
  { ended }: RunState,
): string | undefined {
  if (operation?.outcome === 'done') return undefined;
  if (operation?.outcome === 'interrupted') return 'interrupted';
  if (ended === undefined) return 'the run has no end record';
  return ended.outcome === 'completed' ? 'it did not end' : `the run was ${ended.outcome}`;
}

function detailsByGate({ notes }: RunState): ReadonlyMap<string, JsonObject> {
  return new Map(
    notes.flatMap(({ code, details }) => {
      if (code !== 'gate-details' || typeof details?.['gate'] !== 'string') return [];
      return [[details['gate'], (details['details'] ?? {}) as JsonObject]] as const;
    }),
  );
}

function signaturesOf({ notes }: RunState): readonly Signature[] {
  const word = (details: JsonObject, name: string): string => {
    const value = details[name];
    return typeof value === 'string' ? value : '';
  };
  return notes.flatMap(({ code, details }) => {
    if (code !== 'gate-signed' || details === undefined) return [];
    const evidence = Array.isArray(details['evidence'])
      ? (details['evidence'] as JsonObject[])
      : [];
    return [
      {
        gate: word(details, 'gate'),
        signer: word(details, 'signer'),
        role: word(details, 'role'),
        keyId: word(details, 'key_id'),
        statement: word(details, 'statement'),
        decision: word(details, 'decision'),
        at: word(details, 'at'),
        valid: word(details, 'valid'),
        evidence: evidence.map((each) => word(each, 'name')),
      },
    ];
  });
}

function exitCodeOf({ ended }: RunState, decision: Decision): number {
  if (ended?.outcome === 'crashed') return 70;
  if (ended?.outcome === 'interrupted') return ended.exitCode ?? 130;
  // A run that was killed has judged nothing, even if every gate that it reached passed.
  if (ended?.outcome !== 'completed' && decision !== 'no-go') return 3;
  return exitCodeOfDecision(decision);
}

/** Without the runner's own, which are said only when something is wrong with them. */
export const shownChecks = ({ name, checks }: ReportedGate): readonly CheckState[] =>
  checks.filter(({ id, verdict }) => id !== leakCheck(name) || verdict !== 'passed');
