// `watch` from its arguments to its exit code: the answer about every file, then about each that
// changes, until the command is told to end.

import { resolve } from 'node:path';
import { exitCodeOf, stopOf } from '../lifecycle/stop.ts';
import { printable } from '../diagnostics/printable.ts';
import type { Stir } from './aether-folder-watch.ts';
import { readExtensions, readJudgeSettings, readPrintSettings } from './aether-options.ts';
import { stdinName } from './aether-paths.ts';
import { openCache, renderTally } from './aether-run-check.ts';
import { openWatched, type Seen, type Watched, type WatchKey } from './aether-watched.ts';
import { text, UsageError, type Input, type Terminal } from './command.ts';
import { exit } from './exit-codes.ts';

type Events = {
  readonly on: {
    readonly stirs: (stirs: readonly Stir<WatchKey>[]) => void;
    readonly trouble: (error: Error) => void;
  };
  /** Batches as they come, until `signal` is aborted. */
  readonly batches: () => AsyncGenerator<readonly Stir<WatchKey>[]>;
};

export async function runWatch(input: Input, terminal: Terminal): Promise<number> {
  const { args, values } = input;
  if (args.includes(stdinName)) throw new UsageError('standard input cannot be watched');
  const judge = await readJudgeSettings(values, terminal);
  const print = readPrintSettings(values, terminal);
  const cache = await openCache(text(values, 'cache'), judge, terminal);
  const walk = { extensions: readExtensions(values), cwd: resolve(terminal.cwd) };
  const memory = cache === undefined ? {} : { memory: cache.memory };
  const events = openEvents(terminal.signal);
  const watched = openWatched(args, { judge, print, walk, ...memory }, events.on);
  try {
    for (const seen of watched.first()) tell(seen, terminal);
    await cache?.save();
    if (print.format === 'text') terminal.out(renderTally(watched.codes));
    return await follow(watched, { events, terminal, isText: print.format === 'text' });
  } finally {
    watched.close();
  }
}

type Following = {
  readonly events: Events;
  readonly terminal: Terminal;
  readonly isText: boolean;
};

async function follow(watched: Watched, { events, terminal, isText }: Following): Promise<number> {
  for await (const stirs of events.batches()) {
    const seen = watched.again(stirs);
    for (const each of seen) tellChange(each, isText, terminal);
    if (isText && seen.length > 0) terminal.out(renderTally(watched.codes));
    const lost = watched.lost();
    if (lost.length === 0) continue;
    terminal.err(`seatrial: no longer there: ${lost.map(printable).join(', ')}\n`);
    return 26;
  }
  const stop = stopOf(terminal.signal);
  return (stop === undefined ? undefined : exitCodeOf(stop)) ?? exit.unjudged;
}

function tell({ out, err }: Seen, terminal: Terminal): void {
  if (err !== '') terminal.err(err);
  if (out !== '') terminal.out(out);
}

/** A file that got well says so; silence would look like a watch that missed it. */
function tellChange(seen: Seen, isText: boolean, terminal: Terminal): void {
  const name = printable(seen.name);
  if (isText && seen.isGone) terminal.out(`${name}: gone\n`);
  else {
    tell(seen, terminal);
    if (isText && seen.code === 0) terminal.out(`${name}: ok\n`);
  }
}

function openEvents(signal: AbortSignal): Events {
  const waiting: (readonly Stir<WatchKey>[])[] = [];
  let trouble: Error | undefined;
  let wake = (): void => undefined;
  signal.addEventListener('abort', () => {
    wake();
  });
  return {
    on: {
      stirs: (stirs) => {
        waiting.push(stirs);
        wake();
      },
      trouble: (error) => {
        trouble ??= error;
        wake();
      },
    },
    async *batches() {
      for (;;) {
        if (trouble !== undefined) throw trouble;
        if (signal.aborted) return;
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  };
}
