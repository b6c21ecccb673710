// Runs the hooks of the app's owner. They change data or environment and give no verdict: one that
// fails makes its operation failed.

import { sha256Hex } from '../evidence/canonical.ts';
import type { HookRun } from '../ports/app-driver.ts';
import type { JsonObject } from '../ports/json.ts';
import { WorldError } from '../ports/world-error.ts';
import { ciHome, ciProgram } from '../scenario/ci-hooks.ts';
import type { HookName } from '../scenario/manifest.ts';
import type { PlannedHook } from '../scenario/plan.ts';
import { dependencyFacts } from './dependencies.ts';
import { runEnclosed } from './enclosed-hook.ts';
import { describeHook, endedHook } from './hook-result.ts';
import { changeOfLocalCode } from './local-snapshot.ts';
import type { Session } from './session.ts';

const outputMax = 64 * 1024;

type HookContext = {
  readonly operation: string;
  readonly stage: string;
  readonly signal: AbortSignal;
  /** Default: `timeouts.hook`. */
  readonly timeoutMs?: number;
  /** Of a hook that came with the head. */
  readonly authority?: PlannedHook['authority'];
};

/** Runs a hook if the manifest has it. */
export async function runHook(
  session: Session,
  hook: HookName,
  context: HookContext,
): Promise<HookRun | undefined> {
  const planned = session.plan.hooks[hook];
  if (planned === undefined) return undefined;
  const { path, sha256, authority, call = false } = planned;
  const root = authority === undefined ? session.folder : session.localFolder;
  // The app runs as the same user and could write its own hooks.
  const now = await session.world.files.read(`${root}/${path}`).then(sha256Hex);
  const changed = authority === undefined ? undefined : await changeOfLocalCode(session);
  if (now !== sha256 || changed !== undefined)
    throw new WorldError('refused', `snapshot-changed: ${path} is not the hook that was planned`);
  const argv = call ? ciCall(hook) : interpreter(path);
  if (authority === 'sandboxed')
    return runEnclosed(session, { hook, argv, python: call, sha256 }, context);
  return runProgram(session, hook, argv, {
    ...context,
    ...(authority === undefined ? {} : { authority }),
  });
}

/** Runs a program of the app's owner once. Throws `hook-failed` after recording what it did. */
export async function runProgram(
  session: Session,
  hook: string,
  argv: readonly [string, ...string[]],
  context: HookContext,
): Promise<HookRun> {
  const result = await session.world.processes.run({
    argv,
    cwd: context.authority === undefined ? session.folder : session.localFolder,
    env: await hookEnvironment(session, context),
    timeoutMs: context.timeoutMs ?? session.manifest.timeouts.hook * 1000,
    outputLimitBytes: outputMax,
    signal: context.signal,
    channel: true,
  });
  // First the channel: its secrets may stand in the output, of which a part goes into a message.
  await applyChannel(session, hook, result.channel);
  const run = describeHook(hook, result, session.secrets);
  await session.recorder.observe(context.operation, `hook-${hook}`, run as JsonObject);
  return endedHook(run);
}

const ciCall = (hook: HookName): [string, ...string[]] => [
  ...(['python3', '-c', ciProgram, hook, ciHome] as const),
];

/** The command for a program file, by its name. */
export function interpreter(path: string): [string, ...string[]] {
  if (/\.[cm]?js$/.test(path)) return ['node', path];
  return path.endsWith('.sh') ? ['sh', path] : [path];
}

async function hookEnvironment(
  session: Session,
  { operation, stage, authority }: Pick<HookContext, 'operation' | 'stage' | 'authority'>,
): Promise<Record<string, string>> {
  const { deployment } = session.memory;
  const deps = dependencyFacts(session);
  const url = deployment?.url();
  const data = await deployment?.dataFolder?.();
  return {
    PATH: session.world.environment('PATH') ?? '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    HOME: session.work,
    SEATRIAL_APP: session.plan.app,
    SEATRIAL_RUN: session.run,
    SEATRIAL_OPERATION: operation,
    SEATRIAL_STAGE: stage,
    ...(url === undefined ? {} : { SEATRIAL_BASE_URL: url }),
    ...(data === undefined ? {} : { SEATRIAL_DATA: data }),
    ...(Object.keys(deps).length === 0 ? {} : { SEATRIAL_DEPS: JSON.stringify(deps) }),
    ...(authority === undefined ? session.env : declaredFor(session, authority)),
  };
}

/** Code of a change gets what the manifest declares as `env`, no secrets, and the engine only by its line. */
function declaredFor(
  { env, manifest, world }: Session,
  authority: PlannedHook['authority'],
): Record<string, string> {
  const host = world.environment('SEATRIAL_DOCKER_HOST') ?? world.environment('DOCKER_HOST');
  return {
    ...Object.fromEntries(Object.keys(manifest.env).map((name) => [name, env[name] ?? ''])),
    ...(authority === 'approved+docker' && host !== undefined ? { DOCKER_HOST: host } : {}),
  };
}

const linePattern = /^(env|secret) ([A-Za-z_][A-Za-z0-9_]*)=(.*)$/;

/** Lines on descriptor 3: `env KEY=VALUE` for the app, `secret NAME=VALUE` to be masked before use. */
async function applyChannel(session: Session, hook: string, bytes: Uint8Array): Promise<void> {
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    if (line === '') continue;
    const [, kind, name = '', value = ''] = linePattern.exec(line) ?? [];
    if (kind === undefined) {
      await session.recorder.note(
        'hook-channel',
        `hook ${hook} wrote a line that is not understood`,
      );
      continue;
    }
    if (kind === 'secret') {
      session.secrets.redactor.add({ name, value });
      session.secretNames.push(name);
    }
    if (hook === 'preUpgrade') session.upgradeEnv[name] = value;
    else session.env[name] = value;
  }
}
