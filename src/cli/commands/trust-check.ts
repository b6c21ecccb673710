import type { Command } from '../command.ts';
import { trustOptions } from '../trust-options.ts';

export const trustCheck: Command = {
  name: 'trust check',
  summary: 'Read an allowlist, and say what an app’s own code may do under it',
  details: [
    'Exit code 0: the list is sound and, with an app, its line holds; 1: the app’s code is denied;',
    '2: the list has an error, which denies everything.',
  ],
  args: [{ name: 'app', summary: 'name of the app; none: only the list is read' }],
  options: trustOptions,
  examples: [
    'seatrial trust check',
    'seatrial trust check notes --repository ../notes --head HEAD',
  ],
  run: async (input, terminal) => {
    const { runTrustCheck } = await import('../trust-run.ts');
    return runTrustCheck(input, terminal);
  },
};
