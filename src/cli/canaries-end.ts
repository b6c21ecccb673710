// How a command that plants faults ends: a stop is neither red nor green, and what was not tried is not red.

import { exitCodeOf, stopOf } from '../lifecycle/stop.ts';
import type { Terminal } from './command.ts';
import { exit } from './exit-codes.ts';

/** `good`: what came of each trial that ended as it must; `planned`: how many trials there were to make. */
export function endOfCanaries(
  outcomes: readonly string[],
  { good, planned }: { readonly good: string; readonly planned: number },
  { signal, err }: Pick<Terminal, 'signal' | 'err'>,
): number {
  const stopped = stopOf(signal);
  if (stopped !== undefined) {
    err(`seatrial: ${stopped.message}\n`);
    return exitCodeOf(stopped) ?? exit.unjudged;
  }
  if (outcomes.includes('green')) return exit.failed;
  const all = planned > 0 && outcomes.length === planned;
  return all && outcomes.every((outcome) => outcome === good) ? exit.passed : exit.unjudged;
}
