// Hermes' stand-in: an agent whose configuration is its owner's, with a health page on port 8642.

import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buildInfo } from '../../shared/build-info.ts';
import { Failure, usage } from '../../shared/failure.ts';
import { mutant } from '../../shared/mutant.ts';
import { say, startProgram } from '../../shared/program.ts';
import { writeJson } from '../../shared/write-beside.ts';
import { askModel } from '../ask.ts';
import { serveAgent } from '../serve.ts';
import { tokenDigest } from '../token.ts';
import * as configuration from './config-current.ts';
import { writePidFile } from './pid-file-current.ts';

const commands =
  'hermes --version | gateway run | memory get KEY | memory set KEY VALUE | ask TEXT | doctor --fix';

const port = 8642;

const home = (): string => join(process.env['HOME'] ?? homedir(), '.hermes');
const configFile = (): string => join(home(), 'config.json');
const memoryFile = (): string => join(home(), 'memory.json');

async function runGateway(): Promise<number> {
  const model = configuration.modelOf(configuration.readConfig(configFile()));
  const startedAt = new Date().toISOString();
  const started = { tokenDigest: tokenDigest(home()), model };
  writePidFile(home());
  say(`gateway ready on 127.0.0.1:${String(port)}`);
  return serveAgent({
    port,
    heartbeat: join(home(), 'heartbeat.log'),
    health: () => ({
      status: 'ok',
      platform: mutant('entry.wrong-health') ? 'unknown' : 'hermes-agent',
    }),
    status: () => ({
      version: buildInfo.version,
      pid: process.pid,
      startedAt,
      schema: configuration.configSchema,
      ...started,
    }),
  });
}

function memory([verb, key, value]: readonly string[]): number {
  if (key === undefined) throw usage(commands);
  const path = memoryFile();
  const entries = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>)
    : {};
  if (verb === 'set' && value !== undefined) writeJson(path, { ...entries, [key]: value }, 0o660);
  else if (verb === 'get') {
    const found = Object.hasOwn(entries, key) ? entries[key] : undefined;
    if (found === undefined) throw new Failure(3, `there is no memory ${key}`);
    say(found);
  } else throw usage(commands);
  return 0;
}

async function main([first, ...rest]: readonly string[]): Promise<number> {
  if (first === 'gateway' && rest[0] === 'run') return runGateway();
  if (first === 'memory') return memory(rest);
  if (first === 'doctor' && rest[0] === '--fix') {
    const isMigrated = configuration.migrateConfig(configFile());
    say(isMigrated ? 'configuration brought over to schema 2' : 'nothing to fix');
    return 0;
  }
  if (first !== 'ask' || rest[0] === undefined) throw usage(commands);
  const model = configuration.modelOf(configuration.readConfig(configFile()));
  say(await askModel(model, rest[0]));
  return 0;
}

void startProgram('hermes', main);
