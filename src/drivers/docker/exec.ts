// A program run beside the app in its container: exit code from the engine's own record, both
// streams apart, time and output bounded.

import type { Deployment } from '../../ports/app-driver.ts';
import { WorldError } from '../../ports/world-error.ts';
import { listContainers, notRunning } from './containers.ts';
import type { Engine } from './engine.ts';
import { demultiplex } from './frames.ts';
import { deployedOf, type Instance } from './instance.ts';
import { assertNotCancelled } from '../exclusively.ts';
import type { Orchestrator } from './orchestrator.ts';

type Limits = Parameters<Deployment['exec']>[2];
export type ExecResult = Awaited<ReturnType<Deployment['exec']>>;

/** Throws `not-found` for a program that is not in the image, `app-failed` when no container runs. */
export async function execIn(
  instance: Instance,
  orchestrator: Orchestrator,
  { service, argv }: { readonly service: string; readonly argv: readonly string[] },
  limits: Limits,
): Promise<ExecResult> {
  const { stack } = deployedOf(instance);
  if (stack.services[service] === undefined)
    throw new WorldError('not-found', `there is no service ${service}`);
  const container = await runningContainer(instance, orchestrator, service);
  return execInContainer(instance.engine, container, { argv }, limits);
}

/** The newest that runs. Throws `app-failed` when there is none. */
export async function runningContainer(
  { engine, state }: Instance,
  orchestrator: Orchestrator,
  service: string,
): Promise<string> {
  const name = state.deployed?.stack.name ?? '';
  const all = await listContainers(engine, orchestrator.filter(name, service));
  const running = all.find(({ State: is }) => is === 'running');
  if (running === undefined) throw notRunning(service);
  return running.Id;
}

const missing = /executable file not found|no such file or directory: unknown/;

type ExecCommand = {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: string;
};

async function createExec(
  engine: Engine,
  container: string,
  { argv, env = {}, user }: ExecCommand,
): Promise<string> {
  const { value } = await engine.call({
    method: 'POST',
    path: `/containers/${container}/exec`,
    json: {
      ...{ Cmd: argv, AttachStdout: true, AttachStderr: true },
      Env: Object.entries(env).map(([name, each]) => `${name}=${each}`),
      ...(user === undefined ? {} : { User: user }),
    },
  });
  return String((value as { readonly Id?: unknown } | null)?.Id);
}

export async function execInContainer(
  engine: Engine,
  container: string,
  command: ExecCommand,
  { timeoutMs, outputLimitBytes, signal }: Limits,
): Promise<ExecResult> {
  const id = await createExec(engine, container, command);
  const deadline = AbortSignal.timeout(Math.ceil(timeoutMs));
  const both = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  const collected = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  try {
    await follow(engine, id, { collected, room: outputLimitBytes, signal: both });
  } catch (error) {
    if (!both.aborted) throw asMissing(error);
    await killExec(engine, id);
    if (signal !== undefined) assertNotCancelled(signal);
  }
  const stdout = new Uint8Array(Buffer.concat(collected.stdout));
  const stderr = new Uint8Array(Buffer.concat(collected.stderr));
  if (deadline.aborted) return { exitCode: undefined, timedOut: true, stdout, stderr };
  const exitCode = await exitCodeOf(engine, id);
  const said = Buffer.from(stdout).toString('utf8');
  if ((exitCode === 126 || exitCode === 127) && said.startsWith('OCI runtime exec failed'))
    throw new WorldError('not-found', said.trim().slice(0, 500));
  return { exitCode, timedOut: false, stdout, stderr };
}

type Collected = Record<'stdout' | 'stderr', Uint8Array[]>;

/** To the end of the output, of which the first bytes are kept. */
async function follow(
  engine: Engine,
  id: string,
  { collected, room, signal }: { collected: Collected; room: number; signal: AbortSignal },
): Promise<void> {
  const answer = await engine.stream({
    method: 'POST',
    path: `/exec/${id}/start`,
    json: { Detach: false, Tty: false },
    signal,
  });
  const left = { stdout: room, stderr: room };
  for await (const { stream, bytes } of demultiplex(answer)) {
    collected[stream].push(bytes.subarray(0, left[stream]));
    left[stream] -= Math.min(bytes.length, left[stream]);
  }
}

const asMissing = (error: unknown): unknown =>
  error instanceof WorldError && missing.test(error.message)
    ? new WorldError('not-found', error.message, { cause: error })
    : error;

async function exitCodeOf(engine: Engine, id: string): Promise<number | undefined> {
  const { value } = await engine.call({ path: `/exec/${id}/json` });
  const { ExitCode: code } = value as { readonly ExitCode?: number | null };
  return code ?? undefined;
}

/** The engine has no call for it; it runs on this host, so its process can be ended directly. */
async function killExec(engine: Engine, id: string): Promise<void> {
  const { value } = await engine.call({ path: `/exec/${id}/json` });
  const { Pid: pid = 0, Running: running } = value as { Pid?: number; Running?: boolean };
  if (running !== true || pid <= 1) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended in between.
  }
}
