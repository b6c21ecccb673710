import { UsageError, type Command } from '../command.ts';
import { schemas } from '../schemas.ts';

export const schema: Command = {
  name: 'schema',
  summary: 'Print a published JSON Schema, for editors and other tools',
  args: [{ name: 'name', summary: 'which schema', required: true, choices: Object.keys(schemas) }],
  options: [],
  examples: ['seatrial schema seatrial > seatrial.schema.json'],
  run: async ({ args }, terminal) => {
    const published = schemas[args[0] ?? ''];
    if (published === undefined) throw new UsageError('name is missing');
    terminal.out(`${JSON.stringify(await published.render(), null, 2)}\n`);
    return 0;
  },
};
