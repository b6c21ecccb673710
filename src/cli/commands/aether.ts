import { flag, UsageError, type Command } from '../command.ts';
import { aetherCheck } from './aether-check.ts';
import { aetherRun } from './aether-run.ts';

const checkNames = new Set(aetherCheck.options.map(({ name }) => name));
const runNames = new Set(aetherRun.options.map(({ name }) => name));
const ofRunAlone = aetherRun.options.filter(({ name }) => !checkNames.has(name));

/** The source document's command line: no verb, the same flags. */
export const aether: Command = {
  name: 'aether',
  summary: 'Run .aether files, or check them with --check, by the flags of the source document',
  details: ['Without a verb. The program aether is the same as seatrial aether.'],
  args: [
    { name: 'path', summary: 'files; with --check folders too', required: true, multiple: true },
  ],
  options: [
    { name: 'check', summary: 'judge only, run nothing: seatrial aether check' },
    ...aetherCheck.options,
    ...ofRunAlone,
  ],
  examples: [
    'aether --check --emit-error-code --json-status workflow.aether',
    'aether --emit-error-code --json-status workflow.aether',
  ],
  run: (input, terminal) => {
    const isCheck = flag(input.values, 'check');
    const known = isCheck ? checkNames : runNames;
    for (const name of Object.keys(input.values))
      if (!known.has(name) && !['check', 'json', 'help'].includes(name))
        throw new UsageError(`--${name} ${isCheck ? 'does not go with' : 'needs'} --check`);
    return (isCheck ? aetherCheck : aetherRun).run(input, terminal);
  },
};
