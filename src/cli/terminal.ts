// The process as commands see it: streams, environment, and one signal for every way of being told
// to end.

import type { Stop } from '../lifecycle/stop.ts';
import type { Terminal } from './command.ts';

const parentCheckMs = 2_000;

export type OpenedTerminal = {
  readonly terminal: Terminal;
  /** Whether an exception was thrown where nobody could catch it. */
  readonly hasBug: () => boolean;
  /** Why a part of standard output was lost, although somebody was there to read it. */
  readonly lostOutput: () => Promise<string | undefined>;
  readonly close: () => void;
};

export function openTerminal(): OpenedTerminal {
  const controller = new AbortController();
  const stop = (reason: Stop): void => {
    if (!controller.signal.aborted) controller.abort(reason);
    else process.stderr.write(`seatrial: ${reason.cause} again: cleanup goes on\n`);
  };
  const handlers = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((cause) => {
    const handler = (): void => {
      stop({ cause, message: `the run was told to end by ${cause}` });
    };
    process.on(cause, handler);
    return { cause, handler };
  });
  let bug = false;
  // Left to itself it would end the process without cleanup, and with the exit code of a failed app.
  const onBug = (error: unknown): void => {
    bug = true;
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`seatrial: this is a bug in Seatrial, please report it\n${told}\n`);
    stop({ cause: 'bug', message: 'an exception was thrown where nobody could catch it' });
  };
  process.on('uncaughtException', onBug);
  let lost: string | undefined;
  // Writing to a reader that went away must not end the process in the middle of a cleanup. A disk that
  // is full is another matter: half a document must not look like a whole one.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') lost ??= error.code ?? error.message;
  });
  process.stderr.on('error', () => undefined);
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop({ cause: 'parent-gone', message: 'the process that started the run is gone' });
  }, parentCheckMs);
  watch.unref();
  return {
    terminal: makeTerminal(controller.signal),
    hasBug: () => bug,
    lostOutput: async () => {
      // Errors of a stream are told after the write has returned.
      await new Promise((told) => setImmediate(told));
      return lost;
    },
    close: () => {
      process.off('uncaughtException', onBug);
      clearInterval(watch);
      for (const { cause, handler } of handlers) process.off(cause, handler);
    },
  };
}

function makeTerminal(signal: AbortSignal): Terminal {
  const { stdout, stderr, env } = process;
  const colour = env['NO_COLOR'] === undefined && env['TERM'] !== 'dumb' && stdout.isTTY;
  return {
    out: (text) => void stdout.write(text),
    outBytes: (bytes) => void stdout.write(bytes),
    err: (text) => void stderr.write(text),
    outIsTty: stdout.isTTY,
    errIsTty: stderr.isTTY && env['CI'] === undefined && env['TERM'] !== 'dumb',
    columns: stdout.columns > 0 ? stdout.columns : 100,
    colour,
    env,
    cwd: process.cwd(),
    pid: process.pid,
    node: process.execPath,
    signal,
  };
}
