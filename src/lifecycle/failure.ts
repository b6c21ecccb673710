// The one place where a failure of the outside world turns into what a record says.

import type { OperationOutcome } from '../evidence/record.ts';
import { isAppFault, WorldError } from '../ports/world-error.ts';
import type { Bounded } from './bounded.ts';

export type Ended = {
  readonly outcome: OperationOutcome;
  readonly cause?: string;
  readonly message?: string;
  readonly appFault: boolean;
};

export function endedOf(result: Bounded<unknown>, budgetMs: number): Ended {
  switch (result.kind) {
    case 'value':
      return { outcome: 'done', appFault: false };
    case 'stopped':
      return {
        outcome: 'interrupted',
        cause: 'stopped',
        message: 'the run was stopped while this was under way',
        appFault: false,
      };
    case 'timed-out':
      return {
        outcome: 'timed-out',
        cause: 'timeout',
        message: `not finished after ${String(Math.round(budgetMs / 1000))} s`,
        appFault: false,
      };
    case 'threw':
      return endedByError(result.error);
  }
}

/** Anything but a WorldError is a bug and goes on to the top. */
function endedByError(error: unknown): Ended {
  if (!(error instanceof WorldError)) throw error;
  const appFault = isAppFault(error.code);
  const hint = error.hint === undefined ? '' : ` (${error.hint})`;
  return {
    outcome: appFault ? 'failed' : 'error',
    cause: error.code,
    message: `${error.message}${hint}`,
    appFault,
  };
}

/** Message of a failure whose kind does not matter to the caller. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
