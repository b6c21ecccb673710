import { storeOption } from '../common-options.ts';
import type { Command } from '../command.ts';

export const gatesRunbook: Command = {
  name: 'gates runbook',
  summary: 'Probe a system as its runbook says, and show what was expected and what was seen',
  details: [
    'The runbook is a gates file; each of its checks is a row. It is asked of --target, or of an',
    'instance that it starts itself. No results or sign-off are written: a probe is no gate.',
    'Exit code 0: all as expected. 1: one is not. 3: one could not be asked.',
  ],
  options: [
    { name: 'file', value: 'FILE', summary: 'the runbook (default ./runbook.yaml)' },
    { name: 'pack', value: 'NAME', summary: 'or that of a shipped pack, or of a folder' },
    { name: 'target', value: 'URL', summary: 'probe a running system' },
    { name: 'profile', value: 'NAME', summary: 'AETHERRA_PROFILE of targets (default test)' },
    { name: 'timeout', value: 'S', summary: 'seconds for each probe, whatever the file says' },
    { name: 'keys', value: 'FILE', summary: 'trusted keys (default seatrial.keys.yaml)' },
    storeOption,
  ],
  examples: ['seatrial gates runbook --target http://127.0.0.1:8080'],
  run: async (input, terminal) => {
    const { runRunbook } = await import('../gates-runbook.ts');
    return runRunbook(input, terminal);
  },
};
