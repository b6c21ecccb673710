// The commands by which any product of this kind is asked, the reference as well as one that somebody installed, and
// what is read of their answers. Whatever cannot be read is thrown: nobody then knows anything of the product, and a
// check that asked ends as an error.

import type { JsonObject, PackContext, PackResult } from 'seatrial';
import { parse } from 'yaml';
import { agentOf, objectIn, textIn, type AgentName } from './look-sandbox.ts';

type Asking = Pick<PackContext, 'ports'>;
type Argv = readonly [string, ...string[]];

const timeoutMs = 30_000;
/** More than any of these answers has; a product that says more is not understood. */
const answerMax = 1024 * 1024;

/** Gives also answers of commands that failed: what their exit codes mean is the caller's. */
export async function ask({ ports }: Asking, argv: Argv): Promise<PackResult> {
  const answer = await ports.run({ argv, timeoutMs });
  const command = argv.slice(0, 3).join(' ');
  if (answer.timedOut) throw new Error(`\`${command}\` did not answer in time`);
  if (answer.exit === undefined) throw new Error(`\`${command}\` was ended by a signal`);
  if (answer.stdout.length + answer.stderr.length > answerMax)
    throw new Error(`\`${command}\` said more than ${String(answerMax)} characters`);
  return answer;
}

async function mustAnswer(asking: Asking, argv: Argv): Promise<string> {
  const { exit, stdout } = await ask(asking, argv);
  if (exit !== 0) throw new Error(`\`${argv.join(' ')}\` ended with ${String(exit)}`);
  return stdout;
}

const versionPattern = /(?:^|[\sv])(\d{1,6}(?:\.\d{1,6}){2})(?!\w|\.\d)/;

/** The first version of a line; undefined for a line without one. */
export const versionInLine = (line: string): string | undefined =>
  line.length > 500 ? undefined : versionPattern.exec(line)?.[1];

function mustSayVersion(command: string, line: string | undefined): string {
  const version = versionInLine(line ?? '');
  if (version === undefined) throw new Error(`\`${command}\` tells no version`);
  return version;
}

export type Versions = {
  readonly nemoclaw: string;
  readonly openshell: string;
  /** As `openshell status` tells it, which asks the gateway. */
  readonly status: string;
};

export async function versionsOf(asking: Asking): Promise<Versions> {
  const own = async (program: string): Promise<string> => {
    const [line] = (await mustAnswer(asking, [program, '--version'])).split('\n', 1);
    return mustSayVersion(`${program} --version`, line);
  };
  const status = await mustAnswer(asking, ['openshell', 'status']);
  const line = status.split('\n').find((each) => /Version:/.test(each));
  return {
    nemoclaw: await own('nemoclaw'),
    openshell: await own('openshell'),
    status: mustSayVersion('openshell status', line),
  };
}

export type UpgradeSaid = {
  readonly isStale: boolean;
  readonly isCurrent: boolean;
  readonly isUnknown: boolean;
  /** The line about a sandbox; empty when it is not named. */
  readonly lineOf: (name: string) => string;
};

/** What `nemoclaw upgrade-sandboxes --check` said. */
export function readUpgradeCheck(stdout: string): UpgradeSaid {
  const lines = stdout.split('\n');
  return {
    isStale: /stale|need upgrading/i.test(stdout),
    isCurrent: /up to date/i.test(stdout),
    isUnknown: /unknown/i.test(stdout),
    lineOf: (name) => lines.find((line) => wordsIn(line).includes(name)) ?? '',
  };
}

/** Names end where a colon, a bracket or a table's line begins. */
const wordsIn = (line: string): readonly string[] => line.split(/[^A-Za-z0-9@._-]+/);

const noGateway = 5;
const stateWord =
  /^(?:creating|provisioning|ready|running|stopped|failed|error|deleting|orphaned)$/i;

/** State by name, as `openshell sandbox list` tells it; undefined where no gateway answers. */
export async function listSandboxes(
  asking: Asking,
): Promise<ReadonlyMap<string, string> | undefined> {
  const { exit, stdout } = await ask(asking, ['openshell', 'sandbox', 'list']);
  if (exit === noGateway) return undefined;
  if (exit !== 0) throw new Error(`\`openshell sandbox list\` ended with ${String(exit)}`);
  return new Map(
    stdout.split('\n').flatMap((line): (readonly [string, string])[] => {
      const [name = '', ...rest] = line.trim().split(/\s+/);
      const state = rest.find((word) => stateWord.test(word));
      return state === undefined ? [] : [[name, state.toLowerCase()]];
    }),
  );
}

export type SandboxLook = {
  /** Empty when there is none. */
  readonly container: string;
  readonly image: string;
  readonly state: string;
  readonly labels: JsonObject;
};

const nameLabel = 'openshell.ai/sandbox-name';
const none: SandboxLook = { container: '', image: '', state: '', labels: {} };

/** Named by `openshell sandbox list`, and found on the engine by its label. */
export async function lookAtSandbox(asking: Asking, name: string): Promise<SandboxLook> {
  const listed = await listSandboxes(asking);
  if (listed === undefined) return none;
  const state = listed.get(name);
  const [own, other] = (await asking.ports.sandbox.list()).filter(
    ({ Labels }) => objectIn(Labels)[nameLabel] === name,
  );
  if (state === undefined && own === undefined) return none;
  // One of the two was not understood: nothing follows from it, and least of all that there is no sandbox.
  if (state === undefined) throw new Error(`${name} has a container, and the list names it not`);
  if (own === undefined) throw new Error(`${name} is listed, and no container has its label`);
  if (other !== undefined) throw new Error(`more than one container has the label of ${name}`);
  return {
    ...{ container: textIn(own['Id']), image: textIn(own['ImageID']), state },
    labels: objectIn(own['Labels']),
  };
}

/** Through the gateway. */
export const execInSandbox = (asking: Asking, name: string, argv: Argv): Promise<PackResult> =>
  ask(asking, ['openshell', 'sandbox', 'exec', name, '--', ...argv]);

/** What the agent says, asked through the gateway; empty where nothing answers. */
export async function probeVersion(
  context: Asking & Pick<PackContext, 'manifest'>,
  name: string,
  agent: AgentName = agentOf(context),
): Promise<string> {
  const { exit, stdout } = await execInSandbox(context, name, [agent, '--version']);
  return exit === 0 ? mustSayVersion(`${agent} --version`, stdout.split('\n', 1)[0]) : '';
}

/** The body of the live policy. */
export async function livePolicy(asking: Asking, name: string): Promise<JsonObject> {
  const stdout = await mustAnswer(asking, ['openshell', 'policy', 'get', '--full', name]);
  const [, body] = /(?:^|\n)---\n([^]*)$/.exec(stdout) ?? [];
  if (body === undefined) throw new Error(`the policy of ${name} has no body`);
  const value: unknown = parse(body, { maxAliasCount: 0 });
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`the policy of ${name} is no mapping`);
  return value as JsonObject;
}

export type BackupCounts = { readonly backedUp: number; readonly failed: number };

/** What an installer says of the sandboxes that it kept; undefined when it says nothing. */
export function backupCounts(said: string): BackupCounts | undefined {
  const [, backedUp, failed] = /(\d{1,9}) backed up, (\d{1,9}) failed/.exec(said) ?? [];
  return backedUp === undefined
    ? undefined
    : { backedUp: Number(backedUp), failed: Number(failed) };
}

export type PinSaid = 'below' | 'above' | 'neither';

/** Why an installer does not keep the openshell that it found. */
export function pinSaid(said: string): PinSaid {
  if (/below min/i.test(said)) return 'below';
  return /above the max/i.test(said) ? 'above' : 'neither';
}

/** Where the installer's scripts lie in a checkout. */
export const scripts = {
  openshell: 'scripts/install-openshell.sh',
  spark: 'scripts/setup-spark.sh',
} as const;

/** The entrypoint in a sandbox's image, and its digest there. */
export async function entrypointOf(
  { ports }: Asking,
  container: string,
): Promise<{ readonly path: string; readonly sha256: string; readonly isExecutable: boolean }> {
  const path = '/usr/local/bin/nemoclaw-start';
  const { kind, sha256 = '', mode = '0' } = await ports.sandbox.read(container, path);
  return {
    path,
    sha256: kind === 'file' ? sha256 : '',
    isExecutable: kind === 'file' && (Number.parseInt(mode, 8) & 0o111) !== 0,
  };
}
