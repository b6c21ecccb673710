import { exitStyleOption, extOption } from '../aether-option-tables.ts';
import type { Command } from '../command.ts';

export const aetherSign: Command = {
  name: 'aether sign',
  summary: 'Sign .aether files: a first line over every byte behind it',
  details: [
    'A signature that is there is replaced. seatrial keys new makes a key; its private half is read',
    'from a file with mode 0600 and never printed.',
  ],
  args: [{ name: 'path', summary: 'files and folders', required: true, multiple: true }],
  options: [
    { name: 'key', value: 'FILE', summary: 'private key (default SEATRIAL_SIGNING_KEY)' },
    extOption,
    exitStyleOption,
  ],
  examples: ['seatrial aether sign --key release.pem workflows'],
  run: async (input, terminal) => {
    const { runSign } = await import('../aether-run-sign.ts');
    return runSign(input, terminal);
  },
};
