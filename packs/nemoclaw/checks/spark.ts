// What is observed of setup-spark: the engine and its configuration before and after, and which tools were asked.

import type { JsonObject } from 'seatrial';
import { versionIn } from './machine.ts';
import {
  askProgram,
  callsOf,
  exitsOf,
  lookAtEngine,
  sparkFolder,
  type Engine,
  type SparkContext,
} from './spark-machine.ts';

type Ended = { readonly action: { readonly exit: number | null } };
type Collector = {
  readonly before?: (context: SparkContext) => Promise<JsonObject>;
  readonly after: (
    context: SparkContext & Ended & { readonly before?: JsonObject },
  ) => Promise<JsonObject>;
};

/** Compared before and after: the engine, and whatever else is named. */
const comparing = (
  look: (context: SparkContext) => Promise<JsonObject> = () => Promise.resolve({}),
): Collector => ({
  before: async (context) => ({ engine: await lookAtEngine(context), ...(await look(context)) }),
  after: async (context) => {
    const engine = await lookAtEngine(context);
    const was = context.before?.['engine'] as Engine | undefined;
    return {
      ...{ engine, ...(await look(context)), program: await askProgram(context) },
      restarts: engine.starts - (was?.starts ?? 0),
      exit: context.action.exit,
    };
  },
});

/** The other user's own copy, which that user could change. */
async function copyOf({ ports }: SparkContext): Promise<JsonObject> {
  const path = 'sha256sum < "$XDG_RUNTIME_DIR/as-user/daemon.json"';
  const { stdout } = await ports.run({ argv: ['/bin/sh', '-c', path] });
  return { copy: stdout.split(' ')[0] ?? '' };
}

async function brokenFile(context: SparkContext): Promise<JsonObject> {
  const { sha256 = 'absent' } = await context.ports.state.read(
    `${sparkFolder(context)}/broken.json`,
  );
  return { broken: sha256 };
}

export const rootRequired = comparing(copyOf);
export const brokenConfigUntouched = comparing(brokenFile);
export const cgroupModeSet = comparing();
export const otherKeysKept = comparing();
export const idempotent = comparing();

const kubernetes = ['kubelet', 'kubelite', 'microk8s', 'k3s'];

/** All four together, after the last: who was looked for, what else was called, and how each ended. */
export const kubernetesRefused: Collector = {
  after: async (context) => {
    const asked: Record<string, boolean> = {};
    const others: string[] = [];
    for (const name of kubernetes) {
      const calls = await callsOf(context, `spark-${name}`);
      asked[name] = calls.includes(`pgrep\t-x ${name}`);
      others.push(...calls.filter((call) => !call.startsWith('pgrep\t')));
    }
    const { sha256 = 'absent' } = await context.ports.state.read(
      `${sparkFolder(context)}/before.json`,
    );
    const exits = (await exitsOf(context)).slice(-kubernetes.length);
    const engine = await lookAtEngine(context);
    const program = await askProgram(context);
    return { asked, others: others.length, exits, engine, was: sha256, program };
  },
};

/** Over all calls so far: as somebody's, and as root's. */
export const userInDockerGroup: Collector = {
  after: async (context) => {
    const calls = await callsOf(context, 'spark-tools');
    const groups = calls.filter((call) => call.startsWith('usermod\t'));
    return { groups, program: await askProgram(context), exit: context.action.exit };
  },
};

export const waitsThenRestores: Collector = {
  before: async (context) => ({ engine: await lookAtEngine(context) }),
  after: async (context) => {
    const { sha256 = 'absent' } = await context.ports.state.read(
      `${sparkFolder(context)}/before.json`,
    );
    const calls = await callsOf(context, 'spark-down');
    const tries = calls.filter((call) => call.startsWith('docker\tversion')).length;
    const restarts = calls.filter((call) => call === 'systemctl\trestart docker').length;
    const engine = await lookAtEngine(context);
    const program = await askProgram(context);
    return { engine, was: sha256, tries, restarts, program, exit: context.action.exit };
  },
};

const commands = ['nemoclaw', 'nemoclaw-install'];

/** As a user's shell finds them, and nothing but what was installed. */
export const commandsUsable: Collector = {
  after: async (context) => {
    const { ports, product } = context;
    const head = JSON.parse((await ports.state.read(`${product}/build.json`)).text ?? '{}') as {
      readonly version?: string;
    };
    const found: Record<string, JsonObject> = {};
    for (const name of commands) found[name] = await lookAtCommand(context, name);
    const program = await askProgram(context);
    return { found, head: head.version ?? 'unknown', program, exit: context.action.exit };
  },
};

async function lookAtCommand({ ports, home }: SparkContext, name: string): Promise<JsonObject> {
  const env = { PATH: `${home}/.local/bin:/usr/local/bin:/usr/bin:/bin` };
  const where = await ports.run({
    argv: ['/bin/sh', '-c', 'command -v "$1" || :', 'sh', name],
    env,
  });
  const path = where.stdout.trim();
  if (path !== `${home}/.local/bin/${name}`)
    return { resolved: false, help: null, version: 'none' };
  const help = await ports.run({ argv: [path, '--help'], env });
  const told = await ports.run({ argv: [path, '--version'], env });
  return { resolved: true, help: help.exit ?? null, version: versionIn(told.stdout) };
}
