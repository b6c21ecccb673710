// A terminal whose output can be asked for, for tests that call commands as functions.

import type { Terminal } from '../../src/cli/command.ts';

export type CapturedTerminal = Terminal & {
  readonly said: () => { readonly out: string; readonly err: string };
};

export function captureTerminal(
  given: { readonly cwd?: string; readonly env?: Terminal['env'] } = {},
): CapturedTerminal {
  let [out, err] = ['', ''];
  return {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    said: () => ({ out, err }),
    outIsTty: false,
    errIsTty: false,
    columns: 100,
    colour: false,
    env: { PATH: process.env['PATH'], ...given.env },
    cwd: given.cwd ?? process.cwd(),
    pid: process.pid,
    node: process.execPath,
    signal: new AbortController().signal,
  };
}
