// A command in this process, with everything it prints.

import { parseArguments } from '../../src/cli/parse-arguments.ts';
import { UsageError, type Command, type Terminal } from '../../src/cli/command.ts';

export type Ended = {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What was written as bytes. */
  readonly bytes?: Uint8Array;
};

export type Around = {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Whether somebody sits at the terminal. */
  readonly tty?: boolean;
  readonly onOut?: (text: string) => void;
  readonly onErr?: (text: string) => void;
};

/** A wrong command line ends with code 2 and its reason, as in `dispatch`. */
export async function runCommand(
  command: Command,
  argv: readonly string[],
  around: Around,
): Promise<Ended> {
  const written: Written = { out: '', err: '' };
  const terminal = makeTerminal(around, written);
  try {
    const code = await command.run(parseArguments(command, argv), terminal);
    return { code, ...written };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const hint = error.hint === undefined ? '' : `  hint: ${error.hint}\n`;
    return { code: 2, out: written.out, err: `${written.err}${error.message}\n${hint}` };
  }
}

type Written = { out: string; err: string; bytes?: Uint8Array };

function makeTerminal(
  { cwd, env = {}, signal, onOut, onErr, tty = false }: Around,
  written: Written,
): Terminal {
  return {
    out: (text) => {
      written.out += text;
      onOut?.(text);
    },
    outBytes: (bytes) => {
      written.bytes = Buffer.concat([written.bytes ?? new Uint8Array(), bytes]);
    },
    err: (text) => {
      written.err += text;
      onErr?.(text);
    },
    outIsTty: false,
    errIsTty: tty,
    columns: 100,
    colour: false,
    env,
    cwd,
    pid: process.pid,
    node: process.execPath,
    signal: signal ?? new AbortController().signal,
  };
}
