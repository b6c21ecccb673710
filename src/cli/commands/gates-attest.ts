import { storeOption } from '../common-options.ts';
import type { Command } from '../command.ts';
import { gatesFileOptions } from '../gates-file.ts';

export const gatesAttest: Command = {
  name: 'gates attest',
  summary: 'Sign what you saw of a manual gate, for this commit; the next gate run counts it',
  details: [
    'It counts for the commit and the gate as they are now, with a trusted key that the gate lists,',
    'until it is older than the gate allows. A later --reject by a listed signer is a no-go.',
  ],
  args: [{ name: 'gate', summary: 'its name', required: true }],
  options: [
    ...gatesFileOptions,
    { name: 'statement', value: 'TEXT', summary: 'what you confirm, at least 20 characters' },
    { name: 'evidence', value: 'FILE', multiple: true, summary: 'what you saw; repeatable' },
    { name: 'key', value: 'FILE', summary: 'your key (default SEATRIAL_SIGNING_KEY)' },
    { name: 'role', value: 'NAME', summary: 'as whom you sign (default the gate’s)' },
    { name: 'reject', summary: 'sign that it does not hold' },
    { name: 'allow-dirty', summary: 'although the work tree holds changes' },
    { name: 'keys', value: 'FILE', summary: 'trusted keys (default seatrial.keys.yaml)' },
    storeOption,
  ],
  examples: [
    'seatrial gates attest hmr_quiesce --statement "Watched a reload in staging" --evidence audit.log --key ann.key',
  ],
  run: async (input, terminal) => {
    const { runGatesAttest } = await import('../gates-attest.ts');
    return runGatesAttest(input, terminal);
  },
};
