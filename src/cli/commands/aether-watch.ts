import { judgeOptions } from '../aether-option-tables.ts';
import type { Command } from '../command.ts';

export const aetherWatch: Command = {
  name: 'aether watch',
  summary: 'Check .aether files, and again each one that changes',
  details: [
    'Judges as check does. New folders and files are noticed; links are not followed. Ends when it is',
    'told to (130, 143), or with 26 when a folder it was given is no longer there.',
  ],
  args: [{ name: 'path', summary: 'files and folders', required: true, multiple: true }],
  options: [
    ...judgeOptions.filter(({ name }) => name !== 'stdin-name' && name !== 'exit-style'),
    {
      name: 'cache',
      value: 'FILE',
      summary: 'answers by content, for the first look; may be deleted, must not come from others',
    },
  ],
  examples: ['seatrial aether watch workflows'],
  run: async (input, terminal) => {
    const { runWatch } = await import('../aether-run-watch.ts');
    return runWatch(input, terminal);
  },
};
