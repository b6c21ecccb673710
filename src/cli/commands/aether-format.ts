import {
  dialectOption,
  exitStyleOption,
  extOption,
  functionsOption,
  stdinNameOption,
} from '../aether-option-tables.ts';
import type { Command } from '../command.ts';

export const aetherFormat: Command = {
  name: 'aether format',
  summary: 'Print .aether files in the one layout of the language, or rewrite them',
  details: [
    'Files that cannot be read (20), are of a dialect without a layout (24) or are signed (22) stay',
    'as they are. What is written reads the same: that is checked for each file before it is written.',
  ],
  args: [{ name: 'path', summary: 'files and folders', required: true, multiple: true }],
  options: [
    { name: 'check', summary: 'write nothing; name what would change, and end with 1 if anything' },
    { name: 'write', summary: 'rewrite the files, and name those that changed' },
    { name: 're-sign', value: 'FILE', summary: 'private key that signs signed files again' },
    extOption,
    stdinNameOption,
    dialectOption,
    functionsOption,
    exitStyleOption,
  ],
  examples: ['seatrial aether format --check workflows', 'seatrial aether format --write a.aether'],
  run: async (input, terminal) => {
    const { runFormat } = await import('../aether-run-format.ts');
    return runFormat(input, terminal);
  },
};
