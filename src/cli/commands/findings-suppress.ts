import type { Command } from '../command.ts';
import { fromOption, inputOptions, suppressionOptions } from '../findings-options.ts';

export const findingsSuppress: Command = {
  name: 'findings suppress',
  summary: 'Look after findings that are set aside: list, template, prune',
  details: [
    'list: every entry, whether it counts and what is odd about it; exit code 2 when a file is invalid.',
    'template: records for the most frequent findings; valid once its TODOs are filled in.',
    'prune: take records away that are expired, old or unused. Git merges the file by findings merge.',
  ],
  args: [
    {
      name: 'action',
      summary: 'what to do',
      required: true,
      choices: ['list', 'template', 'prune'],
    },
  ],
  options: [
    ...suppressionOptions,
    fromOption,
    ...inputOptions,
    { name: 'top', value: 'N', summary: 'template: so many fingerprints (default 10)' },
    { name: 'older-than', value: 'DAYS', summary: 'prune: created more days ago, such as 90d' },
    { name: 'expired', summary: 'prune: ended before today' },
    { name: 'unused', summary: 'prune: sets nothing aside in the findings at hand' },
    { name: 'dry-run', summary: 'prune: only say what would be taken away' },
  ],
  examples: [
    'seatrial findings suppress template --top 5',
    'seatrial findings suppress prune --expired --unused --input junit:report.xml',
  ],
  run: async (input, terminal) => {
    const { runSuppress } = await import('../findings-run-suppress.ts');
    return runSuppress(input, terminal);
  },
};
