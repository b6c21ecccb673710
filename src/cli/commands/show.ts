import { storeOption } from '../common-options.ts';
import { flag, type Command } from '../command.ts';
import { exitCodeOf, openRun, storeOf } from '../store.ts';

export const show: Command = {
  name: 'show',
  summary: 'Show one run: verdict, reasons, operations, what was not proven',
  details: ['The exit code is the run’s own: 0 passed, 1 failed, 3 could not judge.'],
  args: [{ name: 'run', summary: 'id, or a unique part of it; default the newest' }],
  options: [storeOption],
  run: async ({ args, values }, terminal) => {
    const opened = await openRun(storeOf(values, terminal), args[0]);
    const { renderTerminal } = await import('../../reporters/terminal.ts');
    const { renderJson } = await import('../../reporters/json.ts');
    const { state, objects, root } = opened;
    terminal.out(
      flag(values, 'json')
        ? renderJson(state)
        : renderTerminal(state, {
            objects,
            width: terminal.columns,
            colour: terminal.colour,
            bundle: root,
          }),
    );
    return exitCodeOf(opened, terminal);
  },
};
