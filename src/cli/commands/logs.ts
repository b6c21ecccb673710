import { storeOption } from '../common-options.ts';
import { text, type Command } from '../command.ts';
import { openRun, storeOf } from '../store.ts';

export const logs: Command = {
  name: 'logs',
  summary: 'Print what the app wrote during a run, redacted',
  args: [{ name: 'run', summary: 'id, or a unique part of it; default the newest' }],
  options: [
    storeOption,
    { name: 'operation', value: 'NAME', summary: 'of one operation alone, e.g. upgrade' },
  ],
  run: async ({ args, values }, terminal) => {
    const { state, objects } = await openRun(storeOf(values, terminal), args[0]);
    const { renderLogs } = await import('../../reporters/logs.ts');
    const operation = text(values, 'operation');
    terminal.out(renderLogs(state, { objects, ...(operation === undefined ? {} : { operation }) }));
    return 0;
  },
};
