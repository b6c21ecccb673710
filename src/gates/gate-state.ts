// From verdicts of checks to the state of a gate, and from states to the decision.

import type { Verdict } from '../evidence/verdict.ts';

export type GateState = 'pass' | 'fail' | 'error' | 'manual-pending' | 'not-run';
export type Decision = 'go' | 'pending' | 'partial' | 'undecided' | 'no-go';

export const marks: Readonly<Record<GateState, string>> = {
  pass: '✅',
  fail: '❌',
  error: '⚠️',
  'manual-pending': '🔧',
  'not-run': '⚪',
};

export type JudgedGate = {
  readonly required: boolean;
  readonly selected: boolean;
  readonly state: GateState;
};

/**
 * `manual`: the verdict of its manual part, absent when it has none; `inconclusive` = nobody has
 * signed yet. No check and no manual part is no pass.
 */
export function gateState(automated: readonly Verdict[], manual?: Verdict): GateState {
  const all = manual === undefined ? automated : [...automated, manual];
  if (all.length === 0) return 'not-run';
  if (all.includes('failed')) return 'fail';
  if (all.every((verdict) => verdict === 'not-run')) return 'not-run';
  if (automated.some((verdict) => verdict !== 'passed')) return 'error';
  if (manual === undefined || manual === 'passed') return 'pass';
  return manual === 'inconclusive' ? 'manual-pending' : 'error';
}

/** Over the required gates; the first rule that fits. */
export function decide(gates: readonly JudgedGate[], strictManual: boolean): Decision {
  const counted = gates.filter(({ required }) => required);
  const selected = counted.filter((gate) => gate.selected);
  const any = (...states: readonly GateState[]) =>
    selected.some(({ state }) => states.includes(state));
  if (any('fail') || (strictManual && any('manual-pending'))) return 'no-go';
  if (any('error', 'not-run') || counted.length === 0) return 'undecided';
  if (selected.length < counted.length) return 'partial';
  return any('manual-pending') ? 'pending' : 'go';
}

const exitCodes: Readonly<Record<Decision, 0 | 1 | 3>> = {
  go: 0,
  pending: 0,
  partial: 0,
  undecided: 3,
  'no-go': 1,
};

export const exitCodeOfDecision = (decision: Decision): 0 | 1 | 3 => exitCodes[decision];
