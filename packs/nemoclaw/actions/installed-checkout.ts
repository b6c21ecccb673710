// What git tells of the product's checkout. It is read as its owner left it: nothing of theirs is run or written.

import { execFile } from 'node:child_process';
import { parse } from 'yaml';

const timeoutMs = 60_000;
const outputMax = 64 * 1024 * 1024;

/** Settings of a checkout may name programs that git would start; an index that is refreshed would be written. */
const quiet = [
  '--no-optional-locks',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
];

export type Ended = { readonly exit: number | undefined; readonly stdout: string };

/** `exit` is undefined for a program that cannot be started, does not end in time or says too much. */
export function runQuietly(
  argv: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  limits = { timeout: timeoutMs, maxBuffer: outputMax },
): Promise<Ended> {
  const [program, ...args] = argv;
  return new Promise((resolve) => {
    execFile(program, args, { env, ...limits, killSignal: 'SIGKILL' }, (error, stdout) => {
      const exit = error === null ? 0 : error.code;
      resolve({ exit: typeof exit === 'number' ? exit : undefined, stdout });
    });
  });
}

/** Standard output; undefined where git says no. */
export async function git(checkout: string, args: readonly string[]): Promise<string | undefined> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    ...{ HOME: '/nonexistent', LC_ALL: 'C', GIT_CONFIG_GLOBAL: '/dev/null' },
    ...{ GIT_CONFIG_NOSYSTEM: '1', GIT_CEILING_DIRECTORIES: checkout.replace(/\/[^/]*$/, '') },
  };
  const safe = ['-c', `safe.directory=${checkout}`];
  const argv = ['git', ...quiet, ...safe, '-C', checkout, ...args] as const;
  const { exit, stdout } = await runQuietly([...argv], env);
  return exit === 0 ? stdout : undefined;
}

/** Of a ref; undefined where there is no such commit. */
export async function commitOf(checkout: string, ref: string): Promise<string | undefined> {
  const found = await git(checkout, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]);
  return found?.trim();
}

export const agentNames = ['openclaw', 'hermes'] as const;

/** Where a release says which agent it brings. */
const manifestsOf = (agent: string): readonly string[] => [
  `blueprint/agents/${agent}.yaml`,
  `agents/${agent}/manifest.yaml`,
];

/** Versions of agents that a release brings, by agent; those that it says nothing of are left out. */
export async function agentsAt(
  checkout: string,
  ref: string,
): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const agent of agentNames)
    for (const path of manifestsOf(agent)) {
      const version = expectedIn(await git(checkout, ['show', `${ref}:${path}`]));
      if (version !== undefined) found[agent] ??= version;
    }
  return found;
}

function expectedIn(text: string | undefined): string | undefined {
  try {
    const told: unknown = parse(text ?? '', { maxAliasCount: 0 });
    if (typeof told !== 'object' || told === null) return undefined;
    const version = (told as Readonly<Record<string, unknown>>)['expected_version'];
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
