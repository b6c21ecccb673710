// OpenClaw's stand-in: an agent with a home, a memory, plugins and a gateway of its own.

import { join } from 'node:path';
import { buildInfo } from '../../shared/build-info.ts';
import { Failure, usage } from '../../shared/failure.ts';
import { mutant } from '../../shared/mutant.ts';
import { say, startProgram } from '../../shared/program.ts';
import { askModel } from '../ask.ts';
import { serveAgent } from '../serve.ts';
import { tokenDigest } from '../token.ts';
import * as home from './home-current.ts';
import * as plugins from './plugins-current.ts';

const commands =
  'openclaw --version | gateway run | memory get KEY | memory set KEY VALUE | ask TEXT | plugins list | plugins install FOLDER [--force] | doctor --fix';

const port = 18789;

const extensions = (): string => join(home.homeFolder(), 'extensions');

async function runGateway(): Promise<number> {
  home.readConfig();
  const startedAt = new Date().toISOString();
  // Read once: what runs is what was configured at its start.
  const started = { tokenDigest: tokenDigest(home.homeFolder()), model: home.primaryModel() };
  say(`gateway ready on 127.0.0.1:${String(port)}`);
  return serveAgent({
    port,
    heartbeat: join(home.homeFolder(), 'heartbeat.log'),
    health: () => ({ status: 'ok', platform: 'openclaw' }),
    status: () => ({
      version: buildInfo.version,
      pid: process.pid,
      startedAt,
      schema: home.homeSchema,
      ...started,
      plugins: plugins.listPlugins(extensions()),
    }),
  });
}

async function ask(question: string): Promise<number> {
  const isCanned = mutant('agent.canned-answer');
  say(
    isCanned
      ? Array.from(question).reverse().join('')
      : await askModel(home.primaryModel(), question),
  );
  return 0;
}

function memory([verb, key, value]: readonly string[]): number {
  if (key === undefined) throw usage(commands);
  const entries = home.readMemory();
  if (verb === 'set' && value !== undefined) home.writeMemory({ ...entries, [key]: value });
  else if (verb === 'get') {
    const found = Object.hasOwn(entries, key) ? entries[key] : undefined;
    if (found === undefined) throw new Failure(3, `there is no memory ${key}`);
    say(found);
  } else throw usage(commands);
  return 0;
}

function managePlugins([verb, ...rest]: readonly string[]): number {
  if (verb === 'list') {
    say(JSON.stringify(plugins.listPlugins(extensions())));
    return 0;
  }
  const [folder] = rest.filter((each) => each !== '--force');
  if (verb !== 'install' || folder === undefined) throw usage(commands);
  say(`installed ${plugins.installPlugin(extensions(), folder, rest.includes('--force'))}`);
  return 0;
}

function doctor(args: readonly string[]): number {
  if (args[0] !== '--fix') throw usage(commands);
  const done = home.fixHome();
  for (const each of done.length === 0 ? ['nothing to fix'] : done) say(each);
  return 0;
}

async function main([first, ...rest]: readonly string[]): Promise<number> {
  if (first === 'gateway' && rest[0] === 'run') return runGateway();
  if (first === 'memory') return memory(rest);
  if (first === 'ask' && rest[0] !== undefined) return ask(rest[0]);
  if (first === 'plugins') return managePlugins(rest);
  if (first === 'doctor') return doctor(rest);
  throw usage(commands);
}

void startProgram('openclaw', main);
