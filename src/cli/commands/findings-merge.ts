import { flag, type Command } from '../command.ts';

export const findingsMerge: Command = {
  name: 'findings merge',
  summary: 'Merge suppressions, baselines or trends of two branches, as a git merge driver',
  details: [
    'Writes the merge to OURS. Exit code 0: merged; 1: people must settle what is marked; 2: a side',
    'cannot be read. Counts are computed anew. --install lets git use it in this clone, and names the',
    'files in .gitattributes.',
  ],
  args: [
    { name: 'base', summary: 'the common ancestor; may be empty' },
    { name: 'ours', summary: 'one side; the merge is written here' },
    { name: 'theirs', summary: 'the other side' },
  ],
  options: [
    { name: 'install', summary: 'make it the merge driver of this clone instead of merging' },
    {
      name: 'program',
      value: 'COMMAND',
      summary: '--install: how git calls Seatrial (default seatrial)',
    },
    {
      name: 'path',
      value: 'PATH',
      summary: 'name of the file in the repository; --install: one more',
    },
    { name: 'output', short: 'o', value: 'FILE', summary: 'write there instead' },
  ],
  examples: ['seatrial findings merge --install --program "npx --no-install seatrial"'],
  run: async (input, terminal) => {
    if (flag(input.values, 'install')) {
      const { installMerge } = await import('../findings-install-merge.ts');
      return installMerge(input.values, terminal);
    }
    const { runMerge } = await import('../findings-run-merge.ts');
    return runMerge(input, terminal);
  },
};
