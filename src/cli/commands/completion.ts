import { renderCompletion, shells } from '../completion.ts';
import type { Command } from '../command.ts';

/** Completes itself too, so it is made with the list it is part of. */
export const makeCompletion = (commands: () => readonly Command[]): Command => ({
  name: 'completion',
  summary: 'Print a completion script for your shell',
  args: [{ name: 'shell', summary: 'which shell', required: true, choices: shells }],
  options: [],
  examples: ['seatrial completion bash > /etc/bash_completion.d/seatrial'],
  run: ({ args }, terminal) => {
    terminal.out(renderCompletion(args[0] as (typeof shells)[number], commands()));
    return Promise.resolve(0);
  },
});
