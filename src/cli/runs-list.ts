import { systemFiles } from '../drivers/files.ts';
import { readRunsList } from '../evidence/runs-list.ts';
import type { RunRow } from '../reporters/runs-table.ts';

/** The store's list folded to one row per run, and what is wrong with the list itself. */
export async function listOf(
  root: string,
  present: readonly string[],
): Promise<{ readonly rows: readonly RunRow[]; readonly faults: readonly string[] }> {
  const description = `${root}/store.json`;
  if ((await systemFiles.stat(description)) === undefined) return { rows: [], faults: [] };
  const { id } = JSON.parse(await systemFiles.readText(description, 4096)) as { id: string };
  const { lines, faults } = await readRunsList({ files: systemFiles, root, id });
  const rows = new Map<string, RunRow>();
  for (const { run, app, scenario, at, verdict } of lines) {
    const startedAt = rows.get(run)?.startedAt ?? at;
    const bundle = present.includes(run) ? 'present' : 'missing';
    rows.set(run, { run, app, scenario, startedAt, bundle, ...(verdict ? { verdict } : {}) });
  }
  return { rows: [...rows.values()], faults: faults.map(({ message }) => message) };
}
