// Whether this host has what a scenario says it needs. Asked before anything is done; a need that
// cannot be told counts as unmet.

import type { Processes } from '../ports/processes.ts';
import { WorldError } from '../ports/world-error.ts';
import type { Scenario } from '../scenario/scenario-schema.ts';
import type { Terminal } from './command.ts';
import { makeSystem } from './world.ts';

type Environment = Scenario['spec']['environment'];

export type NeedsHost = {
  readonly os: string;
  readonly arch: string;
  /** Undefined where the system has no user ids. */
  readonly userId: number | undefined;
  readonly path: string;
  readonly processes: Processes;
  /** Address of the engine that runs use. */
  readonly dockerHost?: string;
  /** Why a set of packages is not there; absent where no pack describes any. */
  readonly unprepared?: (id: string) => Promise<string | undefined>;
};

/** Ends with exit code 3 before anything is done when this host lacks something. */
export async function assertPossible(
  { spec }: Scenario,
  terminal: Terminal,
  more: Pick<NeedsHost, 'unprepared'> = {},
): Promise<void> {
  const { processes, docker } = makeSystem(terminal);
  const unmet = await unmetNeeds(spec.environment, {
    os: process.platform,
    arch: process.arch,
    userId: process.getuid?.(),
    path: terminal.env['PATH'] ?? '',
    ...{ processes, dockerHost: docker.host, ...more },
  });
  if (unmet.length > 0) throw environmentUnmet(unmet);
}

/** Ends a command with exit code 3, before anything was done. */
export const environmentUnmet = (unmet: readonly string[]): WorldError =>
  new WorldError('unavailable', `environment-unmet: ${unmet.join('; ')}`);

/** One sentence part for each condition that does not hold. */
export async function unmetNeeds(
  { os, arch, needs }: Environment,
  host: NeedsHost,
): Promise<readonly string[]> {
  const unmet: string[] = [];
  if (!os.some((each) => each === host.os))
    unmet.push(`it is for ${os.join(' or ')}, and this is ${host.os}`);
  if (!arch.some((each) => each === host.arch))
    unmet.push(`it is for ${arch.join(' or ')}, and this is ${host.arch}`);
  for (const need of needs) {
    const reason = await unmetReason(need, host);
    if (reason !== undefined) unmet.push(reason);
  }
  return unmet;
}

const preparedNeed = 'prepared:';

/** Sets of packages that it uses. */
export const preparedNeeds = ({ spec }: Scenario): readonly string[] =>
  spec.environment.needs
    .filter((need) => need.startsWith(preparedNeed))
    .map((need) => need.slice(preparedNeed.length));

async function unmetReason(need: string, host: NeedsHost): Promise<string | undefined> {
  if (need === 'root') return host.userId === 0 ? undefined : 'it needs root';
  if (need === 'docker')
    return (await answers(host, ['docker', 'version', '--format', '{{.Server.Version}}'])).ok
      ? undefined
      : 'it needs Docker, and no engine answers';
  if (need === 'netns')
    return (await answers(host, ['unshare', '--net', 'true'])).ok
      ? undefined
      : 'it needs to make network namespaces';
  if (need.startsWith(preparedNeed) && host.unprepared !== undefined)
    return host.unprepared(need.slice(preparedNeed.length));
  return need.startsWith('landlock>=')
    ? landlockReason(Number(need.slice('landlock>='.length)), host)
    : `it needs \`${need}\`, and nothing on this host says that it is there`;
}

/** landlock_create_ruleset with the flag that asks for the version; no tool of its own tells it. */
const landlockVersion = 'print syscall(444, 0, 0, 1)';

async function landlockReason(wanted: number, host: NeedsHost): Promise<string | undefined> {
  const { stdout } = await answers(host, ['perl', '-e', landlockVersion]);
  const version = Math.max(0, Number(stdout) || 0);
  return version >= wanted
    ? undefined
    : `it needs Landlock ${String(wanted)}, and this kernel has ${version === 0 ? 'none' : String(version)}`;
}

const limits = { timeoutMs: 15_000, outputLimitBytes: 4096 };

async function answers(
  { processes, path, dockerHost }: NeedsHost,
  argv: readonly [string, ...string[]],
): Promise<{ readonly ok: boolean; readonly stdout: string }> {
  if ((await processes.find(argv[0])) === undefined) return { ok: false, stdout: '' };
  const { exitCode, stdout } = await processes.run({
    argv,
    cwd: '/',
    env: { PATH: path, ...(dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost }) },
    ...limits,
  });
  return { ok: exitCode === 0, stdout: new TextDecoder().decode(stdout) };
}
