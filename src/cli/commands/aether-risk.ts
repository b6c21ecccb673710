import { extOption, riskOptions } from '../aether-option-tables.ts';
import type { Command } from '../command.ts';

export const aetherRisk: Command = {
  name: 'aether risk',
  summary: 'Look for what .aether files could do outside, and score it',
  details: ['Judged from tokens, so that a word in a comment or a name is not one in a call.'],
  args: [{ name: 'path', summary: 'files and folders', required: true, multiple: true }],
  options: [
    { name: 'strict', summary: 'any finding of level high fails' },
    ...riskOptions,
    extOption,
  ],
  examples: ['seatrial aether risk --strict workflows'],
  run: async (input, terminal) => {
    const { runRisk } = await import('../aether-run-risk.ts');
    return runRisk(input, terminal);
  },
};
