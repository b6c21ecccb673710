import type { OperationState } from '../evidence/run-state.ts';
import { duration } from './measures.ts';
import { countVerdicts, type CheckGroup } from './overview.ts';
import { fit, hanging, padded, safe, type Colour, type Paint } from './terminal-text.ts';
import { verdictWords, worstFirst } from './verdict-words.ts';

type Page = { readonly width: number; readonly paint: Paint };

export const outcomeMarks: Readonly<
  Record<OperationState['outcome'], { readonly mark: string; readonly colour: Colour }>
> = {
  done: { mark: '✓', colour: 'green' },
  failed: { mark: '✕', colour: 'red' },
  error: { mark: '!', colour: 'yellow' },
  'timed-out': { mark: '!', colour: 'yellow' },
  interrupted: { mark: '!', colour: 'yellow' },
  unfinished: { mark: '!', colour: 'yellow' },
  'not-run': { mark: '–', colour: 'yellow' },
  skipped: { mark: '»', colour: 'dim' },
};

/** `5 passed, 1 failed`, worst first. */
export function checkCounts({ checks }: CheckGroup): string {
  const counts = countVerdicts(checks);
  const parts = worstFirst
    .filter((verdict) => counts[verdict] > 0)
    .map((verdict) => `${String(counts[verdict])} ${verdictWords[verdict].label}`);
  return parts.length === 0 ? 'no checks' : parts.join(', ');
}

/** A line per operation: mark, name, outcome, time and the verdicts of its checks. */
export function operationColumns(groups: readonly CheckGroup[], page: Page): readonly string[] {
  const widest = Math.max(0, ...groups.map(({ name }) => safe(name).length));
  const columns = Math.min(24, widest);
  return groups.flatMap((group) => operationLines(group, columns, page));
}

function operationLines(
  group: CheckGroup,
  columns: number,
  { width, paint }: Page,
): readonly string[] {
  const { operation } = group;
  const { mark, colour } =
    operation === undefined
      ? { mark: ' ', colour: 'dim' as const }
      : outcomeMarks[operation.outcome];
  const cells = [
    padded(fit(safe(group.name), columns), columns),
    padded(operation?.outcome ?? '', 11),
    padded(operation?.durationMs === undefined ? '' : duration(operation.durationMs), 12),
    checkCounts(group),
  ].join('  ');
  return [
    `  ${paint(colour, mark)} ${fit(cells, width - 4)}`,
    ...because(operation).flatMap((text) => hanging('      ', text, width)),
  ];
}

function because(operation: OperationState | undefined): readonly string[] {
  if (operation === undefined) return [];
  const { skip, cause, message } = operation;
  const reason = [cause, message].filter((part) => part !== undefined).join(': ');
  return [
    ...(skip === undefined ? [] : [safe(`${skip.kind}: ${skip.reason}`)]),
    ...(reason === '' ? [] : [safe(reason)]),
  ];
}
