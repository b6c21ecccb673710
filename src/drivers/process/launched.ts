// What both ways of launching a command share: the shapes, its streams, and why it could not start.

import type { ChildProcess } from 'node:child_process';
import { accessSync, constants as access, statSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { pipeline, Readable, type Writable } from 'node:stream';

import { WorldError, type WorldErrorCode } from '../../ports/world-error.ts';

export type Survivor = { readonly pid: number; readonly command: string };
export type Exit = { readonly code?: number; readonly signal?: NodeJS.Signals };
export type OutputStream = 'stdout' | 'stderr' | 'channel';

/** What /proc shows of a program at its exec, before its own code can overwrite any of it. */
export type Born = {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly executable: string;
  readonly cwd: string;
};

export type LaunchOptions = {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly channel: boolean;
  /** What descendants that outlive the command get between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  readonly onOutput: (stream: OutputStream, bytes: Buffer) => void;
  /** Asks for `born`. A program that needs its set-user-id bit does not get it then. */
  readonly birth?: boolean;
  /** Absolute path of perl; undefined launches without a guardian. */
  readonly perl: string | undefined;
};

export type Ending = {
  /** Descendants that left the group and outlived the command, or that only SIGKILL ended. */
  readonly survivors: readonly Survivor[];
  /** SIGKILL was needed after a stop or for a survivor. */
  readonly forced: boolean;
};

export type Launched = {
  readonly pid: number;
  readonly startTime: number;
  /** Equal to the command's own without a guardian. */
  readonly guardianPid: number;
  readonly guardianStartTime: number;
  /** Absent unless asked for, without a guardian, and where the kernel refuses to trace. */
  readonly born?: Born;
  /** The command itself ended. */
  readonly exited: Promise<Exit>;
  /** No descendant is left and all output has been handed over. */
  readonly ended: Promise<Ending>;
  readonly stop: (signal: NodeJS.Signals, graceMs: number) => void;
};

const startTroubles: Readonly<Record<number, WorldErrorCode>> = {
  [constants.errno.ENOENT]: 'not-found',
  [constants.errno.ENOTDIR]: 'not-found',
  [constants.errno.EACCES]: 'permission',
  [constants.errno.EPERM]: 'permission',
  [constants.errno.E2BIG]: 'limit',
  [constants.errno.EAGAIN]: 'limit',
  [constants.errno.ENOMEM]: 'limit',
};

/** The failure of starting `argv` in `cwd`, by step and errno. */
export function startTrouble(
  { argv, cwd }: Pick<LaunchOptions, 'argv' | 'cwd'>,
  step: string,
  errno: number,
): WorldError {
  const name = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0];
  const what = step === 'chdir' ? `enter folder ${cwd}` : `start ${argv[0]}`;
  return new WorldError(
    startTroubles[errno] ?? 'io',
    `Cannot ${what}: ${name ?? `errno ${String(errno)}`}.`,
  );
}

/** Absolute path of a program on a search path, or undefined. Names with a slash are not searched for. */
export function findProgram(program: string, searchPath: string): string | undefined {
  const candidates = program.includes('/')
    ? [program]
    : searchPath.split(delimiter).map((folder) => join(folder === '' ? '.' : folder, program));
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, access.X_OK);
      return statSync(candidate).isFile();
    } catch {
      return false;
    }
  });
}

export const signalName = (number: number): NodeJS.Signals | undefined =>
  (Object.entries(constants.signals) as [NodeJS.Signals, number][]).find(
    ([, candidate]) => candidate === number,
  )?.[0];

/** Signals a process, or a group when negative. Gone already is no failure. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone, or another user's: whoever asked looks again whether it lives.
  }
}

/** A promise and the functions that settle it; settling it twice does nothing. */
export function deferred<Value>(): {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (reason: Error) => void;
} {
  let resolve: (value: Value) => void = () => undefined;
  let reject: (reason: Error) => void = () => undefined;
  const promise = new Promise<Value>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Waits for streams to end after their writers are gone; a foreign holder of one must not keep us. */
const streamTailMs = 1000;

export async function drained(streams: readonly Readable[]): Promise<void> {
  const ends = streams.map((stream) =>
    stream.closed || stream.readableEnded
      ? Promise.resolve()
      : new Promise<void>((resolve) => {
          stream.once('close', resolve);
          stream.once('end', resolve);
        }),
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, streamTailMs);
  });
  await Promise.race([Promise.all(ends), late]);
  clearTimeout(timer);
  for (const stream of streams) stream.destroy();
}

function feed(stdin: Writable, given: LaunchOptions['stdin']): void {
  if (given === undefined || given instanceof Uint8Array) stdin.end(given);
  // `pipeline` ends the source too when the command closes its input or is gone.
  else pipeline(Readable.from(given, { objectMode: false }), stdin, () => undefined);
}

/** Connects the streams that both ways of launching share. */
export function connectStreams(child: ChildProcess, options: LaunchOptions): readonly Readable[] {
  const [stdin, stdout, stderr, channel] = child.stdio as unknown as [
    Writable | null,
    Readable | null,
    Readable | null,
    (Readable | null)?,
  ];
  // A command that does not read its input is no failure.
  stdin?.on('error', () => undefined);
  if (stdin !== null) feed(stdin, options.stdin);
  const named: readonly [OutputStream, Readable | null | undefined][] = [
    ['stdout', stdout],
    ['stderr', stderr],
    ['channel', channel],
  ];
  return named.flatMap(([name, stream]) => {
    if (stream === null || stream === undefined) return [];
    stream.on('data', (bytes: Buffer) => {
      options.onOutput(name, bytes);
    });
    stream.on('error', () => undefined);
    return [stream];
  });
}
