import { dialectIds } from '../../aether/dialect.ts';
import { dialectOption, extOption, stdinNameOption } from '../aether-option-tables.ts';
import type { Command } from '../command.ts';

export const aetherDialect: Command = {
  name: 'aether dialect',
  summary: 'Tell the dialect of .aether files, and the lines that decided it',
  details: [
    `Dialects: ${dialectIds.join(', ')}. Authority: --dialect, then a comment # @dialect: ID in the`,
    'first 20 lines, then the marks of most lines, then what reads with fewer errors.',
  ],
  args: [{ name: 'path', summary: 'files and folders', required: true, multiple: true }],
  options: [dialectOption, extOption, stdinNameOption],
  examples: ['seatrial aether dialect old-workflow.aether'],
  run: async (input, terminal) => {
    const { runDialect } = await import('../aether-run-dialect.ts');
    return runDialect(input, terminal);
  },
};
