import type { Verdict } from '../evidence/verdict.ts';
import { moment } from './measures.ts';
import { fit, padded, painter, safe, type Colour } from './terminal-text.ts';
import { verdictColours } from './terminal.ts';
import { verdictWords } from './verdict-words.ts';

/** One run of a store's list. */
export type RunRow = {
  readonly run: string;
  readonly app: string;
  readonly scenario: string;
  readonly startedAt: string;
  /** Absent while the run goes on, or when it died before it could say. */
  readonly verdict?: Verdict;
  /** Whether the bundle is still in the store. */
  readonly bundle: 'present' | 'missing';
};

const columns = [
  { title: 'run', of: ({ run }: RunRow) => run },
  { title: 'started', of: ({ startedAt }: RunRow) => moment(startedAt) },
  { title: 'app', of: ({ app }: RunRow) => app },
  { title: 'scenario', of: ({ scenario }: RunRow) => scenario },
] as const;

/** Columns never grow beyond this; one long name must not push the others off the screen. */
const widestColumn = 32;

/** The runs in the order given, one line each, the verdict first; says so when there are none. */
export function renderRunsTable(
  rows: readonly RunRow[],
  { width, colour }: { readonly width: number; readonly colour: boolean },
): string {
  if (rows.length === 0) return 'No runs in this store.\n';
  const paint = painter(colour);
  const texts = rows.map((row) => columns.map(({ of }) => fit(safe(of(row)), widestColumn)));
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...texts.map((cells) => (cells[at] ?? '').length)),
  );
  const joined = (cells: readonly string[]): string =>
    cells.map((cell, at) => padded(cell, widths[at] ?? 0)).join('  ');
  const head = fit(`  ${padded('verdict', 13)}${joined(columns.map(({ title }) => title))}`, width);
  const lines = rows.map((row, index) => {
    const { mark, text, tone } = verdictCell(row);
    const rest = fit(joined(texts[index] ?? []), Math.max(10, width - 15));
    return `${paint(tone, `${mark} ${padded(text, 13)}`)}${rest}`.trimEnd();
  });
  return `${[paint('bold', head.trimEnd()), ...lines].join('\n')}\n`;
}

function verdictCell(row: RunRow): {
  readonly mark: string;
  readonly text: string;
  readonly tone: Colour;
} {
  if (row.bundle === 'missing') return { mark: '!', text: 'bundle gone', tone: 'red' };
  if (row.verdict === undefined) return { mark: '▸', text: 'no end yet', tone: 'blue' };
  const { mark, label } = verdictWords[row.verdict];
  return { mark, text: label, tone: verdictColours[row.verdict] };
}
