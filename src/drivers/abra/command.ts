// One call of abra. Its success is an exit code and the absence of a fatal line: some of its failures are
// told on standard output alone.

import { createHash } from 'node:crypto';

import type { Processes } from '../../ports/processes.ts';
import { WorldError } from '../../ports/world-error.ts';
import { systemPath } from './system-path.ts';

export type AbraPlace = {
  readonly processes: Processes;
  /** Absolute path of the program. */
  readonly program: string;
  /** `ABRA_DIR`. */
  readonly home: string;
  /** Environment that names the engine. */
  readonly engine: Readonly<Record<string, string>>;
};

export type AbraCall = {
  readonly args: readonly string[];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
};

export type AbraAnswer = {
  readonly exitCode: number | undefined;
  /** Both streams as a terminal shows them, without its control characters. */
  readonly said: string;
  readonly failed: boolean;
};

const outputBytes = 1024 * 1024;

/** abra asks a terminal for its width and for answers, so it gets one, and no input. */
export async function callAbra(
  { processes, program, home, engine }: AbraPlace,
  { args, timeoutMs, signal }: AbraCall,
): Promise<AbraAnswer> {
  const script = await processes.find('script');
  if (script === undefined)
    throw new WorldError('unavailable', 'the program script is not installed', {
      hint: 'abra runs in a terminal of its own: install util-linux (Debian: bsdutils).',
    });
  const line = [program, ...args].map(quoted).join(' ');
  const result = await processes.run({
    argv: [script, '--quiet', '--return', '--command', `exec ${line}`, '/dev/null'],
    cwd: home,
    env: {
      ...{ PATH: systemPath, HOME: home, LANG: 'C.UTF-8', SHELL: '/bin/sh' },
      ...{ ABRA_DIR: home, NO_COLOR: '1', TERM: 'dumb' },
      ...engine,
    },
    timeoutMs,
    outputLimitBytes: outputBytes,
    ...(signal === undefined ? {} : { signal }),
  });
  if (result.cancelled) throw new WorldError('cancelled', 'the operation was cancelled');
  if (result.timedOut)
    throw new WorldError('timeout', `abra ${args.slice(0, 3).join(' ')} ran over its time`);
  const said = plain(Buffer.concat([result.stdout, result.stderr]).toString('utf8'));
  const { exitCode } = result;
  return { exitCode, said, failed: exitCode !== 0 || /^\s*FATA\b/m.test(said) };
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

const controls = /\u001b\[[0-9;?]*[A-Za-z]|\r|[\u0000-\u0008\u000b-\u001f]/g;

const plain = (text: string): string => text.replaceAll(controls, '').trim();

export type AbraFound = {
  readonly program: string;
  readonly version: string;
  readonly sha256: string;
};

/** What must be there, by command. Its name, and the flags that are given to it. */
export const flagsNeeded: Readonly<Record<string, readonly string[]>> = {
  'app new': ['--server', '--domain', '--no-input'],
  'app deploy': ['--chaos', '--no-input', '--no-domain-checks', '--no-converge-checks'],
  'app undeploy': ['--no-input'],
  'app secret generate': ['--all', '--machine', '--no-input'],
  'app secret insert': ['--file', '--no-input'],
  'app secret remove': ['--all', '--no-input'],
  'app volume remove': ['--force', '--no-input'],
  'app remove': ['--force', '--no-input'],
};

const askTimeoutMs = 20_000;

/** Throws `unavailable` where abra is not here, or lacks a flag. */
export async function findAbra(
  place: Omit<AbraPlace, 'program'>,
  read: (path: string) => Promise<Uint8Array>,
): Promise<AbraFound> {
  const program = await place.processes.find('abra');
  if (program === undefined)
    throw new WorldError('unavailable', 'the program abra is not installed', {
      hint: 'Install abra, or take `driver: swarm`, which deploys the same recipe without it.',
    });
  const ask = (args: readonly string[]): Promise<AbraAnswer> =>
    callAbra({ ...place, program }, { args, timeoutMs: askTimeoutMs });
  const version = await ask(['--version']);
  if (version.failed)
    throw new WorldError('unavailable', `abra does not say its version: ${version.said}`);
  for (const [command, flags] of Object.entries(flagsNeeded)) {
    const { said } = await ask([...command.split(' '), '--help']);
    const missing = flags.filter((flag) => !new RegExp(`(^|\\s)${flag}\\b`, 'm').test(said));
    if (missing.length > 0)
      throw new WorldError('unavailable', `abra ${command} has no ${missing.join(', ')}`, {
        hint: `This abra calls itself ${version.said.slice(0, 80)}; install a newer one.`,
      });
  }
  return {
    program,
    version: version.said.replace(/^abra version\s+/, '').slice(0, 80),
    sha256: createHash('sha256')
      .update(await read(program))
      .digest('hex'),
  };
}
