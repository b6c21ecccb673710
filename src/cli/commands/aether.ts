import type { Command } from '../command.ts';
import { aetherCheck } from './aether-check.ts';

/** The source document's command line: no verb, the same flags. */
export const aether: Command = {
  name: 'aether',
  summary: 'Check (--check) .aether files by the flags of the source document',
  details: ['Without a verb. The program aether is the same as seatrial aether.'],
  args: [{ name: 'path', summary: 'files and folders', required: true, multiple: true }],
  options: [
    { name: 'check', summary: 'judge only, run nothing: seatrial aether check' },
    ...aetherCheck.options,
  ],
  examples: ['aether --check --emit-error-code --json-status workflow.aether'],
  run: (input, terminal) => aetherCheck.run(input, terminal),
};
