// A failure while a script runs: how it ends a statement, and how it is told.

import type { Span } from '../diagnostics/diagnostic.ts';
import type { ErrorClass } from './effects.ts';
import type { RuleCode } from './rules.ts';

/** Thrown inside the interpreter only; the run turns it into an outcome. */
export class RunFault extends Error {
  readonly code: RuleCode;
  /** Null for limits of the run itself, which no rule can handle. */
  readonly errorClass: ErrorClass | null;
  readonly span: Span | null;
  /** Set by a transaction that has undone its writes. */
  rolledBack = false;

  constructor(code: RuleCode, errorClass: ErrorClass | null, span: Span | null, message: string) {
    super(message);
    this.code = code;
    this.errorClass = errorClass;
    this.span = span;
  }
}

/** `stop_execution()` was reached. */
export class StopSignal extends Error {}

/** The caller's signal was aborted. */
export class Interrupted extends Error {}

export function typeFault(span: Span, message: string): RunFault {
  return new RunFault('E_RUN_TYPE', 'TypeError', span, message);
}

export function rangeFault(span: Span, message: string): RunFault {
  return new RunFault('E_RUN_RANGE', 'TypeError', span, message);
}

export function keyFault(span: Span, message: string): RunFault {
  return new RunFault('E_RUN_KEY', 'TypeError', span, message);
}
