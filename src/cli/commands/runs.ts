import { resolve } from 'node:path';
import { storeOption } from '../common-options.ts';
import { flag, text, type Command } from '../command.ts';
import { exit } from '../exit-codes.ts';
import { runIds, storeOf } from '../store.ts';

export const runs: Command = {
  name: 'runs',
  summary: 'List every run this store ever held, newest last',
  details: [
    'A run whose bundle was deleted stays on the list; exit code 1 when the list is broken.',
  ],
  options: [storeOption, { name: 'app', value: 'NAME', summary: 'of one app alone' }],
  run: async ({ values }, terminal) => {
    const store = resolve(terminal.cwd, storeOf(values, terminal));
    const { listOf } = await import('../runs-list.ts');
    const app = text(values, 'app');
    const { rows, faults } = await listOf(store, await runIds(store));
    const chosen = rows.filter((row) => app === undefined || row.app === app);
    const { renderRunsTable } = await import('../../reporters/runs-table.ts');
    terminal.out(
      flag(values, 'json')
        ? `${JSON.stringify({ runs: chosen, faults })}\n`
        : renderRunsTable(chosen, { width: terminal.columns, colour: terminal.colour }),
    );
    for (const fault of faults) terminal.err(`seatrial: ${fault}\n`);
    return faults.length === 0 ? exit.passed : exit.failed;
  },
};
