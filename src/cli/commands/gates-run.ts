import { storeOption } from '../common-options.ts';
import type { Command, Option } from '../command.ts';
import { gatesFileOptions } from '../gates-file.ts';

export const gatesRunOptions: readonly Option[] = [
  ...gatesFileOptions,
  { name: 'all', summary: 'all gates of the file (default)' },
  {
    name: 'gates',
    value: 'NAME',
    multiple: true,
    summary: 'these alone: --gates A B, or A,B; the decision is then partial at best',
  },
  { name: 'strict-manual', summary: 'a gate whose signature is pending is a no-go' },
  { name: 'strict-risks', summary: 'an overdue or unowned risk is a no-go' },
  { name: 'target', value: 'URL', summary: 'judge a running system instead of starting one' },
  {
    name: 'compute-base',
    summary: 'coverage of a base commit that nobody recorded: run its tests in a fresh copy',
  },
  { name: 'profile', value: 'NAME', summary: 'AETHERRA_PROFILE of targets (default test)' },
  {
    name: 'jobs',
    value: 'N',
    summary: 'how many gates declared parallel: safe at once (default 1)',
  },
  { name: 'timeout', value: 'S', summary: 'seconds for each gate, whatever the file says' },
  { name: 'out', short: 'o', value: 'DIR', summary: 'where the two files are written (default .)' },
  { name: 'sign', value: 'KEY', summary: 'sign results and sign-off with this key' },
  { name: 'keys', value: 'FILE', summary: 'trusted keys (default seatrial.keys.yaml)' },
  { name: 'evidence-base', value: 'URL', summary: 'what links to evidence begin with' },
  { name: 'quiet', short: 'q', summary: 'no progress on standard error' },
  storeOption,
];

const details = [
  'Writes gate_results.json and gate_sign_off.md; the evidence lies in the store.',
  'Exit code 0: go; also pending or partial, which is no release decision. 1: no-go.',
  '2: a bad file or flag; nothing ran. 3: undecided: a gate could not be judged. 130: interrupted.',
];

const run: Command['run'] = async (input, terminal) => {
  const { runGatesCommand } = await import('../gates-run.ts');
  return runGatesCommand(input, terminal);
};

const args = [{ name: 'gate', summary: 'further names after --gates', multiple: true }] as const;

export const gatesRun: Command = {
  name: 'gates run',
  summary: 'Ask every gate, with evidence, and write the go/no-go sign-off',
  details,
  args,
  options: gatesRunOptions,
  examples: [
    'seatrial gates run --file release/gates.yaml --strict-manual',
    'seatrial gates run --gates web_api --target https://staging.example.org',
  ],
  run,
};

/** `gates` without a verb. */
export const gates: Command = {
  name: 'gates',
  summary: 'The same as gates run',
  details,
  args,
  options: gatesRunOptions,
  examples: ['seatrial gates --all'],
  run,
};
