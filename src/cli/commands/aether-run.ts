import { judgeOptions } from '../aether-option-tables.ts';
import type { Command } from '../command.ts';

export const aetherRun: Command = {
  name: 'aether run',
  summary: 'Check .aether files and run them',
  details: [
    'A file with errors is not run. Without --provider every call fails with',
    'E_RUNTIME_SERVICE_MISSING: no answer is ever made up. --provider fake keeps everything in memory',
    'and its clock jumps, so that equal runs leave equal records. --provider FILE is a module (.mjs, .js,',
    '.ts) of one file that exports call(name, args, kwargs, {deadline, capabilities, signal}), which',
    'answers {ok: true, value, tokens, undo} or {ok: false, kind, message}, and maybe functions (the names',
    'it answers), plugins (version by name), capabilities (a list) and isMock. It runs in a process of its',
    'own, and only if the allowlist names its content; otherwise the answer shows the line to add.',
  ],
  args: [
    { name: 'file', summary: 'files, or - for standard input', required: true, multiple: true },
  ],
  options: [
    ...judgeOptions,
    { name: 'dry-run', summary: 'call nothing; print what would be called' },
    { name: 'provider', value: 'fake|FILE', summary: 'who answers calls' },
    { name: 'trust', value: 'FILE', summary: 'the allowlist (default ./trust.allow)' },
    {
      name: 'plugin',
      value: 'NAME@VERSION',
      multiple: true,
      summary: 'a plugin of the fake provider',
    },
    {
      name: 'capability',
      value: 'NAME',
      multiple: true,
      summary: 'a capability of the fake provider',
    },
    { name: 'max-steps', value: 'N', summary: 'statements run at most (default 10000)' },
    { name: 'timeout', value: 'SECONDS', summary: 'longest run (default 60)' },
    { name: 'max-parallel', value: 'N', summary: 'calls at the same time (default 8)' },
    { name: 'strict', summary: 'failures that on_error handled fail the run too' },
    { name: 'record', value: 'FILE', summary: 'write what happened, one JSON line per file' },
  ],
  examples: [
    'seatrial aether run --provider fake digest.aether',
    'seatrial aether run --provider ./mail-sender.mjs --trust trust.allow digest.aether',
    'aether --json-status digest.aether',
  ],
  run: async (input, terminal) => {
    const { refuseFolders, runScripts } = await import('../aether-run-script.ts');
    refuseFolders(input.args, terminal);
    return runScripts(input, terminal);
  },
};
