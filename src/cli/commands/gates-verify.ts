import { storeOption } from '../common-options.ts';
import type { Command } from '../command.ts';

export const gatesVerify: Command = {
  name: 'gates verify',
  summary: 'Check a sign-off against its run, its evidence and its signature',
  details: [
    'Everything is read again: one changed byte of results, sign-off, journal or evidence is named.',
    'Exit code 0: it holds. 1: it does not. 2: there is no sign-off to check.',
  ],
  args: [{ name: 'folder', summary: 'where gates run wrote to (default .)' }],
  options: [
    { name: 'commit', value: 'SHA', summary: 'it must be of this commit, and of nothing besides' },
    { name: 'max-age', value: 'TIME', summary: 'it must not be older, e.g. 72h' },
    { name: 'require-go', summary: 'its decision must be go' },
    { name: 'strict', summary: 'it must be signed' },
    { name: 'keys', value: 'FILE', summary: 'trusted keys (default seatrial.keys.yaml)' },
    storeOption,
  ],
  examples: ['seatrial gates verify release --require-go --strict --max-age 24h'],
  run: async (input, terminal) => {
    const { runGatesVerify } = await import('../gates-verify.ts');
    return runGatesVerify(input, terminal);
  },
};
