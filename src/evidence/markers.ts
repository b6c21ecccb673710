import type { RunState } from './run-state.ts';

/**
 * One line for each expected id in plan order, for readers of old logs: `PASS: <id>` only for a
 * check that passed. The six verdicts are in the records.
 */
export function renderMarkers(state: RunState): string {
  return state.checks
    .filter((check) => check.unexpected !== true)
    .map(({ id, verdict }) => `${verdict === 'passed' ? 'PASS' : 'FAIL'}: ${id}\n`)
    .join('');
}
