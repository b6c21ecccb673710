// What a check expects of its facts, as data: written in a pack's register, stored in every evidence object.

import type { Json } from '../ports/json.ts';

/** Compare one operand with `value`, or with what is at `to`. */
export const comparingOperators = [
  ...(['equals', 'not-equals', 'same-as', 'differs-from', 'contains', 'lacks'] as const),
  ...(['subset-of', 'set-equals', 'at-least', 'at-most', 'newer-than'] as const),
] as const;
/** Ask one operand alone. */
export const askingOperators = ['exists', 'absent', 'non-empty'] as const;
export const operators = [...comparingOperators, ...askingOperators, 'matches'] as const;

export type Operator = (typeof operators)[number];

export type Expectation = {
  /** JSON Pointer into what was observed. */
  readonly at: string;
  readonly op: Operator;
  /** The other operand: a literal, … */
  readonly value?: Json;
  /** … or a JSON Pointer into what was observed. */
  readonly to?: string;
  /** Why the operands may be empty; otherwise an empty comparison proves nothing. */
  readonly mayBeEmpty?: string;
  /** Code of the message when it does not hold. */
  readonly reason?: string;
};

export const evidenceSchema = 'seatrial.evidence/v1';
