import { resolve } from 'node:path';
import { flag, text, UsageError, type Command } from '../command.ts';
import { exit } from '../exit-codes.ts';

export const keysRevoke: Command = {
  name: 'keys revoke',
  summary: 'Revoke a key: every signature by it fails from then on',
  args: [{ name: 'key', summary: 'its id', required: true }],
  options: [
    { name: 'reason', value: 'TEXT', summary: 'why' },
    { name: 'keys', value: 'FILE', summary: 'list of trusted keys (default seatrial.keys.yaml)' },
  ],
  run: async ({ args, values }, terminal) => {
    const reason = text(values, 'reason');
    if (reason === undefined || reason.trim() === '') throw new UsageError('--reason is missing');
    const path = resolve(terminal.cwd, text(values, 'keys') ?? 'seatrial.keys.yaml');
    const { revokeKey } = await import('../signing.ts');
    const keyId = await revokeKey(path, args[0] ?? '', { reason, terminal });
    terminal.out(flag(values, 'json') ? `${JSON.stringify({ keyId })}\n` : `revoked ${keyId}\n`);
    return exit.passed;
  },
};
