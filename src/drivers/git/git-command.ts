// One git command, with nothing of a repository's or user's configuration that could run a program.

import type { ProcessResult, Processes } from '../../ports/processes.ts';
import { WorldError } from '../../ports/world-error.ts';

export type GitSettings = {
  readonly processes: Processes;
  /** The harness's environment; git gets the few names it needs. */
  readonly env: Readonly<Record<string, string | undefined>>;
};

export type GitCall = {
  /** A repository on this host; absent for commands that need none. */
  readonly repository?: string;
  readonly args: readonly string[];
  /** Commands on local repositories may not reach any other one, not even for missing objects. */
  readonly network?: boolean;
  readonly stdin?: Uint8Array;
  readonly timeoutMs?: number;
  readonly outputLimitBytes?: number;
  /** Beside the few names of the harness's environment. */
  readonly env?: Readonly<Record<string, string>>;
};

const timeoutMsDefault = 60_000;
const outputLimitDefault = 64 * 1024 * 1024;

const passedOn = [
  'PATH',
  'HOME',
  'SSH_AUTH_SOCK',
  'GIT_SSH_COMMAND',
  'GIT_SSL_CAINFO',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
];

const protocols = ['https', 'http', 'ssh', 'git', 'file'];

const pickEnvironment = (
  env: GitSettings['env'],
  names: readonly string[],
): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

function environmentOf(env: GitSettings['env'], network: boolean): Record<string, string> {
  return {
    ...pickEnvironment(env, passedOn),
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'false',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_PROTOCOL_FROM_USER: '0',
    // Goes before `protocol.<name>.allow` of a repository, which goes before `protocol.allow`.
    GIT_ALLOW_PROTOCOL: network ? protocols.join(':') : 'none',
  };
}

function configOf({ repository, network }: GitCall): readonly string[] {
  const values = [
    'core.hooksPath=/dev/null',
    'core.fsmonitor=false',
    'core.attributesFile=/dev/null',
    'gc.auto=0',
    'maintenance.auto=false',
    'fetch.recurseSubmodules=false',
    // Nothing but the object database is read, so whose repository it is makes no difference.
    ...(repository === undefined ? [] : ['safe.directory=*']),
    // A partial clone would fetch missing objects by commands that its own configuration names.
    'protocol.allow=never',
    ...(network === true ? protocols.map((name) => `protocol.${name}.allow=always`) : []),
  ];
  return values.flatMap((value) => ['-c', value]);
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

const networkTrouble =
  /could not resolve|unable to access|connection|could not read from remote|early eof|timed out|remote end hung up/i;
const absence =
  /not a git repository|(does not|doesn't) (exist|appear)|repository not found|no such file|cannot change to/i;

/** The coded failure of a git command from what it said. */
export function gitError(what: string, { stderr, timedOut, cancelled }: ProcessResult): WorldError {
  if (cancelled) return new WorldError('cancelled', `git was cancelled: ${what}.`);
  if (timedOut) return new WorldError('timeout', `git took too long: ${what}.`);
  const said = text(stderr).trim().split('\n').slice(0, 3).join(' ').slice(0, 500);
  const code = absence.test(said) ? 'not-found' : networkTrouble.test(said) ? 'network' : 'io';
  return new WorldError(code, `git could not ${what}: ${said}`);
}

export type GitCommand = (call: GitCall) => Promise<ProcessResult>;

export function makeGitCommand({ processes, env }: GitSettings): GitCommand {
  return async (call) => {
    const result = await processes.run({
      argv: [
        'git',
        '--no-replace-objects',
        '--no-pager',
        ...configOf(call),
        ...(call.repository === undefined ? [] : ['-C', call.repository]),
        ...call.args,
      ],
      cwd: '/',
      env: { ...environmentOf(env, call.network === true), ...call.env },
      timeoutMs: call.timeoutMs ?? timeoutMsDefault,
      outputLimitBytes: call.outputLimitBytes ?? outputLimitDefault,
      ...(call.stdin === undefined ? {} : { stdin: call.stdin }),
    });
    if (result.droppedBytes > 0)
      throw new WorldError('limit', `git ${call.args[0] ?? ''} answered with too much.`);
    return result;
  };
}
