import { flag, type Command } from '../command.ts';
import { exit } from '../exit-codes.ts';

export const keysList: Command = {
  name: 'keys list',
  summary: 'List trusted keys and whether each is valid now',
  options: [
    { name: 'keys', value: 'FILE', summary: 'list of trusted keys (default seatrial.keys.yaml)' },
  ],
  run: async ({ values }, terminal) => {
    const { listKeys } = await import('../signing.ts');
    const keys = await listKeys(values, terminal);
    terminal.out(
      flag(values, 'json')
        ? `${JSON.stringify(keys)}\n`
        : keys.map(({ keyId, owner, status }) => `${keyId}  ${owner}  ${status}\n`).join(''),
    );
    return exit.passed;
  },
};
