import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildInfo } from '../shared/build-info.ts';
import { Failure } from '../shared/failure.ts';
import { parseArguments } from '../shared/parse-arguments.ts';
import { say, warn } from '../shared/program.ts';
import { askGateway } from './ask-gateway.ts';
import type { Command } from './command.ts';
import { foldersOf } from './folders.ts';

export const gatewayCommands: Readonly<Record<string, Command>> = { start, stop, info, remove };

type Live = { readonly version: string; readonly pid: number };

/** Undefined when nobody answers. */
async function live(): Promise<Live | undefined> {
  try {
    return (await askGateway('status')) as Live;
  } catch (error) {
    if (error instanceof Failure && error.exitCode === 5) return undefined;
    throw error;
  }
}

async function start(args: readonly string[]): Promise<number> {
  const options = { replace: { type: 'boolean' } } as const;
  const { flag } = parseArguments(args, options, 'openshell gateway start [--replace]');
  const running = await live();
  if (running !== undefined && running.version !== buildInfo.version && !flag('replace')) {
    warn(`the gateway that runs is stale: ${running.version}, not ${buildInfo.version}`);
    return 4;
  }
  if (running !== undefined && !flag('replace')) {
    say(`gateway ${running.version} runs already (pid ${String(running.pid)})`);
    return 0;
  }
  if (running !== undefined) await end(running);
  const started = await startProcess();
  say(`gateway ${started.version} started (pid ${String(started.pid)})`);
  return 0;
}

const startsWithinMs = 20_000;

async function startProcess(): Promise<Live> {
  const { state } = foldersOf();
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const log = join(state, 'gateway.out');
  rmSync(log, { force: true });
  const out = openSync(log, 'w', 0o600);
  const program = join(dirname(process.argv[1] ?? ''), 'openshell-gateway');
  if (!existsSync(program)) throw new Failure(1, `there is no ${program}`);
  const child = spawn(program, [], { detached: true, stdio: ['ignore', out, out] });
  let exitCode: number | null | undefined;
  child.on('error', () => (exitCode = 127));
  child.on('exit', (code) => (exitCode = code));
  const until = Date.now() + startsWithinMs;
  while (Date.now() < until && exitCode === undefined) {
    const running = await live();
    if (running !== undefined) {
      child.unref();
      return running;
    }
    await sleep(30);
  }
  child.kill('SIGKILL');
  throw new Failure(1, `the gateway did not start: ${readFileSync(log, 'utf8').trim()}`);
}

/** Waits until the process is gone, not only its socket: the next one takes over its files. */
async function end({ pid }: Live): Promise<void> {
  await askGateway('stop');
  for (let tries = 0; tries < 500; tries += 1) {
    if (!isAlive(pid)) return;
    await sleep(20);
  }
  throw new Failure(124, `the gateway (pid ${String(pid)}) does not end`);
}

/** A process that ended but was not yet reaped answers signals, so its state is read. */
function isAlive(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return !/^[ZX]/.test(text.slice(text.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

async function stop(): Promise<number> {
  const running = await live();
  if (running === undefined) throw new Failure(5, 'no gateway runs');
  await end(running);
  say(`gateway ${running.version} stopped`);
  return 0;
}

function info(): Promise<number> {
  const path = join(foldersOf().state, 'gateway.json');
  if (!existsSync(path)) throw new Failure(3, 'no gateway was ever started here');
  say(readFileSync(path, 'utf8').trim());
  return Promise.resolve(0);
}

/** The gateway, its sandboxes, and all that it kept. */
async function remove(): Promise<number> {
  const { state, run } = foldersOf();
  const running = await live();
  if (running !== undefined) {
    const listed = (await askGateway('sandbox.list')) as readonly {
      name: string;
      status: string;
    }[];
    for (const { name, status } of listed)
      if (status !== 'orphaned') await askGateway('sandbox.delete', { name });
    await end(running);
  }
  rmSync(state, { recursive: true, force: true });
  rmSync(run, { recursive: true, force: true });
  say('gateway removed');
  return 0;
}
