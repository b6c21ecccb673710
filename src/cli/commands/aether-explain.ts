import type { Command } from '../command.ts';

export const aetherExplain: Command = {
  name: 'aether explain',
  summary: 'Print the page of a rule of the .aether language, or list all rules',
  args: [{ name: 'code', summary: 'E_CALL_UNKNOWN, W_NAME_MAYBE …; default all', multiple: true }],
  options: [],
  examples: ['seatrial aether explain E_AWAIT_MISSING'],
  run: async (input, terminal) => {
    const { runExplain } = await import('../aether-rule-pages.ts');
    return runExplain(input, terminal);
  },
};
