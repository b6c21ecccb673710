import type { Command } from '../command.ts';

export const findingsMerge: Command = {
  name: 'findings merge',
  summary: 'Merge suppressions, baselines or trends of two branches, as a git merge driver',
  details: [
    'Writes the merge to OURS. Exit code 0: merged; 1: people must settle what is marked; 2: a side',
    'cannot be read. Counts are computed anew. To let git use it:',
    '  git config merge.seatrial-findings.driver "seatrial findings merge %O %A %B --path %P"',
    '  echo "seatrial.suppressions.yaml merge=seatrial-findings" >> .gitattributes',
    '  echo "parse_baseline.json merge=seatrial-findings" >> .gitattributes',
  ],
  args: [
    { name: 'base', summary: 'the common ancestor; may be empty', required: true },
    { name: 'ours', summary: 'one side; the merge is written here', required: true },
    { name: 'theirs', summary: 'the other side', required: true },
  ],
  options: [
    { name: 'path', value: 'PATH', summary: 'name of the file in the repository' },
    { name: 'output', short: 'o', value: 'FILE', summary: 'write there instead' },
  ],
  run: async (input, terminal) => {
    const { runMerge } = await import('../findings-run-merge.ts');
    return runMerge(input, terminal);
  },
};
