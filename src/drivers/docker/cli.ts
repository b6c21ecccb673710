// The official programs, for what operators' tools do on the client's side.

import { join } from 'node:path';

import type { ProcessResult } from '../../ports/processes.ts';
import { WorldError } from '../../ports/world-error.ts';
import { type Instance } from './instance.ts';
import { assertNotCancelled } from '../exclusively.ts';

const outputBytes = 256 * 1024;

export type CliCall = {
  readonly args: readonly string[];
  readonly stdin: string;
  readonly signal: AbortSignal;
};

/** Throws `unavailable` when the program is not there. */
export async function runCli(
  instance: Instance,
  { args, stdin, signal }: CliCall,
): Promise<ProcessResult> {
  const { options, context, settings, engine } = instance;
  const program = await options.processes.find('docker');
  const [argv, config] = await command(instance, program, args);
  const result = await options.processes.run({
    argv,
    cwd: context.work,
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: context.work,
      DOCKER_HOST: `unix://${engine.socket}`,
      ...(config === undefined ? {} : { DOCKER_CONFIG: config }),
    },
    stdin: new TextEncoder().encode(stdin),
    timeoutMs: settings.timeouts.deploy * 1000,
    outputLimitBytes: outputBytes,
    signal,
  });
  assertNotCancelled(signal);
  if (result.timedOut)
    throw new WorldError('timeout', `docker ${args.join(' ')} ran over its time`);
  return result;
}

/** The plugin alone needs no client beside it; else the client finds it. */
async function command(
  { options }: Instance,
  docker: string | undefined,
  args: readonly string[],
): Promise<readonly [readonly [string, ...string[]], string | undefined]> {
  const { cliConfig } = options;
  if (args[0] === 'compose' && cliConfig !== undefined) {
    const plugin = join(cliConfig, 'cli-plugins', 'docker-compose');
    if ((await options.files.stat(plugin)) !== undefined)
      return [[plugin, ...args.slice(1)], cliConfig];
  }
  if (docker === undefined)
    throw new WorldError('unavailable', 'the program docker is not installed', {
      hint: 'Install docker.io or the docker CLI; `npm run docker -- up` does it on Debian.',
    });
  return [[docker, ...args], cliConfig];
}

export const saidBy = ({ stdout, stderr }: ProcessResult): string =>
  Buffer.concat([stderr, stdout]).toString('utf8').trim().slice(-2000);
