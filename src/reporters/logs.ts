import type { RunState } from '../evidence/run-state.ts';
import { showEvidence, type Objects } from './evidence-text.ts';
import { safe, safeLines } from './terminal-text.ts';

/** Observations of this name, or below it (`logs.web`), hold what the app wrote. */
const logsName = /^logs(?:\.|$)/u;

export const isAppLog = ({ what }: { readonly what: string }): boolean => logsName.test(what);

/** Per operation, so that a report of a chatty app stays readable; the bundle holds the rest. */
const limits = { limitBytes: 4 * 1024 * 1024, limitLines: 50_000 };

/** What the app wrote, operation after operation; `operation` chooses one. */
export function renderLogs(
  state: RunState,
  { objects, operation }: { readonly objects: Objects; readonly operation?: string },
): string {
  const parts = state.operations
    .filter(({ name }) => operation === undefined || name === operation)
    .flatMap(({ observations }) => observations)
    .filter(isAppLog)
    .map(({ object, operation: after, what }) => {
      const shown = showEvidence(object, objects, limits);
      const lines = shown.text === '' ? [] : safeLines(shown.text);
      const end = shown.omitted === undefined ? [] : [`== ${safe(shown.omitted)}`];
      const head = `== ${safe(after)} ${safe(what)}`;
      return [head, ...lines.map((line) => `| ${line}`), ...end].join('\n');
    });
  const whole = operation === undefined ? 'this run' : `operation ${safe(operation)}`;
  if (parts.length === 0) return `No app output was recorded for ${whole}.\n`;
  return `${parts.join('\n')}\n`;
}
