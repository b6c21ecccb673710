import { jobsOption, judgeOptions } from '../aether-option-tables.ts';
import type { Command } from '../command.ts';

export const aetherCheck: Command = {
  name: 'aether check',
  summary: 'Read .aether files and judge what they say, without running anything',
  details: [
    'A PATH is a file, a folder, or - for standard input. Exit code 0: every file would run here.',
    '20 to 27: what all failing files have in common (docs/reference/exit-codes.md); 1: they differ;',
    '2: there was no file. One file’s trouble never keeps the others from being answered.',
  ],
  args: [{ name: 'path', summary: 'files and folders', required: true, multiple: true }],
  options: [
    ...judgeOptions,
    jobsOption,
    {
      name: 'compat',
      value: 'CHECKER',
      choices: ['reference'],
      summary: 'answer as that checker does, to carry old baselines over',
    },
    {
      name: 'cache',
      value: 'FILE',
      summary: 'remember answers by content; may be deleted, must not come from others',
    },
  ],
  examples: [
    'seatrial aether check workflows',
    'aether --check --emit-error-code --json-status workflow.aether',
  ],
  run: async (input, terminal) => {
    const { runCheck } = await import('../aether-run-check.ts');
    return runCheck(input, terminal);
  },
};
