import { Failure, usage } from '../shared/failure.ts';
import { parseArguments } from '../shared/parse-arguments.ts';
import { say } from '../shared/program.ts';
import { askGateway } from './ask-gateway.ts';
import type { Command } from './command.ts';

const putUsage = 'openshell provider create|update NAME [--type TYPE] --credential VARIABLE';

/** The value is read from the environment by its name: a command line is everybody's to read. */
async function put(args: readonly string[], isUpdate: boolean): Promise<number> {
  const options = { type: { type: 'string' }, credential: { type: 'string' } } as const;
  const { words, option } = parseArguments(args, options, putUsage);
  const [[name], credential] = [words, option('credential')];
  if (name === undefined || credential === undefined) throw usage(putUsage);
  const value = process.env[credential];
  if (value === undefined || value === '') throw new Failure(2, `${credential} is not set`);
  const type = option('type') ?? 'generic';
  await askGateway('provider.put', { name, type, credential, value, update: isUpdate });
  say(`provider ${name} ${isUpdate ? 'updated' : 'created'}`);
  return 0;
}

export const providerCommands: Readonly<Record<string, Command>> = {
  create: (args) => put(args, false),
  update: (args) => put(args, true),
  delete: async (args) => {
    const [name] = parseArguments(args, {}, 'openshell provider delete NAME').words;
    await askGateway('provider.delete', { name });
    say(`provider ${name ?? ''} deleted`);
    return 0;
  },
  list: async (args) => {
    parseArguments(args, { json: { type: 'boolean' } }, 'openshell provider list [--json]');
    say(JSON.stringify(await askGateway('provider.list')));
    return 0;
  },
};

export const inferenceCommands: Readonly<Record<string, Command>> = {
  set: async (args) => {
    const options = { endpoint: { type: 'string' }, provider: { type: 'string' } } as const;
    const text = 'openshell inference set --endpoint URL [--provider NAME]';
    const { option } = parseArguments(args, options, text);
    const [endpoint, provider] = [option('endpoint'), option('provider')];
    if (endpoint === undefined) throw usage(text);
    await askGateway('inference.set', {
      endpoint,
      ...(provider === undefined ? {} : { provider }),
    });
    say(`inference.local goes to ${endpoint}`);
    return 0;
  },
  get: async () => {
    say(JSON.stringify(await askGateway('inference.get')));
    return 0;
  },
};
