import type { Command } from '../command.ts';
import { trustOptions } from '../trust-options.ts';

export const trustDigest: Command = {
  name: 'trust digest',
  summary:
    'Print the allowlist line for the code that an app’s repository brings, and what to read',
  details: [
    'The digest covers tests/ and seatrial.yaml at one commit, read from the objects of the repository:',
    'nothing is checked out or run. One changed byte, name or mode makes another digest.',
  ],
  args: [{ name: 'app', summary: 'name of the app', required: true }],
  options: trustOptions.filter(({ name }) => name !== 'trust'),
  examples: ['seatrial trust digest notes --repository ../notes --head change/7'],
  run: async (input, terminal) => {
    const { runTrustDigest } = await import('../trust-run.ts');
    return runTrustDigest(input, terminal);
  },
};
