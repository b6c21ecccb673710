import { renderCompletion, shells } from '../completion.ts';
import type { Command } from '../command.ts';

export const completion: Command = {
  name: 'completion',
  summary: 'Print a completion script for your shell',
  args: [{ name: 'shell', summary: 'which shell', required: true, choices: shells }],
  options: [],
  examples: ['seatrial completion bash > /etc/bash_completion.d/seatrial'],
  run: async ({ args }, terminal) => {
    const { commands } = await import('../commands.ts');
    terminal.out(renderCompletion(args[0] as (typeof shells)[number], commands));
    return 0;
  },
};
