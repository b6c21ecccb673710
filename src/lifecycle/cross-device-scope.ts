// Where a pair of paths is: on this host, or in the mounts that one running container sees.

import type { FixtureReader } from '../ports/fixtures.ts';
import type { JsonObject } from '../ports/json.ts';
import type { ProcessResult } from '../ports/processes.ts';
import { WorldError } from '../ports/world-error.ts';
import type { FixturePlace } from './fixture-kind.ts';

/** All that an undo needs after a crash. */
export type Scope = {
  /** Folder that the fixture makes. */
  readonly base: string;
  /** Id of the container; absent: the host. */
  readonly container?: string;
  readonly env: Readonly<Record<string, string>>;
};

export const scopeIn = (pre: JsonObject): Scope => pre['scope'] as unknown as Scope;

export async function scopeOf(
  reader: Pick<FixtureReader, 'commands'>,
  sandbox: string | undefined,
  { work, id, env, sandboxLabel }: FixturePlace,
): Promise<Scope> {
  const { PATH = '', DOCKER_HOST } = env;
  const kept = { PATH, ...(DOCKER_HOST === undefined ? {} : { DOCKER_HOST }) };
  if (sandbox === undefined) return { base: `${work}/fixture-${id}`, env: kept };
  if (sandboxLabel === undefined)
    throw new WorldError('not-found', 'the pack does not say how its sandboxes are labelled');
  const argv = ['docker', 'ps', '-q', '--no-trunc', '--filter', `label=${sandboxLabel}=${sandbox}`];
  const [container = '', another] = said(await ask(reader, kept, argv)).split('\n');
  if (container === '' || another !== undefined)
    throw new WorldError('not-found', `one container of sandbox ${sandbox} must be running`);
  return { base: `/tmp/seatrial-${id}`, env: kept, container };
}

export type Entered = {
  /** False for a container that does not run: what it held in mounts is gone with it. */
  readonly isThere: boolean;
  /** Goes before a command. */
  readonly prefix: readonly string[];
  /** A script of the shell with the folder as its first argument; its output. Throws when it fails. */
  readonly run: (script: string, folder: string) => Promise<string>;
};

/** A container is asked each time which process is its first: it may have been started again. */
export async function enterScope(
  reader: Pick<FixtureReader, 'commands'>,
  { container, env }: Scope,
): Promise<Entered> {
  const prefix = container === undefined ? [] : await prefixFor(reader, env, container);
  return {
    isThere: prefix !== undefined,
    prefix: prefix ?? [],
    run: async (script, folder) => {
      if (prefix === undefined) throw new WorldError('not-found', 'the sandbox does not run');
      const argv = [...prefix, '/bin/sh', '-euc', script, 'sh', folder];
      const result = await ask(reader, env, argv);
      if (result.exitCode === 0) return said(result);
      throw new WorldError(
        'io',
        `${folder}: ${new TextDecoder().decode(result.stderr).trim().slice(0, 500)}`,
      );
    },
  };
}

async function prefixFor(
  reader: Pick<FixtureReader, 'commands'>,
  env: Scope['env'],
  container: string,
): Promise<readonly string[] | undefined> {
  const argv = ['docker', 'inspect', '--format', '{{.State.Pid}}', container];
  const result = await ask(reader, env, argv);
  const stderr = new TextDecoder().decode(result.stderr);
  if (result.exitCode !== 0 && !/no such/i.test(stderr))
    throw new WorldError('unavailable', `the engine does not answer: ${stderr.slice(0, 500)}`);
  const pid = Number(said(result));
  return pid > 0 ? ['nsenter', '--target', String(pid), '--mount', '--pid', '--'] : undefined;
}

const said = ({ stdout }: ProcessResult): string => new TextDecoder().decode(stdout).trim();

const ask = (
  { commands }: Pick<FixtureReader, 'commands'>,
  env: Scope['env'],
  argv: readonly string[],
): Promise<ProcessResult> =>
  commands.run({
    argv: argv as [string, ...string[]],
    ...{ cwd: '/', env, timeoutMs: 30_000, outputLimitBytes: 1024 * 1024 },
  });
