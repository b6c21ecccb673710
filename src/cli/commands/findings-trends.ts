import { flag, text, type Command } from '../command.ts';
import { defaults, historyOption } from '../findings-options.ts';

export const findingsTrends: Command = {
  name: 'findings trends',
  summary: 'Show how counts went from snapshot to snapshot, and what came back',
  options: [historyOption],
  run: async ({ values }, terminal) => {
    const { loadTrends, readSnapshots } = await import('../findings-history.ts');
    const { reportTrends } = await import('../../findings/trends.ts');
    const { fileAt } = await import('../findings-options.ts');
    const { renderTrendReport } = await import('../findings-render-trends.ts');
    const folder = text(values, 'history-dir') ?? defaults.history;
    const trends = await loadTrends(folder, terminal);
    const snapshots = await readSnapshots(
      fileAt(folder, terminal),
      trends.map(({ file }) => file),
    );
    const report = reportTrends(trends, snapshots);
    terminal.out(flag(values, 'json') ? `${JSON.stringify(report)}\n` : renderTrendReport(report));
    return 0;
  },
};
