import { jobsOption } from '../aether-option-tables.ts';
import type { Command } from '../command.ts';
import { historyOption, inputOptions, suppressionOptions } from '../findings-options.ts';

export const findingsClassify: Command = {
  name: 'findings classify',
  summary: 'Group what fails by cause, and set known findings aside',
  details: [
    'Exit code 0: everything was classified, whatever it is; --fail-on makes 1 of it. 2: an input is',
    'missing, malformed or holds no test. Results of a part (--limit, --sample) are unfit as a baseline.',
  ],
  options: [
    ...inputOptions,
    {
      name: 'execute',
      summary: 'also run sound workflows, against a provider in memory; nothing outside is touched',
    },
    { name: 'output', short: 'o', value: 'FILE', summary: 'default workflow_failures.json' },
    { name: 'markdown', value: 'FILE', summary: 'default workflow_failures.md' },
    { name: 'limit', value: 'N', summary: 'only the first N in path order' },
    { name: 'sample', value: 'N', summary: 'only N, picked by their path and --seed' },
    { name: 'seed', value: 'S', summary: 'of --sample (default 0)' },
    jobsOption,
    ...suppressionOptions,
    {
      name: 'categories',
      value: 'KIND',
      choices: ['word', 'code-name'],
      summary: 'ParseError, or PARSE_ERROR (default word)',
    },
    {
      name: 'fail-on',
      value: 'WHICH',
      choices: ['none', 'unsuppressed', 'any'],
      summary: 'failures that end with code 1 (default none)',
    },
    { name: 'fail-on-unused', summary: 'a suppression that sets nothing aside ends with code 1' },
    historyOption,
    {
      name: 'history-keep',
      value: 'N',
      summary: 'delete snapshots beyond the last N, at least 20',
    },
    { name: 'no-history', summary: 'keep no snapshot' },
  ],
  examples: [
    'seatrial findings classify --jobs 8 --output workflow_failures.json',
    'seatrial findings classify --input junit:report.xml --fail-on unsuppressed',
  ],
  run: async (input, terminal) => {
    const { runClassify } = await import('../findings-run-classify.ts');
    return runClassify(input, terminal);
  },
};
