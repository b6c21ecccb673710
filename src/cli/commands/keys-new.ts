import { resolve } from 'node:path';
import { flag, text, UsageError, type Command } from '../command.ts';
import { exit } from '../exit-codes.ts';

export const keysNew: Command = {
  name: 'keys new',
  summary: 'Make a key that signs evidence, and list its public half as trusted',
  details: [
    'The private half is written with mode 0600 and never printed. Sign with it by',
    '--key FILE or SEATRIAL_SIGNING_KEY.',
  ],
  options: [
    { name: 'owner', value: 'NAME', summary: 'who signs with it' },
    {
      name: 'out',
      short: 'o',
      value: 'FILE',
      summary: 'private key (default seatrial-signing-key.pem)',
    },
    { name: 'keys', value: 'FILE', summary: 'list of trusted keys (default seatrial.keys.yaml)' },
    { name: 'days', value: 'N', summary: 'how long it is valid (default 365)' },
  ],
  examples: ['seatrial keys new --owner release-team'],
  run: async ({ values }, terminal) => {
    const owner = text(values, 'owner');
    if (owner === undefined) throw new UsageError('--owner is missing', 'name who signs with it');
    const days = Number(text(values, 'days') ?? '365');
    if (!Number.isInteger(days) || days < 1 || days > 3650)
      throw new UsageError('--days takes 1 to 3650');
    const { newKey } = await import('../signing.ts');
    const out = resolve(terminal.cwd, text(values, 'out') ?? 'seatrial-signing-key.pem');
    const keys = resolve(terminal.cwd, text(values, 'keys') ?? 'seatrial.keys.yaml');
    const made = await newKey({ owner, days, out, keys }, terminal);
    terminal.out(
      flag(values, 'json')
        ? `${JSON.stringify(made)}\n`
        : `key ${made.keyId} of ${owner}\n  private: ${made.out} (keep it; never commit it)\n  trusted: ${made.keys} (commit it)\n`,
    );
    return exit.passed;
  },
};
