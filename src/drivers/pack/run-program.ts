// A program of a pack's product. Unlike the harness's own commands it may leave something running: the product's
// daemons carry the run's mark, and whoever removes the run ends them.

import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PackCommand, PackResult } from '../../ports/pack.ts';
import { readEnvironment } from '../process/proc.ts';
import { WorldError } from '../../ports/world-error.ts';

const timeoutMsDefault = 60_000;
const outputMax = 4 * 1024 * 1024;
/** A daemon may hold the pipes open for ever; what the program itself wrote is there by then. */
const drainMs = 100;

/** Without links; undefined when there is no such program on the PATH. */
export async function resolveProgram(
  program: string,
  { cwd, path }: { readonly cwd: string; readonly path: string },
): Promise<string | undefined> {
  const candidates = program.includes('/')
    ? [isAbsolute(program) ? program : join(cwd, program)]
    : path.split(delimiter).map((folder) => join(folder, program));
  for (const candidate of candidates)
    try {
      await access(candidate, constants.X_OK);
      // A folder may be entered as a program may be run, and a later folder of the PATH may hold the program.
      if ((await stat(candidate)).isFile()) return await realpath(candidate);
    } catch {
      continue;
    }
  return undefined;
}

/** Throws `not-found` when the program cannot be started. */
export async function runProgram(
  { argv, stdin, timeoutMs = timeoutMsDefault }: PackCommand,
  options: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
    /** Told what the process was really started with. */
    readonly onEnvironment?: (environment: Readonly<Record<string, string>>) => void;
  },
): Promise<PackResult> {
  const [program, ...args] = argv;
  const child = spawn(program, args, { cwd: options.cwd, env: options.env, detached: true });
  const started = child.pid === undefined ? undefined : readEnvironment(child.pid);
  if (started !== undefined) options.onEnvironment?.(started);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      if (output[name].length < outputMax) output[name] += text;
    });
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin ?? '');
  const end = (): void => {
    if (child.pid !== undefined)
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It ended in between.
      }
  };
  const time = { isOver: false };
  const timer = setTimeout(() => {
    time.isOver = true;
    end();
  }, timeoutMs);
  options.signal.addEventListener('abort', end, { once: true });
  try {
    const exit = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    await Promise.race([new Promise((resolve) => child.once('close', resolve)), sleep(drainMs)]);
    const timedOut = time.isOver;
    return { exit: timedOut ? undefined : (exit ?? undefined), timedOut, ...output };
  } catch (cause) {
    throw new WorldError('not-found', `${program} cannot be started`, { cause });
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', end);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}
