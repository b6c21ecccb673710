import type { Transform } from './transform.ts';

export type MigrationLine = {
  readonly path: string;
  readonly counts: Readonly<Partial<Record<Transform, number>>>;
  readonly refusal?: { readonly code: string; readonly message: string };
  readonly diff: string;
};

/** `migration_report.md`: counts, refusals, diffs; the same for the same files. */
export function renderMigrationReport(files: readonly MigrationLine[]): string {
  const changed = files.filter(({ counts }) => Object.keys(counts).length > 0);
  const refused = files.filter(({ refusal }) => refusal !== undefined);
  return [
    '# Migration report',
    '',
    `Files: ${String(files.length)}, changed: ${String(changed.length)}, refused: ${String(refused.length)}.`,
    '',
    '## Transforms',
    '',
    ...listCounts(files),
    '',
    '## Refused',
    '',
    ...orNone(
      refused.map(
        ({ path, refusal }) => `- ${code(path)}: ${refusal?.code ?? ''}, ${refusal?.message ?? ''}`,
      ),
    ),
    '',
    '## Diffs',
    '',
    ...orNone(changed.flatMap(({ path, diff }) => [`### ${code(path)}`, '', ...fence(diff), ''])),
    '',
  ].join('\n');
}

function listCounts(files: readonly MigrationLine[]): readonly string[] {
  const totals = new Map<string, number>();
  for (const { counts } of files)
    for (const [transform, count] of Object.entries(counts))
      totals.set(transform, (totals.get(transform) ?? 0) + count);
  const rows = [...totals].sort(([a], [b]) => (a < b ? -1 : 1));
  return orNone(rows.map(([transform, count]) => `- ${transform}: ${String(count)}`));
}

function orNone(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? ['None.'] : lines;
}

/** A fence longer than any run of backticks inside. */
function fence(text: string): string[] {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const ticks = '`'.repeat(longest + 1);
  return [`${ticks}diff`, text.trimEnd(), ticks];
}

function code(path: string): string {
  return `\`${path.replaceAll('`', "'")}\``;
}
