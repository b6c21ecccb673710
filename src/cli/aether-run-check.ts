// `check` from its arguments to its exit code.

import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { codeNames, combineCodes } from '../aether/answer.ts';
import { makeCache, readCacheFile, writeCacheFile } from './aether-cache.ts';
import type { Printed } from './aether-judge.ts';
import type { JudgeSettings, Memory } from './aether-settings.ts';
import { judgeMany } from './aether-many.ts';
import {
  count,
  exitStyle,
  openFiles,
  readJudgeSettings,
  readPrintSettings,
} from './aether-options.ts';
import { text, type Input, type Terminal } from './command.ts';
import { exit } from './exit-codes.ts';

export async function runCheck(input: Input, terminal: Terminal): Promise<number> {
  const { args, values } = input;
  const judge = await readJudgeSettings(values, terminal);
  const print = readPrintSettings(values, terminal);
  const jobs = count(values, 'jobs', availableParallelism());
  const files = await openFiles(input, terminal, judge.maxBytes);
  const cache = await openCache(text(values, 'cache'), judge, terminal);
  const tally = openTally(terminal);
  const memory = cache === undefined ? {} : { memory: cache.memory };
  const { signal } = terminal;
  for await (const printed of judgeMany(files, { judge, print, jobs, signal, ...memory }))
    tally.add(printed);
  await cache?.save();
  if (tally.codes.size === 0) return emptyInput(args, terminal);
  if (print.format === 'text') terminal.out(renderTally(tally.codes));
  return combineCodes(tally.codes.keys(), exitStyle(values));
}

/** Nothing was looked at, which must not read as a success. */
export function emptyInput(args: readonly string[], terminal: Terminal): number {
  terminal.err(`seatrial: E_INPUT_EMPTY: no workflow file in ${args.join(', ')}\n`);
  terminal.err('  hint: folders are searched for *.aether; --ext names other endings\n');
  return exit.usage;
}

type Tally = {
  readonly codes: ReadonlyMap<number, number>;
  readonly add: (printed: Printed) => void;
};

export function openTally(terminal: Terminal): Tally {
  const codes = new Map<number, number>();
  return {
    codes,
    add: ({ code, out, err }) => {
      codes.set(code, (codes.get(code) ?? 0) + 1);
      if (err !== '') terminal.err(err);
      if (out !== '') terminal.out(out);
    },
  };
}

/** `4 files: 3 SUCCESS, 1 PARSE_ERROR` */
export function renderTally(codes: ReadonlyMap<number, number>): string {
  const rows = [...codes].sort(([a], [b]) => a - b);
  const total = rows.reduce((sum, [, files]) => sum + files, 0);
  const names: Readonly<Record<number, string>> = codeNames;
  const told = rows.map(([code, files]) => `${String(files)} ${names[code] ?? String(code)}`);
  return `${String(total)} ${total === 1 ? 'file' : 'files'}: ${told.join(', ')}\n`;
}

type OpenCache = { readonly memory: Memory; readonly save: () => Promise<void> };

export async function openCache(
  asked: string | undefined,
  judge: JudgeSettings,
  terminal: Terminal,
): Promise<OpenCache | undefined> {
  if (asked === undefined) return undefined;
  const path = resolve(terminal.cwd, asked);
  const cache = makeCache(await readCacheFile(path), judge);
  return {
    memory: cache,
    save: async () => {
      const failed = await writeCacheFile(path, cache.render());
      if (failed !== undefined) terminal.err(`seatrial: the cache was not kept: ${failed}\n`);
    },
  };
}
