import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { Failure, usage } from '../shared/failure.ts';
import { parseArguments } from '../shared/parse-arguments.ts';
import { say } from '../shared/program.ts';
import { askGateway } from './ask-gateway.ts';
import type { Command } from './command.ts';

export const policyCommands: Readonly<Record<string, Command>> = { get, set };

type Live = { readonly version: number; readonly hash: string; readonly body: unknown };

const live = async (name: string): Promise<Live> =>
  (await askGateway('policy.get', { name })) as Live;

async function get(args: readonly string[]): Promise<number> {
  const text = 'openshell policy get --full NAME';
  const { words, flag } = parseArguments(args, { full: { type: 'boolean' } }, text);
  const [name] = words;
  if (name === undefined) throw usage(text);
  const { version, hash, body } = await live(name);
  say(`Version: ${String(version)}\nHash: ${hash}`);
  if (flag('full')) say(`---\n${stringify(body).trimEnd()}`);
  return 0;
}

const setUsage = 'openshell policy set NAME --policy FILE [--wait SECONDS]';

async function set(args: readonly string[]): Promise<number> {
  const options = { policy: { type: 'string' }, wait: { type: 'string' } } as const;
  const { words, option } = parseArguments(args, options, setUsage);
  const [[name], file] = [words, option('policy')];
  if (name === undefined || file === undefined) throw usage(setUsage);
  const policy = readFileSync(file, 'utf8');
  const { hash } = (await askGateway('policy.set', { name, policy })) as { hash: string };
  const until = Date.now() + Number(option('wait') ?? '0') * 1000;
  for (;;) {
    const now = await live(name);
    if (now.hash === hash) {
      say(`policy of ${name}: version ${String(now.version)}`);
      return 0;
    }
    if (Date.now() >= until) throw new Failure(124, `the policy of ${name} is not live`);
    await sleep(100);
  }
}
